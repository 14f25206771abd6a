using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Export.Onnx;

/// <summary>Writes a head, the cut and the rescaling as ONNX nodes.</summary>
internal static class OnnxHead
{
    /// <summary>Writes the first m outputs of a head from a value <c>[N, D_in]</c>; the weights of the others are left out.</summary>
    /// <returns>The value <c>[N, m]</c>.</returns>
    public static string WriteHead(OnnxGraphBuilder graph, EmbeddingHead head, string input, int dimensions)
    {
        int inputs = head.InputDimensions;
        int outputs = head.OutputDimensions;
        switch (head)
        {
            case LinearHead linear:
                return graph.Add(
                    "Gemm", "head", input,
                    graph.Singles("weights", Cut(linear.Weights, outputs, dimensions), [inputs, dimensions]),
                    graph.Singles("bias", Cut(linear.Bias, outputs, dimensions), [dimensions]));
            case OrthogonalHead orthogonal:
                return graph.Add("MatMul", "head", input,
                    graph.Singles("rotation", Cut(orthogonal.Weights, outputs, dimensions), [inputs, dimensions]));
            case ResidualHead residual:
                string direct = graph.Add(
                    "Gemm", "direct", input,
                    graph.Singles("skip", Cut(residual.Skip, outputs, dimensions), [inputs, dimensions]),
                    graph.Singles("bias", Cut(residual.Bias, outputs, dimensions), [dimensions]));
                int hidden = residual.HiddenDimensions;
                string active = graph.Add("Relu", "active", graph.Add(
                    "Gemm", "hidden", input,
                    graph.Singles("hidden_weights", residual.HiddenWeights.ToArray(), [inputs, hidden]),
                    graph.Singles("hidden_bias", residual.HiddenBias.ToArray(), [hidden])));
                string correction = graph.Add("MatMul", "correction", active,
                    graph.Singles("output_weights", Cut(residual.OutputWeights, outputs, dimensions), [hidden, dimensions]));
                return graph.Add("Add", "head", direct, correction);
            default:
                throw new NotSupportedException($"A head of kind '{head.Kind}' cannot be written as ONNX.");
        }
    }

    /// <summary>Returns the bytes of the weights that <see cref="WriteHead"/> writes.</summary>
    public static long WeightBytes(EmbeddingHead head, int dimensions) => sizeof(float) * head switch
    {
        ResidualHead residual => ((long)head.InputDimensions + 1 + residual.HiddenDimensions) * dimensions
            + ((long)head.InputDimensions + 1) * residual.HiddenDimensions,
        OrthogonalHead => (long)head.InputDimensions * dimensions,
        _ => ((long)head.InputDimensions + 1) * dimensions,
    };

    /// <summary>
    /// Writes n(x) = x / max(|x|, 1e-12) for every row of a value <c>[N, m]</c>, in single precision and for any magnitude: with
    /// s = max(max_i |x_i|, 1e-12) this is (x / s) / max(|x / s|, 1), whose squares neither vanish nor overflow.
    /// </summary>
    /// <remarks>
    /// s stays finite so that an infinity becomes NaN and the finite values beside it 0, as TruncateEmbedding gives; a comparison instead
    /// of a maximum keeps NaN, which maxima of different runtimes treat differently.
    /// </remarks>
    /// <returns>The value <c>[N, m]</c>.</returns>
    public static string WriteUnitLength(OnnxGraphBuilder graph, string input, string prefix)
    {
        string largest = graph.Reduce("ReduceMax", prefix + "largest", graph.Add("Abs", prefix + "magnitudes", input), 1);
        string scale = graph.Add("Clip", prefix + "scale", largest, graph.Single(prefix + "smallest_scale", UnitLength.Smallest),
            graph.Single(prefix + "largest_scale", float.MaxValue));
        string scaled = graph.Add("Div", prefix + "scaled", input, scale);
        string length = graph.Reduce("ReduceL2", prefix + "length", scaled, 1);
        string one = graph.Single(prefix + "one", 1);
        string divisor = graph.Add("Where", prefix + "divisor", graph.Add("Less", prefix + "is_short", length, one), one, length);
        return graph.Add("Div", prefix + "unit", scaled, divisor);
    }

    /// <summary>Gives the last value that was written its final name.</summary>
    public static void NameLast(GraphProto graph, string name) => graph.Node[^1].Output[0] = name;

    private static float[] Cut(ReadOnlyMemory<float> rows, int width, int dimensions)
    {
        ReadOnlySpan<float> source = rows.Span;
        int count = source.Length / width;
        var result = new float[(long)count * dimensions];
        for (int i = 0; i < count; i++)
        {
            source.Slice(i * width, dimensions).CopyTo(result.AsSpan(i * dimensions, dimensions));
        }
        return result;
    }
}
