using System.Globalization;
using Microsoft.ML.Mrl.Export.Onnx;
using Dimension = Microsoft.ML.Mrl.Export.Onnx.TensorShapeProto.Types.Dimension;

namespace Microsoft.ML.Mrl.Text.Encoders;

/// <summary>
/// Defines what the ONNX models of all kinds of encoders have in common: the path of the file, the names of inputs and outputs, which are
/// those of Python's exporters, and the metadata.
/// </summary>
internal static class EncoderOnnx
{
    /// <summary>The folder inside the encoder's.</summary>
    public const string Folder = "onnx";

    /// <summary>The file in it.</summary>
    public const string FileName = "model.onnx";

    /// <summary>int64 <c>[N, T]</c>.</summary>
    public const string InputIds = "input_ids";

    /// <summary>int64 <c>[N, T]</c>: 1 for real tokens, 0 for padding.</summary>
    public const string AttentionMask = "attention_mask";

    /// <summary>The output of all modules, <c>[N, D]</c>.</summary>
    public const string SentenceEmbedding = "sentence_embedding";

    /// <summary>The entry of the metadata that says that embeddings have unit length.</summary>
    public const string UnitLengthKey = "mrl.unit_length";

    private const string FingerprintKey = "mrl.encoder_fingerprint";
    private const string TrainedKey = "mrl.trained_dimensions";

    private static readonly string[] s_identity =
    [
        FingerprintKey, UnitLengthKey, "mrl.dimensions", TrainedKey, "mrl.buckets_left_out", "is_matryoshka",
        "matryoshka_dimensions",
    ];

    /// <summary>Starts a graph in which some names are taken.</summary>
    public static OnnxGraphBuilder Start(GraphProto graph, params ReadOnlySpan<string> taken)
    {
        var names = new OnnxNames();
        foreach (string name in taken)
        {
            names.TakeValue(name);
        }
        return new OnnxGraphBuilder(graph, names, OnnxFile.OperatorSet);
    }

    /// <summary>Writes the cut to the first values of every row.</summary>
    public static string Cut(OnnxGraphBuilder graph, string embeddings, int width) =>
        graph.Add("Slice", "cut", embeddings, graph.Integers("cut_start", [0], [1]), graph.Integers("cut_end", [width], [1]),
            graph.Integers("cut_axis", [1], [1]));

    /// <summary>Adds an input, int64 <c>[N, T]</c>.</summary>
    public static void AddInput(GraphProto graph, string name) =>
        graph.Input.Add(Value(name, TensorProto.Types.DataType.Int64, Batch, Sequence));

    /// <summary>Adds an output of singles.</summary>
    public static void AddOutput(GraphProto graph, string name, params ReadOnlySpan<Dimension> shape) =>
        graph.Output.Add(Value(name, TensorProto.Types.DataType.Float, shape));

    /// <summary>Gets the axis of texts, which may have any length N.</summary>
    public static Dimension Batch => new() { DimParam = "batch" };

    /// <summary>Gets the axis of tokens, which may have any length T.</summary>
    public static Dimension Sequence => new() { DimParam = "sequence" };

    /// <summary>The model of a graph.</summary>
    public static ModelProto Model(GraphProto graph)
    {
        System.Version version = typeof(EncoderOnnx).Assembly.GetName().Version!;
        var model = new ModelProto { IrVersion = OnnxFile.FormatVersion, ProducerName = "Microsoft.ML.Mrl",
            ProducerVersion = version.ToString(3), Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = OnnxFile.OperatorSet });
        return model;
    }

    /// <summary>Writes the identity of the encoder into the metadata of a model.</summary>
    public static void Name(ModelProto model, TextEncoder encoder)
    {
        // A graph that was exported before has the identity of then.
        foreach (StringStringEntryProto old in model.MetadataProps.Where(p => s_identity.Contains(p.Key)).ToArray())
        {
            model.MetadataProps.Remove(old);
        }
        Add("encoder_fingerprint", encoder.Fingerprint);
        Add("dimensions", encoder.Dimensions.ToString(CultureInfo.InvariantCulture));
        if (encoder.IsNormalized)
        {
            Add("unit_length", "true");
        }
        if (encoder.TrainedDimensions is { } trained)
        {
            Add("trained_dimensions", string.Join(',', trained));
            // The names that other servers look for.
            model.MetadataProps.Add(new StringStringEntryProto { Key = "is_matryoshka", Value = "true" });
            model.MetadataProps.Add(
                new StringStringEntryProto { Key = "matryoshka_dimensions", Value = $"[{string.Join(", ", trained)}]" });
        }
        if (encoder is StaticTextEncoder { Buckets: > 0 } hashing)
        {
            Add("buckets_left_out", hashing.Buckets.ToString(CultureInfo.InvariantCulture));
        }

        void Add(string key, string value) => model.MetadataProps.Add(new StringStringEntryProto { Key = "mrl." + key, Value = value });
    }

    /// <summary>Determines whether a model was exported as a whole encoder, to which nothing has to be added.</summary>
    public static bool IsExported(ModelProto model) => model.MetadataProps.Any(p => p.Key == FingerprintKey);

    /// <summary>Determines whether the metadata of a model say that its embeddings have unit length.</summary>
    public static bool HasUnitLength(ModelProto model) => model.MetadataProps.Any(p => p.Key == UnitLengthKey);

    /// <summary>
    /// Returns the trained dimensions in the metadata of a model, or <see langword="null"/> where there are none that its embeddings have.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="width">The width of its embeddings.</param>
    public static MatryoshkaDimensions? TrainedDimensions(ModelProto model, int width)
    {
        string? list = model.MetadataProps.FirstOrDefault(p => p.Key == TrainedKey)?.Value;
        int[] dimensions = [.. (list ?? "").Split(',')
            .Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int m) ? m : 0).Distinct().Order()];
        return dimensions[0] >= 1 && dimensions[^1] <= width ? new MatryoshkaDimensions(dimensions) : null;
    }

    private static ValueInfoProto Value(string name, TensorProto.Types.DataType type, params ReadOnlySpan<Dimension> dimensions)
    {
        var shape = new TensorShapeProto();
        foreach (Dimension dimension in dimensions)
        {
            shape.Dim.Add(dimension);
        }
        return new ValueInfoProto { Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } } };
    }
}
