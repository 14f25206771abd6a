using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.Text;
using Microsoft.ML.Mrl.Tests.Text.Encoders;
using Microsoft.ML.Mrl.Tests.Transforms;

namespace Microsoft.ML.Mrl.Tests.Text;

public class EncodeTextTransformerTests
{
    private readonly MLContext _ml = new(1);
    private readonly StaticTextEncoder _encoder = StaticEncoders.Numbers();

    [Fact]
    public void EncodeText_GivesTheEncodersEmbeddingOfEveryRow()
    {
        string[] texts = ["1 2", "", "3", null!, "unknown", "2 2 1"];
        IDataView view = View(texts);

        float[][] got = SampleVectors.Read(_ml.Transforms.EncodeText("Embedding", "Text", _encoder).Fit(view).Transform(view), "Embedding");

        Assert.Equal(texts.Select(t => _encoder.Encode(t)), got);
    }

    [Fact]
    public void EncodeText_AsOnnx_SaysThatItCannot()
    {
        IDataView view = View("1 2");
        ITransformer step = _ml.Transforms.EncodeText("A", "Text", _encoder).Fit(view);

        var mapper = Assert.IsAssignableFrom<Microsoft.ML.Model.OnnxConverter.ISaveAsOnnx>(step.GetRowToRowMapper(view.Schema));

        Assert.False(mapper.CanSaveOnnx(new RecordingOnnxContext()));
    }

    [Fact]
    public void FindEncoder_FindsTheOneOfAPipeline()
    {
        IDataView view = View("1 2");
        EncodeTextTransformer one = _ml.Transforms.EncodeText("A", "Text", _encoder).Fit(view);
        ITransformer none = _ml.Transforms.CopyColumns("B", "Text").Fit(view);

        Assert.Same(_encoder, _ml.Mrl().FindEncoder(one));
        Assert.Same(_encoder, _ml.Mrl().FindEncoder(none.Append(one).Append(_ml.Transforms.EncodeText("C", "Text", _encoder).Fit(view))));
        Assert.Contains(
            "no text encoder", Assert.Throws<ArgumentException>("model", () => _ml.Mrl().FindEncoder(none)).Message,
            StringComparison.Ordinal);
        ITransformer two = one.Append(_ml.Transforms.EncodeText("C", "Text", StaticEncoders.OfWords()).Fit(view));
        Assert.Contains(
            "2 different text encoders", Assert.Throws<ArgumentException>("model", () => _ml.Mrl().FindEncoder(two)).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>("model", () => _ml.Mrl().FindEncoder(null!));
    }

    [Fact]
    public void EncodeText_SeveralColumns_UsesOneEncoder()
    {
        IDataView view = View("1 2", "3");

        IDataView got = _ml.Transforms.EncodeText([new("A", "Text"), new("B", "Other")], _encoder).Fit(view).Transform(view);

        Assert.Equal([_encoder.Encode("1 2"), _encoder.Encode("3")], SampleVectors.Read(got, "A"));
        Assert.Equal([_encoder.Encode("3"), _encoder.Encode("3")], SampleVectors.Read(got, "B"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Transform_SaysWhatWasTrainedAndByWhichEncoder(bool isNormalized)
    {
        IDataView view = View("1");
        var encoder = new StaticTextEncoder(_encoder.Content with { IsNormalized = isNormalized });
        IEstimator<EncodeTextTransformer> estimator = _ml.Transforms.EncodeText("Embedding", "Text", encoder);

        DataViewSchema.Column got = estimator.Fit(view).GetOutputSchema(view.Schema)["Embedding"];

        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 4), got.Type);
        Assert.True(EmbeddingAnnotations.TryGetTrainedDimensions(got, out MatryoshkaDimensions? trained));
        Assert.Equal([2, 4], trained);
        Assert.Equal(encoder.Fingerprint, EmbeddingAnnotations.TryGetHeadFingerprint(got));
        Assert.Equal(isNormalized, got.IsNormalized());
        SchemaShape.Column shape = estimator.GetOutputSchema(SchemaShape.Create(view.Schema)).Single(c => c.Name == "Embedding");
        Assert.Equal(got.Annotations.Schema.Select(a => a.Name).Order(), shape.Annotations.Select(a => a.Name).Order());
    }

    [Fact]
    public void EncodeText_ColumnThatIsNoText_NamesBothTypes()
    {
        IDataView view = View("1");
        IEstimator<EncodeTextTransformer> estimator = _ml.Transforms.EncodeText("Embedding", "Number", _encoder);

        Assert.StartsWith(
            "Schema mismatch for input column 'Number': expected text, got Single",
            Assert.Throws<ArgumentOutOfRangeException>(() => estimator.Fit(view)).Message, StringComparison.Ordinal);
        Assert.StartsWith(
            "Schema mismatch for input column 'Number'", Assert.Throws<ArgumentOutOfRangeException>(
                () => estimator.GetOutputSchema(SchemaShape.Create(view.Schema))).Message, StringComparison.Ordinal);
        Assert.StartsWith("Could not find input column 'Missing'",
            Assert.Throws<ArgumentOutOfRangeException>(
                () => _ml.Transforms.EncodeText("Embedding", "Missing", _encoder).GetOutputSchema(SchemaShape.Create(view.Schema)))
                .Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>("encoder", () => _ml.Transforms.EncodeText("Embedding", "Text", null!));
    }

    [Fact]
    public void SavedModel_InAFreshProcess_GivesTheSameEmbeddings()
    {
        IDataView view = View("1 2");
        ITransformer model = _ml.Transforms.EncodeText("Out", "Text", _encoder).Fit(view);

        FreshProcess got = FreshProcess.Apply(_ml, model, view.Schema, [[1, 2], [3, 3]], "Out");

        Assert.Contains(typeof(EncodeTextTransformer).FullName, got.Steps);
        Assert.Equal([_encoder.Encode("1 2"), _encoder.Encode("3 3")], got.Columns["Out"]);
        Assert.False(got.HasTorchSharp);
        Assert.False(got.HasLibtorch);
    }

    [Fact]
    public void PredictionEngine_EncodesOneRow()
    {
        IDataView view = View("1 2");
        ITransformer model = _ml.Transforms.EncodeText("Out", "Text", _encoder).Append(_ml.Transforms.TruncateEmbedding("Short", "Out", 2))
            .Fit(view);
        using PredictionEngine<Row, Output> engine = _ml.Model.CreatePredictionEngine<Row, Output>(model, view.Schema);

        Assert.Equal(_encoder.Encode("2 3"), engine.Predict(new Row { Text = "2 3" }).Out);
    }

    [Fact]
    public void Cursors_InParallel_KeepTheOrder()
    {
        string[] texts = [.. Enumerable.Range(0, 3000).Select(i => $"{i % 4} {i % 3}")];
        IDataView view = View(texts);

        float[][] got = SampleVectors.Read(_ml.Transforms.EncodeText("Embedding", "Text", _encoder).Fit(view).Transform(view), "Embedding");

        Assert.Equal(texts.Select(t => _encoder.Encode(t)), got);
    }

    private IDataView View(params string[] texts) => _ml.Data.LoadFromEnumerable(texts.Select(t => new Row { Text = t, Other = "3" }));

    private sealed class Row
    {
        public string Text { get; set; } = "";

        public string Other { get; set; } = "";

        public float Number { get; set; }
    }

    private sealed class Output
    {
        public float[] Out { get; set; } = [];
    }
}
