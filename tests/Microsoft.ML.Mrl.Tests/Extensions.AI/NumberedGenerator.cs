using Microsoft.Extensions.AI;

namespace Microsoft.ML.Mrl.Tests.ExtensionsAI;

/// <summary>Makes vectors of random numbers that depend on the text alone, and remembers what it was asked.</summary>
internal sealed class NumberedGenerator(int width, bool tellsWidth = true) : IEmbeddingGenerator<string, Embedding<float>>
{
    private int _calls;

    public static DateTimeOffset Time => new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public int Calls => _calls;

    public EmbeddingGenerationOptions? Asked { get; private set; }

    public static float[] VectorOf(string text, int width)
    {
        var random = new Random(text.Sum(c => c) + text.Length);
        return text == "zero" ? new float[width] : [.. Enumerable.Range(0, width).Select(_ => random.NextSingle() - 0.5f)];
    }

    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _calls);
        Asked = options;
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        return new GeneratedEmbeddings<Embedding<float>>(values.Select(text => new Embedding<float>(VectorOf(text, width))
        {
            ModelId = options?.ModelId ?? "numbers",
            CreatedAt = Time,
            AdditionalProperties = new AdditionalPropertiesDictionary { ["text"] = text },
        }))
        {
            Usage = new UsageDetails { InputTokenCount = 7 },
            AdditionalProperties = new AdditionalPropertiesDictionary { ["call"] = "a" },
        };
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(EmbeddingGeneratorMetadata)
            ? new EmbeddingGeneratorMetadata("numbers", new Uri("http://localhost/"), "numbers-1", tellsWidth ? width : null)
        : serviceType.IsInstanceOfType(this) ? this
        : null;

    public void Dispose()
    {
    }
}
