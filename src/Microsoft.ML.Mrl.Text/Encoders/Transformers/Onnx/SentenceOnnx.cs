using Microsoft.ML.Mrl.Export.Onnx;

namespace Microsoft.ML.Mrl.Text.Encoders.Transformers.Onnx;

/// <summary>Writes what follows the encoder as ONNX nodes: pooling, Dense layers, unit length.</summary>
internal static class SentenceOnnx
{
    /// <summary>Writes all modules.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="modules">The modules.</param>
    /// <param name="tokens">Token vectors <c>[N, T, D]</c>.</param>
    /// <param name="mask">1 for real tokens, whole numbers <c>[N, T]</c>, or <see langword="null"/> if tokens are pooled already.</param>
    /// <returns>Embeddings <c>[N, D]</c>.</returns>
    public static string Write(OnnxGraphBuilder graph, SentenceModules modules, string tokens, string? mask)
    {
        return WriteSteps(graph, modules.Steps, mask is null ? tokens : Pool(graph, modules.Pooling, tokens, mask));
    }

    /// <summary>Writes what follows pooled vectors.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="steps">The steps.</param>
    /// <param name="pooled">Vectors <c>[N, D]</c>.</param>
    /// <returns>Embeddings <c>[N, D]</c>.</returns>
    public static string WriteSteps(OnnxGraphBuilder graph, IEnumerable<SentenceStep> steps, string pooled)
    {
        string x = pooled;
        foreach (SentenceStep step in steps)
        {
            x = step is DenseStep dense ? Dense(graph, dense, x) : OnnxHead.WriteUnitLength(graph, x, "unit_");
        }
        return x;
    }

    private static string Pool(OnnxGraphBuilder graph, IReadOnlyList<PoolingMode> modes, string tokens, string mask)
    {
        var present = new Lazy<string>(() => graph.Unsqueeze("pool_mask", graph.CastToSingle("pool_present", mask), 2));
        var sum = new Lazy<string>(() =>
            graph.Reduce("ReduceSum", "pool_sum", graph.Add("Mul", "pool_weighed", tokens, present.Value), 1, keepAxis: false));
        var count = new Lazy<string>(() => graph.Add("Max", "pool_count",
            graph.Reduce("ReduceSum", "pool_counted", present.Value, 1, keepAxis: false), graph.Single("pool_least", 1e-9f)));
        string[] parts = [.. modes.Select(mode => mode switch
        {
            PoolingMode.FirstToken => graph.Pick("first", tokens, 0, 1),
            PoolingMode.Max => Largest(graph, tokens, present.Value),
            PoolingMode.Mean => graph.Add("Div", "mean", sum.Value, count.Value),
            PoolingMode.MeanSqrtLength => graph.Add("Div", "mean_root", sum.Value, graph.Add("Sqrt", "pool_root", count.Value)),
            _ => OnnxPooling.WriteLastToken(graph, tokens, mask),
        })];
        return parts.Length == 1 ? parts[0] : graph.Add("Concat", "pooled", parts, ("axis", 1));
    }

    private static string Largest(OnnxGraphBuilder graph, string tokens, string present)
    {
        string real = graph.Add("Greater", "pool_real", present, graph.Single("pool_zero", 0));
        string maskable = graph.Add("Where", "maskable", real, tokens, graph.Single("pool_lowest", -1e9f));
        return graph.Reduce("ReduceMax", "largest", maskable, 1, keepAxis: false);
    }

    private static string Dense(OnnxGraphBuilder graph, DenseStep dense, string x)
    {
        string weights = graph.SingleBytes(dense.Path + "_weight", dense.Weight.SingleBytes(), dense.Weight.Shape);
        string[] inputs = dense.Bias is { } bias
            ? [x, weights, graph.SingleBytes(dense.Path + "_bias", bias.SingleBytes(), bias.Shape)]
            : [x, weights];
        string y = OnnxActivation.Write(graph, dense.Activation, graph.Add("Gemm", dense.Path, inputs, ("transB", 1)), dense.Path + "_");
        if (!dense.HasResidual)
        {
            return y;
        }
        string residual = dense.Residual is { } other
            ? graph.Add("Gemm", dense.Path + "_added",
                [x, graph.SingleBytes(dense.Path + "_residual", other.SingleBytes(), other.Shape)], ("transB", 1))
            : x;
        return graph.Add("Add", dense.Path + "_sum", y, residual);
    }
}
