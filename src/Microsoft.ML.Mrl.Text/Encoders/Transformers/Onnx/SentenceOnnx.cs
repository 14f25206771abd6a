using Microsoft.ML.Mrl.Export.Onnx;

namespace Microsoft.ML.Mrl.Text.Encoders.Transformers.Onnx;

/// <summary>Writes what follows the encoder as ONNX nodes: pooling, Dense layers, unit length.</summary>
internal static class SentenceOnnx
{
    /// <summary>Writes all modules.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="modules">The modules.</param>
    /// <param name="tokens">Token vectors <c>[N, T, D]</c>.</param>
    /// <param name="mask">1 for real tokens, whole numbers <c>[N, T]</c>; <see langword="null"/> where tokens are pooled already.</param>
    /// <returns>Embeddings <c>[N, D]</c>.</returns>
    public static string Write(OnnxGraphBuilder graph, SentenceModules modules, string tokens, string? mask)
    {
        string x = mask is null ? tokens : Pool(graph, modules.Pooling, tokens, mask);
        foreach (SentenceStep step in modules.Steps)
        {
            x = step is DenseStep dense ? Dense(graph, dense, x) : OnnxHead.WriteUnitLength(graph, x, "unit_");
        }
        return x;
    }

    private static string Pool(OnnxGraphBuilder graph, PoolingModes modes, string tokens, string mask)
    {
        var parts = new List<string>();
        if (modes.HasFlag(PoolingModes.FirstToken))
        {
            parts.Add(graph.Pick("first", tokens, 0, 1));
        }
        string present = graph.Unsqueeze("pool_mask", graph.CastToSingle("pool_present", mask), 2);
        if (modes.HasFlag(PoolingModes.Max))
        {
            string real = graph.Add("Greater", "pool_real", present, graph.Single("pool_zero", 0));
            parts.Add(graph.Reduce("ReduceMax", "largest", graph.Add("Where", "maskable", real, tokens, graph.Single("pool_lowest", -1e9f)),
                1, keepAxis: false));
        }
        if ((modes & (PoolingModes.Mean | PoolingModes.MeanSqrtLength)) != 0)
        {
            string sum = graph.Reduce("ReduceSum", "pool_sum", graph.Add("Mul", "pool_weighed", tokens, present), 1, keepAxis: false);
            string count = graph.Add("Max", "pool_count", graph.Reduce("ReduceSum", "pool_counted", present, 1, keepAxis: false),
                graph.Single("pool_least", 1e-9f));
            if (modes.HasFlag(PoolingModes.Mean))
            {
                parts.Add(graph.Add("Div", "mean", sum, count));
            }
            if (modes.HasFlag(PoolingModes.MeanSqrtLength))
            {
                parts.Add(graph.Add("Div", "mean_root", sum, graph.Add("Sqrt", "pool_root", count)));
            }
        }
        if (modes.HasFlag(PoolingModes.LastToken))
        {
            parts.Add(OnnxPooling.WriteLastToken(graph, tokens, mask));
        }
        return parts.Count == 1 ? parts[0] : graph.Add("Concat", "pooled", [.. parts], ("axis", 1));
    }

    private static string Dense(OnnxGraphBuilder graph, DenseStep dense, string x)
    {
        string weights = graph.SingleBytes(dense.Path + "_weight", dense.Weight.SingleBytes(), dense.Weight.Shape);
        string[] inputs = dense.Bias is { } bias
            ? [x, weights, graph.SingleBytes(dense.Path + "_bias", bias.SingleBytes(), bias.Shape)]
            : [x, weights];
        return OnnxActivation.Write(graph, dense.Activation, graph.Add("Gemm", dense.Path, inputs, ("transB", 1)), dense.Path + "_");
    }
}
