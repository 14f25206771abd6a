using Microsoft.Extensions.AI;
using Microsoft.ML.Mrl.Tests.Transforms;

namespace Microsoft.ML.Mrl.Tests.ExtensionsAI;

public class MatryoshkaEmbeddingGeneratorTests
{
    private const int Width = 12;

    private readonly NumberedGenerator _inner = new(Width);
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(Width)]
    public async Task Generate_Dimensions_CutThenUnitLengthInOrder(int dimensions)
    {
        string[] texts = ["a", "bb", "zero", "ccc"];

        GeneratedEmbeddings<Embedding<float>> embeddings = await Build(b => b.UseMatryoshka())
            .GenerateAsync(texts, new() { Dimensions = dimensions, ModelId = "other" }, _cancellation);

        Assert.Equal(texts.Length, embeddings.Count);
        for (int i = 0; i < texts.Length; i++)
        {
            AssertUnit(NumberedGenerator.VectorOf(texts[i], Width)[..dimensions], embeddings[i]);
            Assert.Equal(
                ("other", NumberedGenerator.Time, texts[i]),
                (embeddings[i].ModelId, embeddings[i].CreatedAt, embeddings[i].AdditionalProperties!["text"]));
        }
        Assert.Equal(7, embeddings.Usage!.InputTokenCount);
        Assert.Equal("a", embeddings.AdditionalProperties!["call"]);
        Assert.Null(_inner.Asked!.Dimensions);
        Assert.Equal("other", _inner.Asked.ModelId);
    }

    [Fact]
    public async Task Generate_NoOptions_FullWidthOrTheDefaultAtUnitLength()
    {
        AssertUnit(
            NumberedGenerator.VectorOf("a", Width),
            (await Build(b => b.UseMatryoshka()).GenerateAsync(["a"], cancellationToken: _cancellation))[0]);
        AssertUnit(
            NumberedGenerator.VectorOf("a", Width)[..3],
            (await Build(b => b.UseMatryoshka(3)).GenerateAsync(["a"], cancellationToken: _cancellation))[0]);
        AssertUnit(
            NumberedGenerator.VectorOf("a", Width)[..4],
            (await Build(b => b.UseMatryoshka(3)).GenerateAsync(["a"], new() { Dimensions = 4 }, _cancellation))[0]);
    }

    [Theory]
    [InlineData("linear")]
    [InlineData("residual")]
    public async Task Generate_Head_AppliedThenCutThenUnitLength(string kind)
    {
        EmbeddingHead head = SampleHeads.Random(kind, Width, 8);
        var full = new float[8];
        head.Apply(NumberedGenerator.VectorOf("abc", Width), full);

        Embedding<float> embedding =
            (await Build(b => b.UseMatryoshka(head)).GenerateAsync(["abc"], new() { Dimensions = 5 }, _cancellation))[0];

        AssertUnit(full[..5], embedding);
    }

    [Fact]
    public async Task Generate_OptionsOfTheCaller_AreNotChanged()
    {
        var options = new EmbeddingGenerationOptions { Dimensions = 5 };

        await Build(b => b.UseMatryoshka()).GenerateAsync(["a"], options, _cancellation);

        Assert.Equal(5, options.Dimensions);
    }

    [Theory]
    [InlineData(Width + 1)]
    [InlineData(int.MaxValue)]
    public async Task Generate_DimensionsOutOfRange_Throws(int dimensions)
    {
        foreach (bool tellsWidth in new[] { true, false })
        {
            IEmbeddingGenerator<string, Embedding<float>> generator = new EmbeddingGeneratorBuilder<string, Embedding<float>>(
                new NumberedGenerator(Width, tellsWidth)).UseMatryoshka().Build();

            var error = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
                () => generator.GenerateAsync(["a"], new() { Dimensions = dimensions }, _cancellation));

            Assert.Contains($"Cannot generate embeddings of {dimensions} dimensions", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Generate_MoreThanTheHeadGives_ThrowsBeforeTheCall()
    {
        var error = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => Build(b => b.UseMatryoshka(SampleHeads.Random(Width, 8, [8])))
            .GenerateAsync(["a"], new() { Dimensions = 9 }, _cancellation));

        Assert.Contains("the vectors have 8 values. Choose 1..8.", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, _inner.Calls);
    }

    [Fact]
    public async Task UseMatryoshka_WrongDimensionsOrHead_ThrowsAtOnceWhereTheWidthIsKnown()
    {
        EmbeddingHead wider = SampleHeads.Random(Width + 1, 8, [8]);
        Assert.Contains(
            $"the vectors have {Width} values",
            Assert.Throws<ArgumentOutOfRangeException>(() => Build(b => b.UseMatryoshka(Width + 1))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => Build(b => b.UseMatryoshka(0)));
        Assert.Contains(
            $"The head takes {Width + 1} values, but the generator's model gives {Width}",
            Assert.Throws<ArgumentOutOfRangeException>(() => Build(b => b.UseMatryoshka(wider))).Message, StringComparison.Ordinal);

        using var silent = new NumberedGenerator(Width, tellsWidth: false).AsBuilder().UseMatryoshka(wider).Build();
        var error = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => silent.GenerateAsync(["a"], cancellationToken: _cancellation));
        Assert.Contains($"but the generator gave a vector of {Width}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void GetService_Metadata_SayTheDefaultDimensions()
    {
        EmbeddingHead head = SampleHeads.Random(Width, 8, [8]);
        Assert.Equal(Width, Metadata(Build(b => b.UseMatryoshka())).DefaultModelDimensions);
        Assert.Equal(3, Metadata(Build(b => b.UseMatryoshka(3))).DefaultModelDimensions);
        Assert.Equal(8, Metadata(Build(b => b.UseMatryoshka(head))).DefaultModelDimensions);
        Assert.Equal(
            ("numbers", "numbers-1"),
            (Metadata(Build(b => b.UseMatryoshka(3))).ProviderName, Metadata(Build(b => b.UseMatryoshka(3))).DefaultModelId));
        Assert.Same(head, Build(b => b.UseMatryoshka(head)).GetService(typeof(EmbeddingHead)));
        Assert.Same(_inner, Build(b => b.UseMatryoshka()).GetService(typeof(NumberedGenerator)));

        static EmbeddingGeneratorMetadata Metadata(IEmbeddingGenerator<string, Embedding<float>> generator) =>
            (EmbeddingGeneratorMetadata)generator.GetService(typeof(EmbeddingGeneratorMetadata))!;
    }

    [Fact]
    public async Task Generate_Cancelled_Throws()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Build(b => b.UseMatryoshka()).GenerateAsync(["a"], new() { Dimensions = 2 }, new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task Generate_ManyCallsAtOnce_EachItsOwn()
    {
        IEmbeddingGenerator<string, Embedding<float>> generator = Build(b => b.UseMatryoshka(SampleHeads.Random(Width, Width, [Width])));
        float[][] alone = await Task.WhenAll(
            Enumerable.Range(0, 50)
            .Select(async i =>
                (await generator.GenerateAsync([$"text {i}"], new() { Dimensions = 1 + i % Width }, _cancellation))[0].Vector.ToArray()));

        for (int i = 0; i < alone.Length; i++)
        {
            Assert.Equal(
                alone[i],
                (await generator.GenerateAsync([$"text {i}"], new() { Dimensions = 1 + i % Width }, _cancellation))[0].Vector.ToArray());
        }
    }

    [Fact]
    public async Task Generate_CacheInside_OneEntryForAllDimensions_CacheOutside_OneForEach()
    {
        DictionaryCache? inside = null, outside = null;
        IEmbeddingGenerator<string, Embedding<float>> cachedInside = Build(
            b => b.UseMatryoshka().Use(inner => inside = new DictionaryCache(inner)));
        IEmbeddingGenerator<string, Embedding<float>> cachedOutside = Build(
            b => b.Use(inner => outside = new DictionaryCache(inner)).UseMatryoshka());

        foreach (IEmbeddingGenerator<string, Embedding<float>> generator in new[] { cachedInside, cachedOutside })
        {
            foreach (int dimensions in new[] { 2, 6, 2, 6 })
            {
                AssertUnit(
                    NumberedGenerator.VectorOf("a", Width)[..dimensions],
                    (await generator.GenerateAsync(["a"], new() { Dimensions = dimensions }, _cancellation))[0]);
            }
        }

        Assert.Equal((1, 2), (inside!.Entries, outside!.Entries));
        Assert.Equal(3, _inner.Calls);
    }

    [Fact]
    public async Task Generate_TelemetryOnEitherSide_SameResult()
    {
        float[] before =
            (await Build(b => b.UseOpenTelemetry().UseMatryoshka())
            .GenerateAsync(["a"], new() { Dimensions = 4 }, _cancellation))[0].Vector.ToArray();
        float[] after =
            (await Build(b => b.UseMatryoshka().UseOpenTelemetry())
            .GenerateAsync(["a"], new() { Dimensions = 4 }, _cancellation))[0].Vector.ToArray();

        Assert.Equal(before, after);
        Assert.Equal(4, after.Length);
    }

    /// <summary>A provider that returns fewer or more vectors than texts would give texts the vectors of others.</summary>
    [Theory]
    [InlineData(3, 2)]
    [InlineData(1, 2)]
    [InlineData(0, 1)]
    public async Task Generate_OtherNumberOfEmbeddingsThanTexts_Throws(int texts, int embeddings)
    {
        using var inner = new MiscountingGenerator(embeddings);
        IEmbeddingGenerator<string, Embedding<float>> generator = inner.AsBuilder().UseMatryoshka().Build();

        string message = (await Assert.ThrowsAsync<InvalidOperationException>(
            () => generator.GenerateAsync(Enumerable.Repeat("a", texts), new() { Dimensions = 4 }, _cancellation))).Message;

        Assert.Contains($"The inner generator returned {embeddings} embeddings for {texts} texts", message, StringComparison.Ordinal);
    }

    private sealed class MiscountingGenerator(int count)
        : DelegatingEmbeddingGenerator<string, Embedding<float>>(new NumberedGenerator(Width))
    {
        public override Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
            IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
            base.GenerateAsync(Enumerable.Repeat("x", count), options, cancellationToken);
    }

    private IEmbeddingGenerator<string, Embedding<float>> Build(
        Func<EmbeddingGeneratorBuilder<string, Embedding<float>>, EmbeddingGeneratorBuilder<string, Embedding<float>>> use) =>
        use(new EmbeddingGeneratorBuilder<string, Embedding<float>>(_inner)).Build();

    private static void AssertUnit(float[] prefix, Embedding<float> embedding)
    {
        double length = Math.Max(1e-12, Math.Sqrt(prefix.Sum(v => (double)v * v)));
        Assert.Equal(prefix.Length, embedding.Dimensions);
        Assert.All(prefix.Zip(embedding.Vector.ToArray()), pair => Assert.Equal(pair.First / length, pair.Second, 1e-6));
    }
}
