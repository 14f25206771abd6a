using Microsoft.ML.Mrl.Vectors;
using DataType = Microsoft.ML.Mrl.Export.Onnx.TensorProto.Types.DataType;

namespace Microsoft.ML.Mrl.Export.Onnx;

/// <summary>Appends pooling, a head, the cut and the rescaling to the graph of an encoder.</summary>
internal static class OnnxAppender
{
    /// <summary>The first operator set with all the forms that are written: Clip with its bounds as inputs came last.</summary>
    private const long MinOperatorSet = 11;

    /// <summary>The first format version in which constants need not also be inputs.</summary>
    private const long ConstantsAreNoInputs = 4;

    /// <summary>The names that exporters give to outputs of one vector for each row, and for each token.</summary>
    private static readonly string[] UsualOutputs = ["sentence_embedding"];
    private static readonly string[] UsualTokenOutputs = ["token_embeddings", "last_hidden_state"];

    /// <summary>The divisor of sentence-transformers if a mask has no real token.</summary>
    private const float SmallestCount = 1e-9f;

    public static void Append(ModelProto model, EmbeddingHead head, int dimensions, OnnxAppendOptions options)
    {
        long operatorSet = OperatorSet(model);
        GraphProto graph = model.Graph;
        ValueInfoProto output = ChooseOutput(graph, options);
        ValueInfoProto[] kept = [.. options.KeptOutputs.Select(name =>
            Find(graph.Output, name, nameof(OnnxAppendOptions.KeptOutputs), "output"))];
        TypeProto.Types.Tensor type = CheckOutput(output, options.Pooling, head.InputDimensions);
        DataType element = (DataType)type.ElemType;
        TensorShapeProto.Types.Dimension rows = type.Shape is { Dim.Count: > 0 } shape
            && shape.Dim[0].ValueCase != TensorShapeProto.Types.Dimension.ValueOneofCase.None
            ? shape.Dim[0].Clone()
            : new TensorShapeProto.Types.Dimension { DimParam = "batch" };

        OnnxNames names = OnnxWalk.Names(graph);
        MakeRoom(graph, names, options.OutputName);
        var builder = new OnnxGraphBuilder(graph, names, operatorSet);
        string value = output.Name;
        if (element != DataType.Float)
        {
            value = builder.CastToSingle("encoder_output", value);
        }
        value = options.Pooling switch
        {
            TokenPooling.Mean => WriteMean(builder, value, Mask(graph, options.AttentionMaskName)),
            TokenPooling.FirstToken => builder.Pick("first_token", value, 0, 1),
            TokenPooling.Max => OnnxPooling.WriteMax(builder, value, Mask(graph, options.AttentionMaskName).Name),
            TokenPooling.LastToken => OnnxPooling.WriteLastToken(builder, value, Mask(graph, options.AttentionMaskName).Name),
            _ => value,
        };
        if (options.EncoderNormalization == EmbeddingNormalization.UnitLength)
        {
            value = OnnxHead.WriteUnitLength(builder, value, "encoder_");
        }
        value = OnnxHead.WriteHead(builder, head, value, dimensions);
        if (options.Normalization == EmbeddingNormalization.UnitLength)
        {
            OnnxHead.WriteUnitLength(builder, value, "");
        }
        OnnxHead.NameLast(graph, options.OutputName);

        graph.Output.Clear();
        graph.Output.Add(new ValueInfoProto { Name = options.OutputName, Type = OnnxFile.RowsOf(rows, dimensions) });
        graph.Output.Add(kept);
        if (model.IrVersion < ConstantsAreNoInputs)
        {
            model.IrVersion = ConstantsAreNoInputs;
        }
        OnnxMetadata.Write(model.MetadataProps, head, dimensions, options.Normalization);
    }

    private static long OperatorSet(ModelProto model)
    {
        OperatorSetIdProto[] sets = [.. model.OpsetImport.Where(s => s.Domain is "" or "ai.onnx")];
        switch (sets.Length)
        {
            case 0:
                model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = OnnxFile.OperatorSet });
                return OnnxFile.OperatorSet;
            case > 1:
                throw new InvalidDataException("The encoder is damaged: it imports the default operator set more than once.");
            default:
                return sets[0].Version >= MinOperatorSet
                    ? sets[0].Version
                    : throw new NotSupportedException(
                        $"The encoder uses ONNX operator set {sets[0].Version}; the head needs {MinOperatorSet} or later. Export the " +
                            $"encoder again with opset {OnnxFile.OperatorSet}, or convert it with onnx.version_converter.");
        }
    }

    private static ValueInfoProto ChooseOutput(GraphProto graph, OnnxAppendOptions options)
    {
        if (options.EncoderOutputName is { } name)
        {
            return Find(graph.Output, name, nameof(OnnxAppendOptions.EncoderOutputName), "output");
        }
        string[] usual = options.Pooling == TokenPooling.None ? UsualOutputs : UsualTokenOutputs;
        return usual.Select(u => graph.Output.FirstOrDefault(o => o.Name == u)).FirstOrDefault(o => o is not null)
            ?? (graph.Output.Count == 1
            ? graph.Output[0]
            : throw new ArgumentException(
                $"The encoder has {graph.Output.Count} outputs ({List(graph.Output)}). Name the one that the head reads in " +
                    $"{nameof(OnnxAppendOptions.EncoderOutputName)}.", nameof(options)));
    }

    private static TypeProto.Types.Tensor CheckOutput(ValueInfoProto output, TokenPooling pooling, int width)
    {
        if (output.Type?.TensorType is not { } tensor
            || (DataType)tensor.ElemType is not (DataType.Float or DataType.Float16 or DataType.Bfloat16 or DataType.Double))
        {
            throw new ArgumentException($"Cannot append the head: encoder output '{output.Name}' is not a tensor of floating-point " +
                $"numbers. Choose another {nameof(OnnxAppendOptions.EncoderOutputName)}.", "options");
        }
        if (tensor.Shape is not { } shape)
        {
            return tensor;
        }
        int expected = pooling == TokenPooling.None ? 2 : 3;
        if (shape.Dim.Count != expected)
        {
            throw new ArgumentException(RankMessage(output.Name, shape, pooling), "options");
        }
        TensorShapeProto.Types.Dimension last = shape.Dim[^1];
        if (last.HasDimValue && last.DimValue != width)
        {
            throw new ArgumentException(
                $"Cannot append the head: encoder output '{output.Name}' has {last.DimValue} values in each row, the head takes {width}. " +
                    "Choose the output that the head was trained on, or train a head on this encoder's vectors.", "head");
        }
        return tensor;
    }

    private static string RankMessage(string name, TensorShapeProto shape, TokenPooling pooling)
    {
        string found = $"Cannot append the head: encoder output '{name}' is {Text(shape)}";
        return (pooling, shape.Dim.Count) switch
        {
            (TokenPooling.None, 3) =>
                $"{found}: one vector for each token. Set {nameof(OnnxAppendOptions.Pooling)} to {nameof(TokenPooling.Mean)} or " +
                    $"{nameof(TokenPooling.FirstToken)}, whichever the encoder was trained with " +
                "(sentence-transformers: 1_Pooling/config.json), or choose an output that is [N, D].",
            (not TokenPooling.None, 2) => $"{found}: one vector for each row already. Set {nameof(OnnxAppendOptions.Pooling)} to " +
                $"{nameof(TokenPooling.None)}, or choose an output that is [N, T, D].",
            (TokenPooling.None, _) => $"{found}, not [N, D]. Choose another {nameof(OnnxAppendOptions.EncoderOutputName)}.",
            _ => $"{found}, not [N, T, D]. Choose another {nameof(OnnxAppendOptions.EncoderOutputName)}.",
        };
    }

    private static ValueInfoProto Mask(GraphProto graph, string name)
    {
        HashSet<string> constants = [.. graph.Initializer.Select(t => t.Name)];
        ValueInfoProto mask = Find(graph.Input.Where(i => !constants.Contains(i.Name)), name,
            nameof(OnnxAppendOptions.AttentionMaskName), "input");
        if (mask.Type?.TensorType is not { } tensor || (DataType)tensor.ElemType == DataType.String || tensor.Shape is { Dim.Count: not 2 })
        {
            throw new ArgumentException($"Cannot append the head: encoder input '{name}' is not a mask [N, T] of numbers. Choose another " +
                $"{nameof(OnnxAppendOptions.AttentionMaskName)}.", "options");
        }
        return mask;
    }

    /// <summary>Σ_t mask_t x_t / max(Σ_t mask_t, 1e-9).</summary>
    private static string WriteMean(OnnxGraphBuilder builder, string tokens, ValueInfoProto mask)
    {
        string numbers = (DataType)mask.Type.TensorType.ElemType == DataType.Float ? mask.Name : builder.CastToSingle("mask", mask.Name);
        string weights = builder.Unsqueeze("mask_column", numbers, 2);
        string sum = builder.Reduce("ReduceSum", "token_sum", builder.Add("Mul", "masked_tokens", tokens, weights), 1, keepAxis: false);
        string count = builder.Add("Max", "token_count", builder.Reduce("ReduceSum", "mask_sum", numbers, 1),
            builder.Single("smallest_count", SmallestCount));
        return builder.Add("Div", "mean", sum, count);
    }

    /// <summary>Frees the name of the new output: a value of the encoder that has this name is renamed.</summary>
    private static void MakeRoom(GraphProto graph, OnnxNames names, string wished)
    {
        if (!names.HasValue(wished))
        {
            names.TakeValue(wished);
            return;
        }
        if (!graph.Node.Any(n => n.Output.Contains(wished)))
        {
            throw new ArgumentException($"Cannot call the output '{wished}': the encoder has an input or a constant of that name. Choose " +
                $"another {nameof(OnnxAppendOptions.OutputName)}.", "options");
        }
        OnnxWalk.Rename(graph, wished, names.NewValue("mrl_encoder_" + wished));
    }

    private static ValueInfoProto Find(IEnumerable<ValueInfoProto> values, string name, string option, string what) =>
        values.FirstOrDefault(v => v.Name == name)
        ?? throw new ArgumentException($"The encoder has no {what} '{name}', as {option} asks for. It has: {List(values)}.", "options");

    private static string List(IEnumerable<ValueInfoProto> values) =>
        string.Join(", ", values.Select(v => $"'{v.Name}' {(v.Type?.TensorType?.Shape is { } shape ? Text(shape) : "of unknown shape")}"));

    private static string Text(TensorShapeProto shape) =>
        $"[{string.Join(", ", shape.Dim.Select(Text))}]";

    private static string Text(TensorShapeProto.Types.Dimension dimension) =>
        dimension.HasDimValue ? dimension.DimValue.ToString(System.Globalization.CultureInfo.InvariantCulture)
            : dimension.HasDimParam ? dimension.DimParam
            : "?";
}
