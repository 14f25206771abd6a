using Microsoft.ML.Mrl.TorchSharp.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.TorchSharp.Modules.Space;

/// <summary>
/// Finds the rotation that puts the direction of the rows' mean behind the first of their principal components, which are taken
/// orthogonally to it. Short prefixes thus have a mean of 0 without a shift, as those of centred rows have; longer ones keep the mean, and
/// with it nearly all cosines of the rows; the whole keeps all of them.
/// </summary>
internal static class MeanBehind
{
    /// <summary>The mean comes after the first sixth of the values, which are too few to keep the cosines with or without it.</summary>
    private const int Share = 6;

    /// <summary>It comes after so many values at least.</summary>
    private const int Fewest = 8;

    /// <summary>
    /// Returns the directions in coordinates that do not vary together, one in each column, <c>[R, R]</c> row by row: by falling variance,
    /// the mean's last. Where the mean is within what the rows vary by along it, it has no place of its own, and nothing is returned.
    /// </summary>
    /// <param name="centre">The mean's coordinates, <c>[R]</c>, in a unit in which all variances add up to 1.</param>
    /// <param name="variances">The variance of each coordinate in any unit, <c>[R]</c>.</param>
    public static float[]? Directions(Tensor centre, double[] variances)
    {
        using DisposeScope scope = NewDisposeScope();
        using ThreadLimit one = ThreadLimit.ToOne();
        double total = variances.Sum();
        Tensor spread = tensor(Array.ConvertAll(variances, v => total > 0 ? v / total : 0));
        Tensor mean = centre.to(ScalarType.Float64);
        double square = mean.dot(mean).item<double>();
        if (square <= 0 || square <= (mean * mean * spread).sum().item<double>() / square)
        {
            return null;
        }
        mean = mean.unsqueeze(1) / Math.Sqrt(square);
        Tensor others = eye(variances.Length, dtype: ScalarType.Float64) - mean.mm(mean.t());
        // No variance is below 0, so the mean's direction comes last.
        Tensor matrix = others.mm(diag(spread)).mm(others) - mean.mm(mean.t());
        Tensor directions = PrincipalComponents.WithFixedSigns(PrincipalComponents.Eigenvectors(matrix).flip(1));
        return RowProducts.ToArray(directions.to(ScalarType.Float32));
    }

    /// <summary>
    /// Returns the first of the directions with the last, the mean's, at its place among them: <c>[R, D_out]</c>, with zeros behind where
    /// there are fewer directions than outputs.
    /// </summary>
    /// <param name="directions">All directions, <c>[R, R]</c>.</param>
    /// <param name="outputs">The width D_out.</param>
    public static Tensor Place(Tensor directions, int outputs)
    {
        int all = (int)directions.shape[1], kept = Math.Min(outputs, all);
        int place = Math.Min(Math.Max(outputs / Share, Fewest), kept - 1);
        return cat(
            [
                directions.narrow(1, 0, place), directions.narrow(1, -1, 1), directions.narrow(1, place, kept - 1 - place),
                zeros(all, outputs - kept),
            ], 1);
    }
}
