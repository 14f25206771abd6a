namespace Microsoft.ML.Mrl.Tests.Transforms;

public class TruncateEmbeddingSavingTests
{
    private readonly MLContext _ml = new(1);
    private readonly float[][] _rows = [.. Vectors.Random(4, 12), new float[12]];

    [Theory]
    [InlineData(EmbeddingNormalization.UnitLength)]
    [InlineData(EmbeddingNormalization.None)]
    public void SaveThenLoad_SameProcess_ComesBackAsItself(EmbeddingNormalization normalization)
    {
        IDataView view = Vectors.View(_ml, _rows);
        TruncateEmbeddingTransformer saved = _ml.Transforms.TruncateEmbedding([new("Short", "Embedding"), new("Embedding")], 5, normalization).Fit(view);
        using var stream = new MemoryStream();
        _ml.Model.Save(saved, view.Schema, stream);
        stream.Position = 0;

        ITransformer loaded = new MLContext().Model.Load(stream, out DataViewSchema schema);

        var got = Assert.IsType<TruncateEmbeddingTransformer>(loaded is IEnumerable<ITransformer> chain ? Assert.Single(chain) : loaded);
        Assert.Equal(5, got.Dimensions);
        Assert.Equal(normalization, got.Normalization);
        Assert.Equal(view.Schema["Embedding"].Type, schema["Embedding"].Type);
        Assert.Equal(Vectors.Read(saved.Transform(view), "Short"), Vectors.Read(loaded.Transform(view), "Short"));
        Assert.Equal(Vectors.Read(saved.Transform(view), "Embedding"), Vectors.Read(loaded.Transform(view), "Embedding"));
    }

    [Fact]
    public void SaveThenLoad_FreshProcess_ComesBackAsItselfWithTheSameNumbersAndWithoutLibtorch()
    {
        IDataView view = Vectors.View(_ml, _rows);
        var pipeline = _ml.Transforms.CopyColumns("Copy", "Embedding").Append(_ml.Transforms.TruncateEmbedding("Short", "Copy", 5));
        ITransformer model = pipeline.Fit(view);

        FreshProcess child = FreshProcess.Apply(_ml, model, view.Schema, _rows, "Short");

        Assert.Equal(["Microsoft.ML.Transforms.ColumnCopyingTransformer", "Microsoft.ML.Mrl.TruncateEmbeddingTransformer"], child.Steps);
        Assert.Equal(Vectors.Read(model.Transform(view), "Short"), child.Columns["Short"]);
        Assert.False(child.HasTorchSharp);
        Assert.False(child.HasLibtorch);
    }

    [Fact]
    public void SaveAndLoadAsDataView_ComesBackWithTheSameNumbers()
    {
        // ML.NET saves a view's transforms by their row mappers: the second loader signature.
        IDataView view = Vectors.View(_ml, _rows);
        IDataView cut = _ml.Transforms.TruncateEmbedding("Short", "Embedding", 5).Fit(view).Transform(view);

        var template = Assert.IsAssignableFrom<Microsoft.ML.Data.ITransformTemplate>(cut);
        IDataView again = template.ApplyToData(_ml, view);

        Assert.Equal(Vectors.Read(cut, "Short"), Vectors.Read(again, "Short"));
    }
}
