using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Tests.Postgres;

namespace Microsoft.ML.Mrl.Tests.Transforms;

public class MrlTransformerTests
{
    private readonly MLContext _ml = new(1);
    private readonly LinearHead _head = SampleHeads.Random(12, 10, [2, 4, 10]);
    private readonly float[][] _rows = [.. SampleVectors.Random(6, 12), new float[12]];

    [Fact]
    public void ApplyEmbeddingHead_DenseRows_EqualsThePlainLoop()
    {
        IDataView view = SampleVectors.View(_ml, _rows);

        float[][] got = SampleVectors.Read(_ml.Transforms.ApplyEmbeddingHead("Mrl", "Embedding", _head).Fit(view).Transform(view), "Mrl");

        Assert.Equal(_rows.Length, got.Length);
        for (int i = 0; i < got.Length; i++)
        {
            SampleHeads.AssertIsApplied(_head, _rows[i], got[i]);
        }
    }

    [Fact]
    public void ApplyEmbeddingHead_SparseRows_GiveTheBitsOfDenseRows()
    {
        float[] dense = [0, 1.5f, 0, 0, -2, 0, 0, 0, 0, 0, 0, 0.25f];
        IDataView view = SampleVectors.View(
            _ml, 12,
            [SampleVectors.Dense(dense), SampleVectors.Sparse(12, (1, 1.5f), (4, -2f), (11, 0.25f)), SampleVectors.Sparse(12),
            SampleVectors.Dense(new float[12])]);

        float[][] got = SampleVectors.Read(_ml.Transforms.ApplyEmbeddingHead("Mrl", "Embedding", _head).Fit(view).Transform(view), "Mrl");

        Assert.Equal(SampleHeads.Bits(got[0]), SampleHeads.Bits(got[1]));
        Assert.Equal(SampleHeads.Bits(got[3]), SampleHeads.Bits(got[2]));
    }

    [Theory]
    [InlineData(11)]
    [InlineData(13)]
    public void Fit_ColumnOfAnotherWidth_NamesBothWidths(int width)
    {
        IDataView view = SampleVectors.View(_ml, width, []);

        var e = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Transforms.ApplyEmbeddingHead("Mrl", "Embedding", _head).Fit(view));

        Assert.StartsWith(
            $"Schema mismatch for input column 'Embedding': expected Vector<Single, 12> (the width the head was trained on), got Vector<Single, {width}>", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void GetOutputSchema_MissingColumn_NamesIt()
    {
        IDataView view = SampleVectors.View(_ml, _rows);

        var e = Assert.Throws<ArgumentOutOfRangeException>(
            () => _ml.Transforms.ApplyEmbeddingHead("Mrl", "Missing", _head).GetOutputSchema(SchemaShape.Create(view.Schema)));

        Assert.StartsWith("Could not find input column 'Missing'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ApplyEmbeddingHead_WithoutAHead_Refuses() =>
        Assert.Throws<ArgumentNullException>("head", () => _ml.Transforms.ApplyEmbeddingHead("Mrl", "Embedding", null!));

    [Fact]
    public void Transform_SaysWhatWasTrainedAndByWhichHead()
    {
        IDataView view = SampleVectors.View(_ml, _rows);
        IEstimator<MrlTransformer> estimator = _ml.Transforms.ApplyEmbeddingHead("Mrl", "Embedding", _head);

        DataViewSchema.Column got = estimator.Fit(view).GetOutputSchema(view.Schema)["Mrl"];

        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 10), got.Type);
        Assert.True(EmbeddingAnnotations.TryGetTrainedDimensions(got, out MatryoshkaDimensions? trained));
        Assert.Equal([2, 4, 10], trained);
        Assert.Equal(_head.Fingerprint, EmbeddingAnnotations.TryGetHeadFingerprint(got));
        Assert.False(got.IsNormalized());
        SchemaShape.Column shape = estimator.GetOutputSchema(SchemaShape.Create(view.Schema)).Single(c => c.Name == "Mrl");
        Assert.Equal(got.Annotations.Schema.Select(a => a.Name).Order(), shape.Annotations.Select(a => a.Name).Order());
    }

    [Fact]
    public void TruncateAfterTheHead_CarriesAnnotationsAndCutsThenRescales()
    {
        IDataView view = SampleVectors.View(_ml, _rows);
        var pipeline = _ml.Transforms.ApplyEmbeddingHead("Mrl", "Embedding", _head)
            .Append(_ml.Transforms.TruncateEmbedding("Short", "Mrl", 5));

        IDataView got = pipeline.Fit(view).Transform(view);

        DataViewSchema.Column column = got.Schema["Short"];
        Assert.True(EmbeddingAnnotations.TryGetTrainedDimensions(column, out MatryoshkaDimensions? trained));
        Assert.Equal([2, 4], trained);
        Assert.Equal(_head.Fingerprint, EmbeddingAnnotations.TryGetHeadFingerprint(column));
        Assert.True(column.IsNormalized());
        float[][] full = SampleVectors.Read(got, "Mrl");
        float[][] cut = SampleVectors.Read(got, "Short");
        for (int i = 0; i < full.Length; i++)
        {
            SampleVectors.AssertClose(SampleVectors.TruncatedByHand(full[i], 5), cut[i]);
        }
    }

    [Fact]
    public void TwoColumnsWithOneHead_AreBothMapped()
    {
        IDataView view = SampleVectors.View(_ml, _rows);
        view = _ml.Transforms.CopyColumns("Document", "Embedding").Fit(view).Transform(view);

        IDataView got = _ml.Transforms.ApplyEmbeddingHead(
            [new InputOutputColumnPair("Query", "Embedding"), new InputOutputColumnPair("Document")], _head).Fit(view).Transform(view);

        Assert.Equal(SampleVectors.Read(got, "Query"), SampleVectors.Read(got, "Document"));
        SampleHeads.AssertIsApplied(_head, _rows[0], SampleVectors.Read(got, "Query")[0]);
    }

    [Fact]
    public void PredictionEngine_AppliesTheHead()
    {
        IDataView view = SampleVectors.View(_ml, _rows);
        MrlTransformer transformer = _ml.Transforms.ApplyEmbeddingHead("Mrl", "Embedding", _head).Fit(view);
        using PredictionEngine<Item, MappedItem> engine = _ml.Model.CreatePredictionEngine<Item, MappedItem>(transformer);

        SampleHeads.AssertIsApplied(_head, _rows[1], engine.Predict(new Item { Embedding = _rows[1] }).Mrl);
    }

    [Fact]
    public void SaveThenLoad_SameProcess_ComesBackWithTheSameHead()
    {
        IDataView view = SampleVectors.View(_ml, _rows);
        var head = new LinearHead(
            _head.Weights.Span, _head.Bias.Span, _head.TrainedDimensions,
            new TrainingSummary { Objective = "Classification(Label)", Seed = 3, ValidationScores = [new(2, .1, .2, .3)] });
        MrlTransformer saved = _ml.Transforms.ApplyEmbeddingHead("Mrl", "Embedding", head).Fit(view);
        using var stream = new MemoryStream();
        _ml.Model.Save(saved, view.Schema, stream);
        stream.Position = 0;

        ITransformer loaded = new MLContext().Model.Load(stream, out _);

        var got = Assert.IsType<MrlTransformer>(loaded is IEnumerable<ITransformer> chain ? Assert.Single(chain) : loaded);
        Assert.Equal(head.Fingerprint, got.Head.Fingerprint);
        Assert.Equivalent(head.Training, got.Head.Training, strict: true);
        Assert.Equal(SampleVectors.Read(saved.Transform(view), "Mrl"), SampleVectors.Read(loaded.Transform(view), "Mrl"));
    }

    [Fact]
    public void SaveThenLoad_FreshProcess_ComesBackAsItselfWithTheSameNumbersAndWithoutLibtorch()
    {
        IDataView view = SampleVectors.View(_ml, _rows);
        ITransformer model = _ml.Transforms.ApplyEmbeddingHead("Mrl", "Embedding", _head)
            .Append(_ml.Transforms.TruncateEmbedding("Short", "Mrl", 4)).Fit(view);

        FreshProcess child = FreshProcess.Apply(_ml, model, view.Schema, _rows, "Mrl", "Short");

        Assert.Equal(["Microsoft.ML.Mrl.MrlTransformer", "Microsoft.ML.Mrl.TruncateEmbeddingTransformer"], child.Steps);
        Assert.Equal(SampleVectors.Read(model.Transform(view), "Mrl"), child.Columns["Mrl"]);
        Assert.Equal(SampleVectors.Read(model.Transform(view), "Short"), child.Columns["Short"]);
        Assert.False(child.HasTorchSharp);
        Assert.False(child.HasLibtorch);
    }

    private sealed class Item
    {
        [VectorType(12)]
        public float[] Embedding { get; set; } = [];
    }

    private sealed class MappedItem
    {
        public float[] Mrl { get; set; } = [];
    }
}
