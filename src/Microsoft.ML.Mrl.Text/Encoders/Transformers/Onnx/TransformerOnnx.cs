using Microsoft.ML.Mrl.Export.Onnx;

namespace Microsoft.ML.Mrl.Text.Encoders.Transformers.Onnx;

/// <summary>Writes a whole encoder as an ONNX model: token ids and their mask in, token vectors and embeddings out.</summary>
internal static class TransformerOnnx
{
    /// <summary>int64 <c>[N, T]</c>.</summary>
    public const string TokenTypeIds = "token_type_ids";

    /// <summary>The encoder's last layer, <c>[N, T, D]</c>.</summary>
    public const string TokenEmbeddings = "token_embeddings";

    /// <summary>Makes the model.</summary>
    /// <param name="model">The encoder.</param>
    /// <param name="withTokenTypes">Whether token types are an input; otherwise all are 0. Ignored where the encoder has none.</param>
    /// <param name="dimensions">How many of an embedding's first values are given, or <see langword="null"/> for all.</param>
    /// <exception cref="InvalidOperationException">The weights do not fit into one ONNX file.</exception>
    public static ModelProto Make(TransformerModel model, bool withTokenTypes = false, int? dimensions = null)
    {
        TransformerConfig config = model.Config;
        withTokenTypes &= config.TokenTypes > 0;
        CheckSize(config);
        var graph = new GraphProto { Name = "mrl_encoder" };
        OnnxGraphBuilder builder = EncoderOnnx.Start(
            graph, EncoderOnnx.InputIds, EncoderOnnx.AttentionMask, TokenTypeIds, TokenEmbeddings, EncoderOnnx.SentenceEmbedding);
        string tokens = new TransformerOnnxLayers(builder, model).Write(EncoderOnnx.InputIds, EncoderOnnx.AttentionMask, withTokenTypes
            ? TokenTypeIds
            : null);
        builder.AddNode("Identity", TokenEmbeddings, tokens);
        int width = Math.Min(dimensions ?? model.Dimensions, model.Dimensions);
        string embedding = SentenceOnnx.Write(builder, model.Modules, tokens, EncoderOnnx.AttentionMask);
        builder.AddNode("Identity", EncoderOnnx.SentenceEmbedding, width < model.Dimensions
            ? EncoderOnnx.Cut(builder, embedding, width)
            : embedding);

        foreach (string input in withTokenTypes
            ? [EncoderOnnx.InputIds, EncoderOnnx.AttentionMask, TokenTypeIds]
            : new[] { EncoderOnnx.InputIds, EncoderOnnx.AttentionMask })
        {
            EncoderOnnx.AddInput(graph, input);
        }
        EncoderOnnx.AddOutput(graph, TokenEmbeddings, EncoderOnnx.Batch, EncoderOnnx.Sequence, new() { DimValue = config.Hidden });
        EncoderOnnx.AddOutput(graph, EncoderOnnx.SentenceEmbedding, EncoderOnnx.Batch, new() { DimValue = width });
        return EncoderOnnx.Model(graph);
    }

    /// <summary>Throws an exception if the weights, in single precision, do not fit into one file.</summary>
    /// <exception cref="InvalidOperationException">The weights do not fit into one file.</exception>
    public static void CheckSize(TransformerConfig config) => OnnxFile.CheckSize(
        0, TransformerNames.All(config).Sum(
            t => sizeof(float) * t.Shape.Aggregate(1L, (a, b) => a * b)),
            "Take a smaller encoder, or one with fewer layers or a smaller vocabulary.");
}
