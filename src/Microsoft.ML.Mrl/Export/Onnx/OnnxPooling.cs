namespace Microsoft.ML.Mrl.Export.Onnx;

/// <summary>Writes ways of pooling token vectors <c>[N, T, H]</c> that need more than a sum. The mask may stand on either side of a
/// text.</summary>
internal static class OnnxPooling
{
    private const float Lowest = -1e9f;

    /// <summary>Writes the largest value of the real tokens, <c>[N, H]</c>.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="tokens">Token vectors of singles.</param>
    /// <param name="mask">1 for real tokens, numbers of any type <c>[N, T]</c>.</param>
    public static string WriteMax(OnnxGraphBuilder graph, string tokens, string mask)
    {
        string present = graph.Unsqueeze("max_mask", graph.CastToSingle("max_present", mask), 2);
        string real = graph.Add("Greater", "max_real", present, graph.Single("max_zero", 0));
        string kept = graph.Add("Where", "max_tokens", real, tokens, graph.Single("max_lowest", Lowest));
        return graph.Reduce("ReduceMax", "max_pooled", kept, 1, keepAxis: false);
    }

    /// <summary>Writes the last real token, <c>[N, H]</c>: the one at which the count of real tokens is complete.</summary>
    /// <inheritdoc cref="WriteMax"/>
    public static string WriteLastToken(OnnxGraphBuilder graph, string tokens, string mask)
    {
        string present = graph.CastToSingle("last_present", mask);
        string count = graph.Add("CumSum", "last_count", present, graph.Integers("last_axis", [1], []));
        string all = graph.Reduce("ReduceSum", "last_all", present, 1);
        string distance = graph.Add("Abs", "last_distance", graph.Add("Sub", "last_missing", all, count));
        string isComplete = graph.Add("Less", "last_complete", distance, graph.Single("last_half", 0.5f));
        string isReal = graph.Add("Greater", "last_real", present, graph.Single("last_zero", 0));
        string isLast = graph.Add("And", "last_here", isComplete, isReal);
        string single = graph.Unsqueeze("last_single", graph.CastToSingle("last_cast", isLast), 2);
        string column = graph.Add("Greater", "last_column", single, graph.Single("last_none", 0));
        string kept = graph.Add("Where", "last_tokens", column, tokens, graph.Single("last_nothing", 0));
        return graph.Reduce("ReduceSum", "last_token", kept, 1, keepAxis: false);
    }
}
