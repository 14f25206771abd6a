using Microsoft.ML.Mrl.TorchSharp.Losses;
using Microsoft.ML.Mrl.TorchSharp.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.TorchSharp.Objectives;

/// <summary>
/// Finds, in closed form, a linear map that makes longer what classes differ in, and puts what then varies most first. For the covariance B
/// of the class means and the spread W within classes, shrunken to S = (1 − s) W + s · tr(W) / R · I: the principal components of A z, for
/// A² = I + 4 (S⁻¹ B S⁻¹)^½, the root scaled to a norm of 1.
/// </summary>
/// <remarks>
/// The discriminant of few rows keeps nothing but what the few class means say, which is mostly noise. Here no direction becomes shorter,
/// and that in which the classes differ most grows to √5 of its length, so that what noise makes of the others does little harm: with 150
/// rows it is ahead of the principal components at every prefix, the whole one among them. The root lets many classes have a say that
/// differ in many directions. Where the class means are all the same, the principal components come out.
/// </remarks>
internal static class ClassDirections
{
    /// <summary>How much is added to the square of the length along the direction in which the classes differ most.</summary>
    private const double Strength = 4;

    /// <summary>Returns the map <c>[R, R]</c> of coordinates, which gives a mean length of 1.</summary>
    /// <param name="rows">The coordinates, <c>[N, R]</c>.</param>
    /// <param name="labels">The class of each.</param>
    /// <param name="shrinkage">s, above 0 and at most 1.</param>
    public static Tensor Map(Tensor rows, int[] labels, double shrinkage)
    {
        using DisposeScope scope = NewDisposeScope();
        using ThreadLimit one = ThreadLimit.ToOne();
        long count = rows.shape[0];
        rows = rows.to(ScalarType.Float64);
        Tensor all = rows - rows.mean([0L], keepdim: true);
        Tensor means = WeightedMeans(all, labels);
        Tensor within = all.t().mm(all).Times(1.0 / count) - means.t().mm(means);
        // S⁻¹ B S⁻¹ is D Dᵀ for the columns D, so that its root has the left singular vectors of D and their singular values.
        Tensor stretch = Stretch(linalg.solve(Directions.Shrunken(within, shrinkage), means.t()));
        Tensor longer = all.mm(stretch);
        Tensor map = stretch.mm(linalg.eigh(longer.t().mm(longer)).Item2.flip(1));
        double squares = rows.mm(map).square().sum().item<double>() / count;
        return Directions.Scaled(map, squares).MoveToOuterDisposeScope();
    }

    /// <summary>The mean of each class times the root of its share of the rows, <c>[C, R]</c>.</summary>
    private static Tensor WeightedMeans(Tensor rows, int[] labels)
    {
        int[] numbers = [.. labels.Distinct()];
        Dictionary<int, int> places = numbers.Select((label, i) => (label, i)).ToDictionary(pair => pair.label, pair => pair.i);
        var counts = new double[numbers.Length];
        foreach (int label in labels)
        {
            counts[places[label]]++;
        }
        Tensor sums = zeros(numbers.Length, rows.shape[1], ScalarType.Float64)
            .index_add(0, tensor(Array.ConvertAll(labels, label => (long)places[label])), rows, 1);
        return sums * tensor(Array.ConvertAll(counts, n => 1 / Math.Sqrt(n * labels.Length)), [numbers.Length, 1]);
    }

    /// <summary>A: the identity where the columns are zeros.</summary>
    private static Tensor Stretch(Tensor columns)
    {
        Tensor identity = eye(columns.shape[0], dtype: ScalarType.Float64);
        (Tensor directions, Tensor lengths, _) = linalg.svd(columns, fullMatrices: false);
        double longest = lengths.max().item<double>();
        if (longest < Directions.Smallest)
        {
            return identity;
        }
        Tensor added = lengths.Times(Strength / longest).Plus(ones_like(lengths)).sqrt() - ones_like(lengths);
        return identity.Plus((directions * added).mm(directions.t()));
    }
}
