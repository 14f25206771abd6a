using Microsoft.ML.Mrl.TorchSharp.Losses;
using Microsoft.ML.Mrl.TorchSharp.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.TorchSharp.Objectives;

/// <summary>
/// Finds, in closed form, the directions in which the two sides of pairs vary together most, where the spread between the sides counts as
/// 1: the shrunken linear discriminant with each pair a class. For the cross-covariance X of the sides, made symmetric, and the spread W
/// between them: X v = λ S v by falling λ, with S = (1 − s) W + s · tr(W) / R · I and vᵀ S v the same for all.
/// </summary>
/// <remarks>
/// Where pairs have scores, each counts in X by how far its score is above the mean of all, so that X is the covariance of the score with
/// the products of the sides; and in W by its score from 0, the lowest, to 1, the highest. What all pairs differ in, such as the
/// difference between the means of queries and of documents, is part of W alone and comes behind what the sides have in common, where the
/// principal components of all sides put it first. A shrinkage s of 1 leaves the eigenvectors of X, a rotation.
/// <para>
/// The covariance of few scores with products is mostly noise, so half as much is added of what is expected of every direction: the
/// standard deviation along it. With it the directions of up to 500 pairs do less harm; those of 1,000 gain nearly as much.
/// </para>
/// </remarks>
internal static class PairDirections
{
    /// <summary>How much is added of the standard deviations, both having a norm of 1, where pairs have scores.</summary>
    private const double Expected = 0.5;

    /// <summary>Returns the map <c>[R, D_out]</c> of coordinates to the first directions, which gives a mean length of 1.</summary>
    /// <param name="left">The coordinates of the one side of each pair, which vary independently, <c>[N, R]</c>.</param>
    /// <param name="right">Those of the other side, <c>[N, R]</c>.</param>
    /// <param name="scores">The pairs' scores, not all the same; null for pairs that belong together.</param>
    /// <param name="outputs">The width D_out.</param>
    /// <param name="shrinkage">s, above 0 and at most 1.</param>
    public static Tensor Map(Tensor left, Tensor right, float[]? scores, int outputs, double shrinkage)
    {
        using DisposeScope scope = NewDisposeScope();
        using ThreadLimit one = ThreadLimit.ToOne();
        int pairs = (int)left.shape[0];
        (left, right) = (left.to(ScalarType.Float64), right.to(ScalarType.Float64));
        double[] likeness = LikenessOf(pairs, scores);
        double middle = scores is null ? 0 : likeness.Average();
        Tensor shares = tensor(likeness, [pairs, 1]).Times(1 / likeness.Sum());
        Tensor above = tensor(Array.ConvertAll(likeness, l => l - middle), [pairs, 1]).Times(1.0 / pairs);
        Tensor leftMean = (left * shares).sum([0L], keepdim: true), rightMean = (right * shares).sum([0L], keepdim: true);
        Tensor cross = ((left - leftMean) * above).t().mm(right - rightMean);
        Tensor apart = left - right, apartInMean = leftMean - rightMean;
        // Half of the variance of the differences, and a quarter of the square of their mean.
        Tensor spread = (apart * shares).t().mm(apart).Times(0.5) - apartInMean.t().mm(apartInMean).Times(0.25);
        Tensor whitening = linalg.inv(linalg.cholesky(Directions.Shrunken(spread, shrinkage)));
        Tensor together = cross.Plus(cross.t());
        if (scores is not null)
        {
            Tensor deviations = left.square().Plus(right.square()).mean([0L]).sqrt();
            together = WithNormOne(together).Plus(diag(WithNormOne(deviations)).Times(Expected));
        }
        Tensor whitened = whitening.mm(together).mm(whitening.t());
        Tensor map = whitening.t().mm(linalg.eigh(whitened.Plus(whitened.t())).Item2.flip(1)).narrow(1, 0, outputs);
        double squares = left.mm(map).square().sum().Plus(right.mm(map).square().sum()).item<double>() / (2.0 * pairs);
        return Directions.Scaled(map, squares).MoveToOuterDisposeScope();
    }

    private static Tensor WithNormOne(Tensor values) => values.Times(1 / Math.Max(values.norm().item<double>(), Directions.Smallest));

    /// <summary>How much alike the sides of each pair are, 0 to 1.</summary>
    private static double[] LikenessOf(int count, float[]? scores)
    {
        if (scores is null || scores.Length == 0 || scores.Min() == scores.Max())
        {
            return [.. Enumerable.Repeat(1.0, count)];
        }
        (double lowest, double highest) = (scores.Min(), scores.Max());
        return Array.ConvertAll(scores, score => (score - lowest) / (highest - lowest));
    }
}
