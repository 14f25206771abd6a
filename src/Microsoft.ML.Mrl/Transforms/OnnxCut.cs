using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Transforms;

/// <summary>Writes the nodes that cut embeddings <c>[N, D]</c> to their first values and rescale them to unit length.</summary>
internal static class OnnxCut
{
    public static string Prefix(OnnxNodes nodes, string input, int dimensions, string? output = null) =>
        nodes.Columns(input, 0, dimensions, output);

    /// <summary>
    /// Writes n(x) for any magnitude in single precision. <see cref="Export.Onnx.OnnxHead.WriteUnitLength"/> explains the nodes.
    /// </summary>
    public static string Rescale(OnnxNodes nodes, string cut, string? output = null)
    {
        string largest = nodes.Reduce("ReduceMax", nodes.Add("Abs", [cut]));
        string scale = nodes.Add("Clip", [largest, nodes.Scalar(UnitLength.Smallest), nodes.Scalar(float.MaxValue)]);
        string scaled = nodes.Add("Div", [cut, scale]);
        string length = nodes.Reduce("ReduceL2", scaled);
        string one = nodes.Scalar(1);
        string divisor = nodes.Add("Where", [nodes.Add("Less", [length, one]), one, length]);
        return nodes.Add("Div", [scaled, divisor], output);
    }
}
