using Microsoft.ML.Mrl.Tests.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Modules.Space;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.Benchmarks.Nested;

/// <summary>Random examples and their coordinates: 4,096 pairs, the second a noisy copy of the first, or labelled rows of 100
/// classes.</summary>
internal sealed class NestedData : IDisposable
{
    public const int Rows = 4096;
    public const int Classes = 100;

    public NestedData(bool pairs, int width)
    {
        using var seeded = new Generator(7);
        Width = width;
        using Tensor anchors = randn([Rows, width], generator: seeded);
        var vectors = new Dictionary<VectorRole, VectorRows> { [VectorRole.Anchor] = Dense(anchors) };
        if (pairs)
        {
            using Tensor noise = randn([Rows, width], generator: seeded);
            vectors.Add(VectorRole.Positive, Dense(noise.add_(anchors)));
        }
        var random = new Random(7);
        Examples =
            new ExampleSet { Vectors = vectors, Labels = pairs ? null
            : [.. Enumerable.Range(0, Rows).Select(_ => random.Next(Classes))], Classes = pairs ? 0 : Classes };
        Space = TrainingSpace.Of(Examples, width, random);

        DenseRows Dense(Tensor rows) => RowsOf.Dense(rows.data<float>().ToArray(), Rows, width);
    }

    public int Width { get; }

    public ExampleSet Examples { get; }

    public TrainingSpace Space { get; }

    public MatryoshkaDimensions Nested => MatryoshkaDimensions.HalvedFrom(Width, Width / 32);

    public void Dispose() => Space.Dispose();
}
