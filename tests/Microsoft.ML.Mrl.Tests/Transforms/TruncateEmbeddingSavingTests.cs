using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Vectors;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl.Tests.Transforms;

public class TruncateEmbeddingSavingTests
{
    private readonly MLContext _ml = new(1);
    private readonly float[][] _rows = [.. SampleVectors.Random(4, 12), new float[12]];

    [Theory]
    [InlineData(EmbeddingNormalization.UnitLength, 5)]
    [InlineData(EmbeddingNormalization.None, 5)]
    [InlineData(EmbeddingNormalization.UnitLength, 1)]
    public void SaveThenLoad_SameProcess_ComesBackAsItself(EmbeddingNormalization normalization, int dimensions)
    {
        IDataView view = SampleVectors.View(_ml, _rows);
        TruncateEmbeddingTransformer saved = _ml.Transforms.TruncateEmbedding(
            [new("Short", "Embedding"), new("Embedding")], dimensions, normalization).Fit(view);
        using var stream = new MemoryStream();
        _ml.Model.Save(saved, view.Schema, stream);
        stream.Position = 0;

        ITransformer loaded = new MLContext().Model.Load(stream, out DataViewSchema schema);

        var got = Assert.IsType<TruncateEmbeddingTransformer>(loaded is IEnumerable<ITransformer> chain ? Assert.Single(chain) : loaded);
        Assert.Equal(dimensions, got.Dimensions);
        Assert.Equal(normalization, got.Normalization);
        Assert.Equal(view.Schema["Embedding"].Type, schema["Embedding"].Type);
        Assert.Equal(SampleVectors.Read(saved.Transform(view), "Short"), SampleVectors.Read(loaded.Transform(view), "Short"));
        Assert.Equal(SampleVectors.Read(saved.Transform(view), "Embedding"), SampleVectors.Read(loaded.Transform(view), "Embedding"));
    }

    [Fact]
    public void SaveThenLoad_FreshProcess_ComesBackAsItselfWithTheSameNumbersAndWithoutLibtorch()
    {
        IDataView view = SampleVectors.View(_ml, _rows);
        var pipeline = _ml.Transforms.CopyColumns("Copy", "Embedding").Append(_ml.Transforms.TruncateEmbedding("Short", "Copy", 5));
        ITransformer model = pipeline.Fit(view);

        FreshProcess child = FreshProcess.Apply(_ml, model, view.Schema, _rows, "Short");

        Assert.Equal(["Microsoft.ML.Transforms.ColumnCopyingTransformer", "Microsoft.ML.Mrl.TruncateEmbeddingTransformer"], child.Steps);
        Assert.Equal(SampleVectors.Read(model.Transform(view), "Short"), child.Columns["Short"]);
        Assert.False(child.HasTorchSharp);
        Assert.False(child.HasLibtorch);
    }

    [Theory]
    [InlineData(1, 7)]
    [InlineData(5, 0)]
    public void Load_NumberThatCannotBe_IsRefused(int fromTheEnd, byte value)
    {
        IDataView view = SampleVectors.View(_ml, _rows);
        using var stream = new MemoryStream();
        _ml.Model.Save(_ml.Transforms.TruncateEmbedding("Short", "Embedding", 5).Fit(view), view.Schema, stream);
        using (var zip = new System.IO.Compression.ZipArchive(stream, System.IO.Compression.ZipArchiveMode.Update, leaveOpen: true))
        {
            foreach (System.IO.Compression.ZipArchiveEntry entry in zip.Entries.Where(entry => entry.Name == "Model.key"))
            {
                using Stream content = entry.Open();
                var bytes = new byte[content.Length];
                content.ReadExactly(bytes);
                if (bytes.AsSpan(0x40).StartsWith("MRL"u8))
                {
                    // The step's own numbers end with the dimensions, four bytes, and the normalization.
                    bytes[BitConverter.ToInt64(bytes, 0x10) + BitConverter.ToInt64(bytes, 0x18) - fromTheEnd] = value;
                    content.Position = 0;
                    content.Write(bytes);
                }
            }
        }
        stream.Position = 0;

        Assert.ThrowsAny<Exception>(() => _ml.Model.Load(stream, out _));
    }

    [Fact]
    public void View_AppliedToOtherData_GivesTheSameColumn()
    {
        IDataView view = SampleVectors.View(_ml, _rows);
        IDataView cut = _ml.Transforms.TruncateEmbedding("Short", "Embedding", 5).Fit(view).Transform(view);
        IDataView other = SampleVectors.View(_ml, _rows[1..]);

        IDataView again = Assert.IsAssignableFrom<ITransformTemplate>(cut).ApplyToData(_ml, other);

        Assert.Equal(SampleVectors.Read(cut, "Short")[1..], SampleVectors.Read(again, "Short"));
    }

    [Fact]
    public void SaveThenLoad_ViewInsteadOfTransformer_ComesBackByItsRowMapper()
    {
        IDataView view = SampleVectors.View(_ml, _rows);
        var pipeline = _ml.Transforms.ApplyEmbeddingHead("Mrl", "Embedding", SampleHeads.Random(12, 10, [2, 10]))
            .Append(_ml.Transforms.TruncateEmbedding("Short", "Mrl", 5));
        IDataView cut = pipeline.Fit(view).Transform(view);
        IDataView headed = ((IDataTransform)cut).Source;

        IDataView again = SaveAndLoad(cut, SaveAndLoad(headed, view));

        Assert.Equal(SampleVectors.Read(cut, "Short"), SampleVectors.Read(again, "Short"));
    }

    private IDataTransform SaveAndLoad(IDataView step, IDataView source)
    {
        using var stream = new MemoryStream();
        using (var writer = RepositoryWriter.CreateNew(stream, _ml))
        {
            ModelSaveContext.SaveModel(writer, (IDataTransform)step, "model");
            writer.Commit();
        }
        stream.Position = 0;
        using var reader = RepositoryReader.Open(stream, _ml);
        ModelLoadContext.LoadModel<IDataTransform, SignatureLoadDataTransform>(_ml, out IDataTransform loaded, reader, "model", source);
        return loaded;
    }
}
