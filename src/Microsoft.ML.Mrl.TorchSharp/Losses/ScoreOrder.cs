using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.TorchSharp.Losses;

/// <summary>log(1 + Σ_{y_i &lt; y_j} exp(s (c_i − c_j))): what CoSENT makes of cosines and AnglE of angles.</summary>
internal static class ScoreOrder
{
    /// <summary>Computes it.</summary>
    /// <param name="similarities">c, <c>[B]</c>.</param>
    /// <param name="scores">y, <c>[B]</c>.</param>
    /// <param name="scale">s.</param>
    public static Tensor Loss(Tensor similarities, Tensor scores, double scale)
    {
        Tensor scaled = similarities.Times(scale);
        Tensor differences = scaled.unsqueeze(1) - scaled.unsqueeze(0);
        Tensor unordered = scores.unsqueeze(1) >= scores.unsqueeze(0);
        Tensor counted = differences.Fill(unordered, double.NegativeInfinity).flatten();
        return cat([zeros(1, counted.dtype), counted], 0).logsumexp(0);
    }
}
