using Microsoft.ML.Mrl.TorchSharp.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.TorchSharp.Objectives;

/// <summary>What maps in closed form have in common.</summary>
internal static class Directions
{
    /// <summary>Coordinates have a mean length of 1; less than this is rounding.</summary>
    public const double Smallest = 1e-9;

    /// <summary>Returns (1 − s) W + s · tr(W) / R · I.</summary>
    /// <param name="spread">W, <c>[R, R]</c> in double precision.</param>
    /// <param name="shrinkage">s, above 0 and at most 1.</param>
    public static Tensor Shrunken(Tensor spread, double shrinkage)
    {
        long width = spread.shape[0];
        double sphere = shrinkage * Math.Max(spread.trace().item<double>(), Smallest) / width;
        return spread.Times(1 - shrinkage).Plus(eye(width, width, ScalarType.Float64).Times(sphere));
    }

    /// <summary>Returns a map in single precision, scaled so that it gives a mean length of 1.</summary>
    /// <param name="map">The map, in double precision.</param>
    /// <param name="meanSquare">The mean square of the lengths that it gives.</param>
    public static Tensor Scaled(Tensor map, double meanSquare) =>
        map.Times(1 / Math.Sqrt(Math.Max(meanSquare, Smallest))).to(ScalarType.Float32).contiguous();
}
