using Microsoft.ML.Mrl.TorchSharp.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>
/// Linear discriminant analysis: the directions along which class means differ most when the spread within classes counts as 1, by falling
/// ratio. There are at most C − 1 of them for C classes; values beyond are 0. The spread is shrunk by a tenth towards a sphere.
/// </summary>
internal sealed class DiscriminantPrefix : QualitySystem
{
    private const double Shrinkage = 0.1;

    public override string Name => "linear discriminant";

    public override string Kind => "lda";

    public override IReadOnlyList<DimensionRow> Measure(QualityTask task, int seed) => task.Evaluate(Fit(task.Labelled!, task.Dimensions), task.Dimensions).Rows;

    private static LinearHead Fit(IReadOnlyList<Example> rows, MatryoshkaDimensions dimensions)
    {
        LibTorch.EnsureLoaded();
        using DisposeScope scope = NewDisposeScope();
        int width = rows[0].Vector.Length;
        string[] names = [.. rows.Select(row => row.Label).Distinct()];
        Tensor x = tensor(rows.SelectMany(row => row.Vector).ToArray()).reshape(rows.Count, width).to(ScalarType.Float64);
        Tensor labels = tensor(rows.Select(row => (long)Array.IndexOf(names, row.Label)).ToArray());
        Tensor counts = bincount(labels, minlength: names.Length).to(ScalarType.Float64).unsqueeze(1);
        Tensor means = zeros([names.Length, width], ScalarType.Float64).index_add(0, labels, x, 1) / counts;
        Tensor mean = x.mean([0]);

        Tensor rest = x - means.index_select(0, labels);
        Tensor within = rest.t().mm(rest) / rows.Count;
        within = (within * (1 - Shrinkage)) + (eye(width, dtype: ScalarType.Float64) * (Shrinkage * within.trace().item<double>() / width));
        Tensor weighted = (means - mean) * (counts / rows.Count).sqrt();
        Tensor whitening = linalg.inv(linalg.cholesky(within));
        (_, Tensor vectors) = linalg.eigh(whitening.mm(weighted.t().mm(weighted)).mm(whitening.t()));

        // Eigenvalues come ascending.
        int kept = Math.Min(Math.Min(names.Length - 1, width), dimensions.Largest);
        Tensor directions = zeros([width, dimensions.Largest], ScalarType.Float64);
        directions.narrow(1, 0, kept).copy_(whitening.t().mm(vectors.flip(1)).narrow(1, 0, kept));
        Tensor bias = mean.neg().unsqueeze(0).mm(directions).squeeze(0);
        return new LinearHead(Numbers(directions), Numbers(bias), dimensions);
    }

    private static float[] Numbers(Tensor values) => values.to(ScalarType.Float32).contiguous().data<float>().ToArray();
}
