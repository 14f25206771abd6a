using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.Benchmarks.Nested;

/// <summary>Random coordinates of 4,096 examples: pairs, the second a noisy copy of the first, or labelled rows of 100 classes.</summary>
internal sealed class NestedData : IDisposable
{
    public const int Rows = 4096;
    public const int Classes = 100;

    public NestedData(bool pairs, int width)
    {
        using var seeded = new Generator(7);
        Width = width;
        Anchors = randn([Rows, width], generator: seeded) / Math.Sqrt(width);
        if (pairs)
        {
            Positives = Anchors + randn([Rows, width], generator: seeded) / Math.Sqrt(width);
            return;
        }
        var random = new Random(7);
        Labels = [.. Enumerable.Range(0, Rows).Select(_ => (long)random.Next(Classes))];
    }

    public int Width { get; }

    public Tensor Anchors { get; }

    public Tensor? Positives { get; }

    public long[]? Labels { get; }

    public MatryoshkaDimensions Nested => MatryoshkaDimensions.HalvedFrom(Width, Width / 32);

    public void Dispose()
    {
        Anchors.Dispose();
        Positives?.Dispose();
    }
}
