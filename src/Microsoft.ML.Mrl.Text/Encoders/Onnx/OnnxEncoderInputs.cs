using Microsoft.ML.Mrl.Export.Onnx;
using DataType = Microsoft.ML.Mrl.Export.Onnx.TensorProto.Types.DataType;

namespace Microsoft.ML.Mrl.Text.Encoders.Onnx;

/// <summary>Represents the inputs of the graph of a text encoder, which are found by their names and shapes.</summary>
/// <param name="Ids">Token ids <c>[N, T]</c>.</param>
/// <param name="Mask">1 for real tokens <c>[N, T]</c>, where the graph takes a mask.</param>
/// <param name="TokenTypes">All 0 <c>[N, T]</c>, where the graph takes token types.</param>
/// <param name="Positions">The places of tokens <c>[N, T]</c>, where the graph takes positions.</param>
/// <param name="Caches">Keys and values of tokens before the text, of which there are none: <c>[N, heads, 0, width]</c>.</param>
internal sealed record OnnxEncoderInputs(
    OnnxEncoderInputs.Tokens Ids,
    OnnxEncoderInputs.Tokens? Mask,
    OnnxEncoderInputs.Tokens? TokenTypes,
    OnnxEncoderInputs.Tokens? Positions,
    IReadOnlyList<OnnxEncoderInputs.Cache> Caches)
{
    private const int MaxFixedRows = 1 << 10;
    private const int MaxFixedLength = 1 << 14;

    /// <summary>Gets the number of texts that the graph takes at once, or <see langword="null"/> for any number.</summary>
    public int? FixedRows { get; private init; }

    /// <summary>Gets the number of tokens that every text has to have, or <see langword="null"/> for any number.</summary>
    public int? FixedLength { get; private init; }

    /// <summary>Gets the number of tokens that the graph has vectors for, or <see langword="null"/> where that cannot be told.</summary>
    public long? TableRows { get; private init; }

    private static readonly string[] s_ids = ["input_ids", "input_word_ids", "ids", "tokens", "input"];

    /// <summary>Represents an input of whole numbers, one for each token.</summary>
    internal sealed record Tokens(string Name, DataType Type);

    /// <summary>Represents an input that is empty when nothing came before.</summary>
    internal sealed record Cache(string Name, DataType Type, long Heads, long Width);

    /// <summary>Finds the inputs.</summary>
    /// <exception cref="NotSupportedException">The graph is not a text encoder, or has further inputs.</exception>
    public static OnnxEncoderInputs Find(GraphProto graph, string source)
    {
        HashSet<string> constants = [.. graph.Initializer.Select(t => t.Name)];
        ValueInfoProto[] inputs = [.. graph.Input.Where(i => !constants.Contains(i.Name))];
        Tokens? ids = null, mask = null, types = null, positions = null;
        var caches = new List<Cache>();
        var others = new List<ValueInfoProto>();
        foreach (ValueInfoProto input in inputs)
        {
            string name = input.Name.ToLowerInvariant();
            if (IsCache(input, name) is { } cache)
            {
                caches.Add(cache);
            }
            else if (!IsOneAToken(input))
            {
                others.Add(input);
            }
            else if (name.Contains("mask", StringComparison.Ordinal))
            {
                Take(ref mask, input);
            }
            else if (name.Contains("type", StringComparison.Ordinal) || name.Contains("segment", StringComparison.Ordinal))
            {
                Take(ref types, input);
            }
            else if (name.Contains("position", StringComparison.Ordinal))
            {
                Take(ref positions, input);
            }
            else if (Array.Exists(s_ids, known => name.EndsWith(known, StringComparison.Ordinal)))
            {
                Take(ref ids, input);
            }
            else
            {
                others.Add(input);
            }
        }
        if (ids is null && others.Count(IsOneAToken) == 1)
        {
            ValueInfoProto only = others.Single(IsOneAToken);
            others.Remove(only);
            Take(ref ids, only);
        }
        if (ids is null || others.Count > 0)
        {
            throw new NotSupportedException(
                $"'{source}' is not a text encoder that can be run: " +
                (ids is null ? "it has no input of token ids, whole numbers [N, T]" : $"it also needs {List(others)}") +
                $". Its inputs are {List(inputs)}. Supported are token ids with a mask, token types, positions and empty caches.");
        }
        int? length = FixedAxis(inputs, 1, MaxFixedLength);
        if (length is not null && mask is null)
        {
            throw new NotSupportedException(
                $"'{source}' takes texts of exactly {length} tokens and has no mask, so shorter texts cannot be filled up. Its inputs " +
                $"are {List(inputs)}. Export the encoder with a free number of tokens, or with a mask.");
        }
        return new OnnxEncoderInputs(ids, mask, types, positions, caches)
        {
            FixedRows = FixedAxis(inputs, 0, MaxFixedRows),
            FixedLength = length,
            TableRows = graph.Node.Where(n => n.OpType == "Gather" && n.Input.Count == 2 && n.Input[1] == ids.Name)
                .Select(n => graph.Initializer.FirstOrDefault(t => t.Name == n.Input[0] && t.Dims.Count == 2)?.Dims[0]).FirstOrDefault(),
        };

        void Take(ref Tokens? place, ValueInfoProto input)
        {
            if (place is not null)
            {
                others.Add(input);
                return;
            }
            place = new Tokens(input.Name, (DataType)input.Type.TensorType.ElemType);
        }
    }

    /// <summary>
    /// Returns the size of an axis of the inputs of tokens if the graph was exported for one size alone, and for one that can be.
    /// </summary>
    private static int? FixedAxis(IEnumerable<ValueInfoProto> inputs, int axis, int most) => inputs
        .Where(input => IsOneAToken(input) && input.Type.TensorType.Shape is { } shape
            && shape.Dim[axis] is { HasDimValue: true, DimValue: > 0 } size && size.DimValue <= most)
        .Select(input => (int?)input.Type.TensorType.Shape.Dim[axis].DimValue).FirstOrDefault();

    /// <summary>Lists values with their types and shapes for messages.</summary>
    public static string List(IEnumerable<ValueInfoProto> values) => string.Join(", ", values.Select(Text)) is { Length: > 0 } list
        ? list
        : "none";

    private static string Text(ValueInfoProto value) => value.Type?.TensorType is { } tensor
        ? $"'{value.Name}' ({(DataType)tensor.ElemType} {Text(tensor.Shape)})"
        : $"'{value.Name}' (no tensor)";

    private static string Text(TensorShapeProto? shape) => shape is null
        ? "of unknown shape"
        : $"[{string.Join(", ", shape.Dim.Select(d => d.HasDimValue ? $"{d.DimValue}" : d.HasDimParam ? d.DimParam : "?"))}]";

    private static bool IsOneAToken(ValueInfoProto input) =>
        input.Type?.TensorType is { } tensor
        && (DataType)tensor.ElemType is DataType.Int64 or DataType.Int32 && tensor.Shape is null or { Dim.Count: 2 };

    private static Cache? IsCache(ValueInfoProto input, string name) =>
        name.StartsWith("past_key_values", StringComparison.Ordinal) && input.Type?.TensorType is { Shape.Dim.Count: 4 } tensor
        && (DataType)tensor.ElemType is DataType.Float or DataType.Float16
        && tensor.Shape.Dim[1].HasDimValue && tensor.Shape.Dim[3].HasDimValue
            ? new Cache(input.Name, (DataType)tensor.ElemType, tensor.Shape.Dim[1].DimValue, tensor.Shape.Dim[3].DimValue)
            : null;
}
