using Microsoft.ML.Mrl.Export.Onnx;
using Microsoft.ML.Mrl.Text.Encoders.Transformers.Onnx;

namespace Microsoft.ML.Mrl.Text.Encoders.Static;

/// <summary>Writes a static encoder as an ONNX model: token ids and their mask in, embeddings out.</summary>
internal static class StaticEncoderOnnx
{
    /// <summary>Makes the model.</summary>
    /// <param name="content">The encoder.</param>
    /// <param name="unknownId">The id of the token that stands for words without one; left out of the mean where the encoder passes over
    /// such words.</param>
    /// <exception cref="InvalidOperationException">The table does not fit into one ONNX file.</exception>
    public static ModelProto Make(StaticEncoderContent content, int? unknownId)
    {
        // The first values of a mean are the mean of the first values; only unit length needs the others.
        int width = content.IsNormalized || content.Steps.Count > 0 ? content.Dimensions : content.Width;
        OnnxFile.CheckSize(0, (long)sizeof(float) * content.TokenRows * width,
            "Take an encoder with a smaller vocabulary, or cut it to fewer dimensions.");
        var graph = new GraphProto { Name = "mrl_encoder" };
        OnnxGraphBuilder builder = EncoderOnnx.Start(graph, EncoderOnnx.InputIds, EncoderOnnx.AttentionMask, EncoderOnnx.SentenceEmbedding);
        string embedding = SentenceOnnx.WriteSteps(builder, content.Steps, Mean(builder, content, width, unknownId));
        if (content.IsNormalized)
        {
            embedding = OnnxHead.WriteUnitLength(builder, embedding, "unit_");
        }
        int whole = content.Steps.Count > 0 ? content.FullWidth : width;
        embedding = content.Width < whole ? EncoderOnnx.Cut(builder, embedding, content.Width) : embedding;
        builder.AddNode("Identity", EncoderOnnx.SentenceEmbedding, embedding);
        EncoderOnnx.AddInput(graph, EncoderOnnx.InputIds);
        EncoderOnnx.AddInput(graph, EncoderOnnx.AttentionMask);
        EncoderOnnx.AddOutput(graph, EncoderOnnx.SentenceEmbedding, EncoderOnnx.Batch, new() { DimValue = content.Width });
        return EncoderOnnx.Model(graph);
    }

    /// <summary>Writes Σ weight · row / n over the tokens that count, which is zero if none does.</summary>
    private static string Mean(OnnxGraphBuilder graph, StaticEncoderContent content, int width, int? unknownId)
    {
        string ids = EncoderOnnx.InputIds;
        string counted = graph.CastToSingle("present", EncoderOnnx.AttentionMask);
        if (content.SkipsUnknown && unknownId is { } unknown)
        {
            string known = graph.Add("Not", "is_known", graph.Add("Equal", "is_unknown", ids, graph.Integers("unknown", [unknown], [])));
            counted = graph.Add("Mul", "counted", counted, graph.CastToSingle("known", known));
        }
        string weights = content.TokenWeights is { } factors
            ? graph.Add("Mul", "weights", counted,
                graph.Add("Gather", "token_weights", graph.Singles("token_weights_by_id", factors, [factors.Length]), ids))
            : counted;
        string rows = content.Mapping is { } mapping
            ? graph.Add(
            "Gather", "row_ids", graph.Integers("rows_by_id", Array.ConvertAll(mapping, row => (long)row), [mapping.Length]), ids)
            : ids;
        string vectors = graph.Add(
            "Gather", "rows", graph.Singles("table", content.FirstValues(content.TokenRows, width), [content.TokenRows, width]), rows);
        // A product of [1, T] and [T, D] for each text: no weighed copy of all vectors, and less rounding in long texts than a plain sum.
        string sum = graph.Squeeze("sum", graph.Add("MatMul", "sum_row", graph.Unsqueeze("weights_row", weights, 1), vectors), 1);
        string count = graph.Add("Max", "count", graph.Reduce("ReduceSum", "tokens", counted, 1), graph.Single("least_count", 1));
        return graph.Add("Div", "mean", sum, count);
    }
}
