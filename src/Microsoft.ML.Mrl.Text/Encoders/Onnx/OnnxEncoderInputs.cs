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
        return new OnnxEncoderInputs(ids, mask, types, positions, caches);

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
