using Microsoft.ML.Mrl.Onnx;
using Dimension = Microsoft.ML.Mrl.Onnx.TensorShapeProto.Types.Dimension;

namespace Microsoft.ML.Mrl;

/// <summary>Writes a whole encoder as an ONNX model: token ids and their mask in, token vectors and embeddings out.</summary>
internal static class TransformerOnnx
{
    /// <summary>int64 <c>[N, T]</c>.</summary>
    public const string InputIds = "input_ids";

    /// <summary>int64 <c>[N, T]</c>: 1 for real tokens, 0 for those that fill up.</summary>
    public const string AttentionMask = "attention_mask";

    /// <summary>int64 <c>[N, T]</c>.</summary>
    public const string TokenTypeIds = "token_type_ids";

    /// <summary>The encoder's last layer, <c>[N, T, D]</c>.</summary>
    public const string TokenEmbeddings = "token_embeddings";

    /// <summary>The result of all modules, <c>[N, D]</c>.</summary>
    public const string SentenceEmbedding = "sentence_embedding";

    /// <summary>Makes the model.</summary>
    /// <param name="model">The encoder.</param>
    /// <param name="withTokenTypes">Whether token types are an input; otherwise all are 0. Ignored where the encoder has none.</param>
    /// <param name="dimensions">How many of an embedding's first values are given; <see langword="null"/> for all.</param>
    /// <exception cref="InvalidOperationException">The weights do not fit into one ONNX file.</exception>
    public static ModelProto Make(TransformerModel model, bool withTokenTypes = false, int? dimensions = null)
    {
        TransformerConfig config = model.Config;
        withTokenTypes &= config.TokenTypes > 0;
        CheckSize(config);
        var graph = new GraphProto { Name = "mrl_encoder" };
        var names = new OnnxNames();
        foreach (string name in new[] { InputIds, AttentionMask, TokenTypeIds, TokenEmbeddings, SentenceEmbedding })
        {
            names.TakeValue(name);
        }
        var builder = new OnnxGraphBuilder(graph, names, OnnxFile.OperatorSet);
        string tokens = new TransformerOnnxLayers(builder, model).Write(InputIds, AttentionMask, withTokenTypes ? TokenTypeIds : null);
        builder.AddNode("Identity", TokenEmbeddings, tokens);
        int width = Math.Min(dimensions ?? model.Dimensions, model.Dimensions);
        string embedding = SentenceOnnx.Write(builder, model.Modules, tokens, AttentionMask);
        if (width < model.Dimensions)
        {
            embedding = builder.Add("Slice", "cut", embedding, builder.Integers("cut_start", [0], [1]), builder.Integers("cut_end", [width], [1]), builder.Integers("cut_axis", [1], [1]));
        }
        builder.AddNode("Identity", SentenceEmbedding, embedding);

        foreach (string input in withTokenTypes ? [InputIds, AttentionMask, TokenTypeIds] : new[] { InputIds, AttentionMask })
        {
            graph.Input.Add(Value(input, TensorProto.Types.DataType.Int64, Batch(), Sequence()));
        }
        graph.Output.Add(Value(TokenEmbeddings, TensorProto.Types.DataType.Float, Batch(), Sequence(), new Dimension { DimValue = config.Hidden }));
        graph.Output.Add(Value(SentenceEmbedding, TensorProto.Types.DataType.Float, Batch(), new Dimension { DimValue = width }));
        System.Version version = typeof(TransformerOnnx).Assembly.GetName().Version!;
        var result = new ModelProto { IrVersion = OnnxFile.FormatVersion, ProducerName = "Microsoft.ML.Mrl", ProducerVersion = version.ToString(3), Graph = graph };
        result.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = OnnxFile.OperatorSet });
        return result;
    }

    /// <summary>Refuses an encoder whose weights, in single precision, do not fit into one file.</summary>
    /// <exception cref="InvalidOperationException">They do not.</exception>
    public static void CheckSize(TransformerConfig config) => OnnxFile.CheckSize(
        0, TransformerNames.All(config).Sum(t => sizeof(float) * t.Shape.Aggregate(1L, (a, b) => a * b)), "Take a smaller encoder, or one with fewer layers or a smaller vocabulary.");

    private static Dimension Batch() => new() { DimParam = "batch" };

    private static Dimension Sequence() => new() { DimParam = "sequence" };

    private static ValueInfoProto Value(string name, TensorProto.Types.DataType type, params ReadOnlySpan<Dimension> dimensions)
    {
        var shape = new TensorShapeProto();
        foreach (Dimension dimension in dimensions)
        {
            shape.Dim.Add(dimension);
        }
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } } };
    }
}
