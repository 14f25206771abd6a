using Microsoft.ML.Data;
using Microsoft.Extensions.AI;

namespace Microsoft.ML.Mrl.Tests.ExtensionsAI;

public sealed class PipelineEmbeddingGeneratorTests : IDisposable
{
    private readonly MLContext _mlContext = new(seed: 1);
    private readonly string _path = Path.GetTempFileName();
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    public void Dispose() => File.Delete(_path);

    [Fact]
    public async Task Load_SavedTextPipeline_GivesWhatThePipelineGives()
    {
        (ITransformer model, IDataView data) = Fit();
        _mlContext.Model.Save(model, data.Schema, _path);
        using var generator = PipelineEmbeddingGenerator.Load(_path, "Features");
        string[] texts = ["an apple", "", "a hammer and a saw", "an apple"];

        GeneratedEmbeddings<Embedding<float>> embeddings = await generator.GenerateAsync(texts, cancellationToken: _cancellation);

        float[][] expected = [.. model.Transform(View(texts)).GetColumn<float[]>("Features")];
        Assert.Equal(expected, embeddings.Select(e => e.Vector.ToArray()));
        var metadata = (EmbeddingGeneratorMetadata)generator.GetService(typeof(EmbeddingGeneratorMetadata))!;
        Assert.Equal(("ML.NET", expected[0].Length), (metadata.ProviderName, metadata.DefaultModelDimensions));
        Assert.Same(generator, generator.GetService(typeof(PipelineEmbeddingGenerator)));
    }

    [Fact]
    public async Task ReadmeSample_PrintsWhatIsShown()
    {
        (ITransformer model, IDataView data) = Fit("where is my card", "cancel my order");
        ITransformer renamed = model.Append(_mlContext.Transforms.CopyColumns("Embedding", "Features").Fit(model.Transform(data)));
        _mlContext.Model.Save(renamed, data.Schema, _path);
        ReadmeSample sample = ReadmeSample.Read("Microsoft.ML.Mrl.Extensions.AI");
        sample.Code = sample.Code.Replace("\"model.zip\"", $"@\"{_path}\"", StringComparison.Ordinal);

        await sample.RunAsync("", "");
    }

    [Fact]
    public async Task Generate_Dimensions_CutThenUnitLength()
    {
        (ITransformer model, _) = Fit();
        using var generator = new PipelineEmbeddingGenerator(_mlContext, model, "Features");
        int width = ((EmbeddingGeneratorMetadata)generator.GetService(typeof(EmbeddingGeneratorMetadata))!).DefaultModelDimensions!.Value;

        float[] full = (await generator.GenerateAsync(["a saw"], cancellationToken: _cancellation))[0].Vector.ToArray();
        float[] cut = (await generator.GenerateAsync(["a saw"], new() { Dimensions = 9 }, _cancellation))[0].Vector.ToArray();

        double length = Math.Sqrt(full[..9].Sum(v => (double)v * v));
        Assert.Equal(9, cut.Length);
        Assert.All(full[..9].Zip(cut), pair => Assert.Equal(pair.First / Math.Max(length, 1e-12), pair.Second, 1e-6));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => generator.GenerateAsync(["a"], new() { Dimensions = width + 1 }, _cancellation));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => generator.GenerateAsync(["a"], new() { Dimensions = 0 }, _cancellation));
    }

    [Fact]
    public async Task Generate_ManyCallsAtOnce_EachItsOwn()
    {
        (ITransformer model, _) = Fit();
        using var generator = new PipelineEmbeddingGenerator(_mlContext, model, "Features");
        string[] texts = [.. Enumerable.Range(0, 24).Select(i => i % 2 == 0 ? "apple " + i : "hammer " + i)];

        float[][] together = await Task.WhenAll(
            texts.Select(async text => (await generator.GenerateAsync([text], cancellationToken: _cancellation))[0].Vector.ToArray()));

        Assert.Equal((await generator.GenerateAsync(texts, cancellationToken: _cancellation)).Select(e => e.Vector.ToArray()), together);
    }

    [Fact]
    public async Task Generate_Cancelled_Throws()
    {
        using var generator = new PipelineEmbeddingGenerator(_mlContext, Fit().Model, "Features");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => generator.GenerateAsync(["a"], cancellationToken: new CancellationToken(canceled: true)));
    }

    [Fact]
    public void Constructor_WrongColumns_SaysWhichThereAre()
    {
        ITransformer model = Fit().Model;

        Assert.Contains("no embedding column 'Embedding', a known-size vector of Single. Its columns: 'Text' (String), 'Features' (",
            Assert.Throws<ArgumentException>(() => new PipelineEmbeddingGenerator(_mlContext, model)).Message, StringComparison.Ordinal);
        Assert.Contains(
            "cannot be used on a text column 'Sentence' alone", Assert.Throws<ArgumentException>(
                () => new PipelineEmbeddingGenerator(_mlContext, model, "Features", "Sentence")).Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => PipelineEmbeddingGenerator.Load(_path + ".none"));
    }

    private (ITransformer Model, IDataView Data) Fit() =>
        Fit("an apple and a pear", "a hammer and a saw", "an apple and a plum", "a drill");

    private (ITransformer Model, IDataView Data) Fit(params string[] texts)
    {
        IDataView data = View(texts);
        return (_mlContext.Transforms.Text.FeaturizeText("Features", "Text").Fit(data), data);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(-1)]
    public void Load_DamagedFile_SaysWhichFileItIs(int bytes)
    {
        (ITransformer model, IDataView data) = Fit();
        _mlContext.Model.Save(model, data.Schema, _path);
        byte[] saved = File.ReadAllBytes(_path);
        File.WriteAllBytes(_path, bytes < 0 ? [.. saved.Select((b, i) => i > saved.Length / 4 ? (byte)~b : b)] : saved[..bytes]);

        InvalidDataException refused = Assert.Throws<InvalidDataException>(() => PipelineEmbeddingGenerator.Load(_path, "Features"));

        Assert.StartsWith($"Cannot load model '{_path}': it is damaged", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("target of an invocation", refused.Message, StringComparison.Ordinal);
        Assert.NotNull(refused.InnerException);
    }

    private IDataView View(string[] texts) => _mlContext.Data.LoadFromEnumerable(texts.Select(text => new Row { Text = text }));

    private sealed class Row
    {
        public string Text { get; set; } = "";
    }
}
