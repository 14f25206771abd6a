using Microsoft.ML.Mrl.Export.Onnx;
using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl.Text.Encoders.Transformers.Onnx;

/// <summary>Writes the layers of an encoder as ONNX nodes. Token vectors are rows <c>[N·T, D]</c> between attentions, so that every linear
/// layer is one Gemm with the file's own weights.</summary>
internal sealed class TransformerOnnxLayers(OnnxGraphBuilder graph, TransformerModel model)
{
    private readonly TransformerConfig _config = model.Config;

    /// <summary>Writes all layers.</summary>
    /// <param name="ids">Token ids, int64 <c>[N, T]</c>.</param>
    /// <param name="mask">1 for real tokens, int64 <c>[N, T]</c>.</param>
    /// <param name="types">Token types, int64 <c>[N, T]</c>, or <see langword="null"/> for all 0.</param>
    /// <returns>Token vectors <c>[N, T, D]</c>.</returns>
    public string Write(string ids, string mask, string? types)
    {
        string length = graph.Pick("length", graph.Add("Shape", "shape", ids), 1, 0);
        string x = Normalized("embeddings", Rows(Embeddings(ids, types, length)), TransformerNames.EmbeddingNorm);
        string hidden = graph.Single("lowest", float.MinValue);
        // 0 for real tokens, the lowest number for others, [N, 1, 1, T].
        string masked = graph.Add(
            "Mul", "masked", graph.Add("Sub", "absent", graph.Single("one", 1), Unsqueezed(graph.CastToSingle("present", mask))), hidden);
        string bias = _config.RelativeBuckets > 0 ? graph.Add("Add", "attention_bias", RelativeBias(length), masked) : masked;
        string headShape = graph.Add("Concat", "head_shape",
            [graph.Add("Shape", "batch_shape", ids), graph.Integers("heads", [_config.Heads, _config.HeadWidth], [2])], ("axis", 0));
        for (int layer = 0; layer < _config.Layers; layer++)
        {
            x = Layer(x, TransformerNames.Layer(_config.Family, layer), bias, headShape, $"layer_{layer}_");
        }
        string tokenShape = graph.Add("Concat", "token_shape",
            [graph.Add("Shape", "result_shape", ids), graph.Integers("width", [_config.Hidden], [1])], ("axis", 0));
        return graph.Add("Reshape", "tokens", x, tokenShape);
    }

    private string Embeddings(string ids, string? types, string length)
    {
        string words = graph.Add("Gather", "words", Weights(TransformerNames.Words), ids);
        string positions = graph.Add("Gather", "positions", Weights(TransformerNames.Positions), _config.CountsRealTokens
            ? CountedPositions(ids)
            : Range(length));
        if (_config.TokenTypes > 0)
        {
            string type = types ?? graph.Integers("first_type", [0], [1]);
            words = graph.Add("Add", "typed", words, graph.Add("Gather", "types", Weights(TransformerNames.TokenTypes), type));
        }
        return graph.Add("Add", "summed", words, positions);
    }

    /// <summary>
    /// Writes the positions: the padding id for padding tokens, and for other tokens that id plus the number of real tokens up to them,
    /// int64 <c>[N, T]</c>.
    /// </summary>
    private string CountedPositions(string ids)
    {
        string pad = graph.Integers("pad", [_config.PadId], []);
        string real = graph.CastToInteger("real", graph.Add("Not", "is_real", graph.Add("Equal", "is_pad", ids, pad)));
        string count = graph.Add("Mul", "counted", graph.Add("CumSum", "count", real, graph.Integers("count_axis", [1], [])), real);
        return graph.Add("Add", "position_ids", count, pad);
    }

    /// <summary>Writes 0, 1, …, T − 1.</summary>
    private string Range(string length) =>
        graph.Add("Range", "range", graph.Integers("range_start", [0], []), length, graph.Integers("range_step", [1], []));

    /// <summary>Writes the bias of every pair of tokens by their distance, <c>[1, H, T, T]</c>.</summary>
    private string RelativeBias(string length)
    {
        int longest = _config.PositionRows;
        float[] table = model.Weights[TransformerNames.RelativeBias].Singles();
        var byDistance = new float[(2 * longest - 1) * _config.Heads];
        for (int distance = 1 - longest; distance < longest; distance++)
        {
            int bucket = RelativePositions.Bucket(distance, _config.RelativeBuckets, TransformerConfig.MaxRelativeDistance);
            table.AsSpan(bucket * _config.Heads, _config.Heads).CopyTo(byDistance.AsSpan((distance + longest - 1) * _config.Heads));
        }
        string range = Range(length);
        string distances = graph.Add("Sub", "distances", graph.Unsqueeze("seen", range, 0), graph.Unsqueeze("seeing", range, 1));
        string rows = graph.Add("Add", "distance_rows", distances, graph.Integers("longest", [longest - 1], []));
        string bias = graph.Add(
            "Gather", "relative", graph.Singles("bias_by_distance", byDistance, [2 * longest - 1, _config.Heads]), rows);
        return graph.Unsqueeze("relative_bias", graph.Transpose("relative_heads", bias, 2, 0, 1), 0);
    }

    private string Layer(string x, TransformerLayerNames names, string bias, string headShape, string prefix)
    {
        string query = Heads(Linear(prefix + "query", x, names.Query), headShape, prefix + "queries", 0, 2, 1, 3);
        string key = Heads(Linear(prefix + "key", x, names.Key), headShape, prefix + "keys", 0, 2, 3, 1);
        string value = Heads(Linear(prefix + "value", x, names.Value), headShape, prefix + "values", 0, 2, 1, 3);
        string scores = graph.Add("Div", prefix + "scores", graph.Add("MatMul", prefix + "products", query, key),
            graph.Single(prefix + "root", MathF.Sqrt(_config.HeadWidth)));
        string attention = graph.Add("Softmax", prefix + "attention", [graph.Add("Add", prefix + "biased", scores, bias)], ("axis", -1));
        string context = Rows(graph.Transpose(prefix + "context", graph.Add("MatMul", prefix + "seen", attention, value), 0, 2, 1, 3));
        x = Normalized(prefix + "attended",
            graph.Add(
            "Add", prefix + "attention_sum", Linear(prefix + "attention_output", context, names.AttentionOutput), x), names.AttentionNorm);
        string inner = OnnxActivation.Write(graph, _config.Activation, Linear(prefix + "inner", x, names.Inner), prefix);
        return Normalized(
            prefix + "output", graph.Add("Add", prefix + "sum", Linear(prefix + "outer", inner, names.Outer), x), names.OutputNorm);
    }

    private string Heads(string rows, string headShape, string output, params ReadOnlySpan<long> order) =>
        graph.Transpose(output, graph.Add("Reshape", output + "_split", rows, headShape), order);

    /// <summary>Writes the values with all axes except the width joined, <c>[N·T, D]</c>.</summary>
    private string Rows(string values) => graph.Add("Reshape", "rows", values, graph.Integers("rows_shape", [-1, _config.Hidden], [2]));

    private string Linear(string output, string input, string name) =>
        graph.Add("Gemm", output, [input, Weights(name + ".weight"), Weights(name + ".bias")], ("transB", 1));

    private string Normalized(string output, string input, string name) =>
        graph.LayerNormalization(output, input, Weights(name + ".weight"), Weights(name + ".bias"), (float)_config.LayerNormEpsilon);

    private string Unsqueezed(string mask) => graph.Unsqueeze("mask_heads", graph.Unsqueeze("mask_queries", mask, 1), 1);

    private string Weights(string name)
    {
        StoredTensor tensor = model.Weights[name];
        return graph.SingleBytes(name, tensor.SingleBytes(), tensor.Shape);
    }
}
