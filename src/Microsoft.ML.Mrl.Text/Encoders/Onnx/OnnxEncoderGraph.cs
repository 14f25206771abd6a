using Google.Protobuf;
using Microsoft.ML.Mrl.Export.Onnx;
using Microsoft.ML.Mrl.Text.Encoders.Transformers;
using Microsoft.ML.Mrl.Text.Encoders.Transformers.Onnx;
using DataType = Microsoft.ML.Mrl.Export.Onnx.TensorProto.Types.DataType;

namespace Microsoft.ML.Mrl.Text.Encoders.Onnx;

/// <summary>Reads the graph of a text encoder, and appends nodes so that one output holds the embeddings.</summary>
internal static class OnnxEncoderGraph
{
    private const long MinOperatorSet = 11;
    private const string PoolerOutput = "pooler_output";
    private static readonly string[] s_tokenOutputs = ["last_hidden_state", "token_embeddings", "hidden_states", "output_0"];

    /// <summary>Parses a model.</summary>
    /// <exception cref="InvalidDataException">The content is not an ONNX model.</exception>
    public static ModelProto Parse(byte[] bytes, string source)
    {
        try
        {
            ModelProto model = ModelProto.Parser.ParseFrom(bytes);
            return model.Graph is { Node.Count: > 0 }
                ? model
                : throw new InvalidDataException($"'{source}' is not an ONNX model: it holds no graph. Give a .onnx file.");
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidDataException($"'{source}' is not an ONNX model, or is damaged: {e.Message} Give a .onnx file.", e);
        }
    }

    /// <summary>Adds pooling, Dense layers and unit length, where they are not in the graph already.</summary>
    /// <param name="model">The model, which is changed.</param>
    /// <param name="source">Its name, for messages.</param>
    /// <param name="inputs">Its inputs.</param>
    /// <param name="modules">
    /// The modules of the folder that follow the token vectors, or <see langword="null"/> if there is no folder.
    /// </param>
    /// <param name="options">The options of the user.</param>
    /// <param name="applied">The pooling, which is none if the graph pools itself, and the steps after it.</param>
    /// <returns>The width of the embeddings, where the graph says it.</returns>
    /// <exception cref="NotSupportedException">The graph is no text encoder, or of an operator set that is too old.</exception>
    /// <exception cref="ArgumentException">Options do not fit the graph.</exception>
    public static int? Complete(
        ModelProto model,
        string source,
        OnnxEncoderInputs inputs,
        SentenceModules? modules,
        OnnxEncoderOptions options,
        out SentenceModules applied)
    {
        GraphProto graph = model.Graph;
        ValueInfoProto output = ChooseOutput(graph, source, modules, options, out bool isPooled);
        string value = output.Name;
        bool isSentence = isPooled && value == EncoderOnnx.SentenceEmbedding, hasUnitLength = EncoderOnnx.HasUnitLength(model);
        SentenceModules wanted = Wanted(
            modules, options, isPooled, isWhole: isSentence && !hasUnitLength && EncoderOnnx.IsExported(model));
        OnnxNames names = OnnxWalk.Names(graph);
        // What was completed before has unit length already: twice would change the last bits.
        bool isComplete = isSentence && hasUnitLength;
        if (isPooled && (isComplete || wanted.Steps.Count == 0) && (DataType)output.Type.TensorType.ElemType == DataType.Float)
        {
            if (value != EncoderOnnx.SentenceEmbedding)
            {
                Name(graph, names, new OnnxGraphBuilder(graph, names, OperatorSet(model, source)), value, output.Type);
            }
        }
        else
        {
            var builder = new OnnxGraphBuilder(graph, names, OperatorSet(model, source));
            if ((DataType)output.Type.TensorType.ElemType != DataType.Float)
            {
                value = builder.CastToSingle("encoder_output", value);
            }
            value = SentenceOnnx.Write(builder, wanted, value, isPooled ? null : Mask(builder, inputs));
            Name(graph, names, builder, value, type: null);
            if (wanted.Steps is [.., not DenseStep])
            {
                model.MetadataProps.Add(new StringStringEntryProto { Key = EncoderOnnx.UnitLengthKey, Value = "true" });
            }
        }
        applied = wanted;
        int? width = output.Type.TensorType.Shape is { Dim.Count: > 1 } shape
            && shape.Dim[^1] is { HasDimValue: true, DimValue: > 0 and <= int.MaxValue } last
            ? (int)last.DimValue
            : null;
        return wanted.Steps.OfType<DenseStep>().LastOrDefault() is { } dense ? dense.Outputs
            : width * (isPooled ? 1 : wanted.Pooling.Count);
    }

    /// <summary>Cuts the embeddings to their first values.</summary>
    public static void Cut(ModelProto model, string source, int width)
    {
        GraphProto graph = model.Graph;
        OnnxNames names = OnnxWalk.Names(graph);
        string whole = names.NewValue("mrl_whole");
        OnnxWalk.Rename(graph, EncoderOnnx.SentenceEmbedding, whole);
        for (int i = graph.Output.Count - 1; i >= 0; i--)
        {
            if (graph.Output[i].Name == whole)
            {
                graph.Output.RemoveAt(i);
            }
        }
        names.TakeValue(EncoderOnnx.SentenceEmbedding);
        if (model.MetadataProps.FirstOrDefault(p => p.Key == EncoderOnnx.UnitLengthKey) is { } unit)
        {
            model.MetadataProps.Remove(unit);
        }
        var builder = new OnnxGraphBuilder(graph, names, OperatorSet(model, source));
        builder.AddNode("Identity", EncoderOnnx.SentenceEmbedding, EncoderOnnx.Cut(builder, whole, width));
        EncoderOnnx.AddOutput(graph, EncoderOnnx.SentenceEmbedding, EncoderOnnx.Batch, new() { DimValue = width });
    }

    /// <summary>Gives a value the name of the embeddings, and makes it an output.</summary>
    private static void Name(GraphProto graph, OnnxNames names, OnnxGraphBuilder builder, string value, TypeProto? type)
    {
        if (names.HasValue(EncoderOnnx.SentenceEmbedding))
        {
            // Another value of that name is not what was asked for.
            string free = names.NewValue("encoder_sentence_embedding");
            value = value == EncoderOnnx.SentenceEmbedding ? free : value;
            for (int i = graph.Output.Count - 1; i >= 0; i--)
            {
                if (graph.Output[i].Name == EncoderOnnx.SentenceEmbedding)
                {
                    graph.Output.RemoveAt(i);
                }
            }
            OnnxWalk.Rename(graph, EncoderOnnx.SentenceEmbedding, free);
        }
        else
        {
            names.TakeValue(EncoderOnnx.SentenceEmbedding);
        }
        builder.AddNode("Identity", EncoderOnnx.SentenceEmbedding, value);
        graph.Output.Add(new ValueInfoProto
        {
            Name = EncoderOnnx.SentenceEmbedding,
            Type = type?.Clone() ?? new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float } },
        });
    }

    private static ValueInfoProto ChooseOutput(
        GraphProto graph, string source, SentenceModules? modules, OnnxEncoderOptions options, out bool isPooled)
    {
        ValueInfoProto[] outputs = [.. graph.Output.Where(IsFloating)];
        ValueInfoProto? chosen;
        bool wantsPooled = (options.Pooling ?? TokenPooling.None) == TokenPooling.None;
        if (options.OutputName is { } name)
        {
            chosen = graph.Output.FirstOrDefault(o => o.Name == name) ?? throw new ArgumentException(
                $"'{source}' has no output '{name}', as {nameof(OnnxEncoderOptions.OutputName)} asks for. It has " +
                $"{OnnxEncoderInputs.List(graph.Output)}.",
                nameof(options));
            if (!IsFloating(chosen))
            {
                throw new ArgumentException(
                    $"Output '{name}' of '{source}' holds no floating-point numbers. Choose one of {OnnxEncoderInputs.List(outputs)}.",
                    nameof(options));
            }
        }
        else
        {
            // Scores of words or classes are no vectors of texts.
            outputs = [.. outputs.Where(o => !o.Name.Contains("logits", StringComparison.OrdinalIgnoreCase))];
            ValueInfoProto? own = Find(outputs, EncoderOnnx.SentenceEmbedding) is { } named && Rank(named) is null or 2 ? named : null;
            ValueInfoProto[] pooled = [.. outputs.Where(o => Rank(o) == 2 && o.Name != PoolerOutput)];
            ValueInfoProto? tokens = s_tokenOutputs.Select(usual => Find(outputs, usual))
                .FirstOrDefault(o => o is not null && Rank(o) is null or 3)
                ?? (outputs.Count(o => Rank(o) == 3) == 1 ? outputs.Single(o => Rank(o) == 3) : null);
            bool takesGraphs = wantsPooled && (options.Pooling is not null || own is not null || tokens is null);
            chosen = options.Pooling == TokenPooling.None && own is null && pooled.Length == 0 ? tokens
                : takesGraphs ? own ?? (pooled.Length == 1 ? pooled[0] : null) : tokens ?? (pooled.Length == 1 ? pooled[0] : null);
            if (chosen is null)
            {
                throw new NotSupportedException(
                    $"'{source}' is not a text encoder that can be run: among its outputs, {OnnxEncoderInputs.List(graph.Output)}, " +
                    (
                        options.Pooling == TokenPooling.None
                            ? "none is clearly the single vector of each text [N, D]"
                            : "none is clearly the token vectors [N, T, D] or the single vector of each text [N, D]") +
                    $". Name the output in {nameof(OnnxEncoderOptions)}.{nameof(OnnxEncoderOptions.OutputName)}.");
            }
        }
        isPooled = Rank(chosen) == 2
            || (Rank(chosen) is null && (chosen.Name == EncoderOnnx.SentenceEmbedding || options.Pooling == TokenPooling.None));
        if (Rank(chosen) is { } rank and not (2 or 3))
        {
            throw new NotSupportedException(
                $"Output '{chosen.Name}' of '{source}' has {rank} axes. Choose an output of token vectors [N, T, D] or of one vector " +
                $"for each text [N, D].");
        }
        if (isPooled && !wantsPooled)
        {
            throw new ArgumentException(
                $"{nameof(OnnxEncoderOptions.Pooling)} is {options.Pooling}, but output '{chosen.Name}' of '{source}' already is one " +
                $"vector a text. " +
                $"Leave {nameof(OnnxEncoderOptions.Pooling)} unset, or name an output of token vectors [N, T, D] in " +
                $"{nameof(OnnxEncoderOptions.OutputName)}.",
                nameof(options));
        }
        if (!isPooled && options.Pooling == TokenPooling.None)
        {
            throw new ArgumentException(
                $"{nameof(OnnxEncoderOptions.Pooling)} is {nameof(TokenPooling.None)}, but output '{chosen.Name}' of '{source}' is " +
                $"one vector for each token. " +
                "Choose how they become one vector: Mean, FirstToken, Max or LastToken.", nameof(options));
        }
        return chosen;
    }

    /// <summary>Returns the modules to append to the chosen output.</summary>
    /// <param name="modules">The modules of the folder, or <see langword="null"/> if it names none.</param>
    /// <param name="options">The options of the user.</param>
    /// <param name="isPooled">Whether the output is one vector a text.</param>
    /// <param name="isWhole">Whether the output is that of an encoder whose embeddings have other lengths than 1.</param>
    private static SentenceModules Wanted(SentenceModules? modules, OnnxEncoderOptions options, bool isPooled, bool isWhole)
    {
        List<SentenceStep> steps = isPooled ? [] : [.. modules?.Steps ?? []];
        bool hasUnit = (isPooled ? modules?.Steps : steps) is [.., not DenseStep];
        bool normalizes = options.Normalize ?? (modules is null ? !isWhole : hasUnit);
        while (!normalizes && steps is [.., not DenseStep])
        {
            steps.RemoveAt(steps.Count - 1);
        }
        if (normalizes && steps is not [.., not DenseStep])
        {
            steps.Add(SentenceStep.Normalize);
        }
        IReadOnlyList<PoolingMode> pooling = isPooled ? [] : options.Pooling switch
        {
            TokenPooling.Mean => [PoolingMode.Mean],
            TokenPooling.FirstToken => [PoolingMode.FirstToken],
            TokenPooling.Max => [PoolingMode.Max],
            TokenPooling.LastToken => [PoolingMode.LastToken],
            _ => modules?.Pooling is { Count: > 0 } given ? given : [PoolingMode.Mean],
        };
        return new SentenceModules(modules?.TransformerPath ?? "", pooling, steps);
    }

    /// <summary>
    /// Returns the mask as the graph gets it; for a graph without one, ones, since its texts of a batch are of one length.
    /// </summary>
    private static string Mask(OnnxGraphBuilder builder, OnnxEncoderInputs inputs)
    {
        if (inputs.Mask is { } mask)
        {
            return mask.Name;
        }
        string ids = inputs.Ids.Type == DataType.Int64 ? inputs.Ids.Name : builder.CastToInteger("ids", inputs.Ids.Name);
        return builder.Add(
            "Add", "every_token", builder.Add("Mul", "no_id", ids, builder.Integers("zero", [0], [])), builder.Integers("one", [1], []));
    }

    private static long OperatorSet(ModelProto model, string source) =>
        model.OpsetImport.FirstOrDefault(s => s.Domain is "" or "ai.onnx")?.Version is { } version && version >= MinOperatorSet
            ? version
            : throw new NotSupportedException(
                $"'{source}' uses an ONNX operator set older than {MinOperatorSet}. Export the encoder again with opset " +
                $"{OnnxFile.OperatorSet}.");

    private static ValueInfoProto? Find(ValueInfoProto[] outputs, string name) => Array.Find(outputs, o => o.Name == name);

    private static int? Rank(ValueInfoProto value) => value.Type.TensorType.Shape?.Dim.Count;

    private static bool IsFloating(ValueInfoProto value) => value.Type?.TensorType is { } tensor
        && (DataType)tensor.ElemType is DataType.Float or DataType.Float16 or DataType.Bfloat16 or DataType.Double
        && !value.Name.StartsWith("present", StringComparison.Ordinal);
}
