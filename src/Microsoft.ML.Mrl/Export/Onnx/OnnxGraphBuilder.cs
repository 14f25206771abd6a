using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Google.Protobuf;

namespace Microsoft.ML.Mrl.Export.Onnx;

/// <summary>
/// Adds nodes and constants to a graph, in the form that its operator set asks for. Names begin with <c>mrl_</c> and are unique.
/// </summary>
/// <param name="graph">The graph.</param>
/// <param name="names">The names that are taken in it.</param>
/// <param name="operatorSet">The version of the default operator set, 11 or later.</param>
internal sealed class OnnxGraphBuilder(GraphProto graph, OnnxNames names, long operatorSet)
{
    /// <summary>The first operator set whose ReduceSum, Squeeze and Unsqueeze take their axes as an input.</summary>
    private const long SumAxesAreInput = 13;

    /// <summary>The first operator set whose other reductions take their axes as an input.</summary>
    private const long AxesAreInput = 18;

    /// <summary>Adds a node with one output.</summary>
    /// <param name="operation">The operator.</param>
    /// <param name="output">The name of the output, without the prefix.</param>
    /// <param name="inputs">The values it reads.</param>
    /// <returns>The output's name.</returns>
    public string Add(string operation, string output, params ReadOnlySpan<string> inputs) =>
        AddNode(operation, names.NewValue("mrl_" + output), inputs).Output[0];

    /// <summary>Adds a node whose output has a given name.</summary>
    public NodeProto AddNode(string operation, string output, params ReadOnlySpan<string> inputs)
    {
        var node = new NodeProto { OpType = operation, Name = names.NewNode("mrl_" + operation) };
        foreach (string input in inputs)
        {
            node.Input.Add(input);
        }
        node.Output.Add(output);
        graph.Node.Add(node);
        return node;
    }

    /// <summary>Adds a node with one output and whole-number attributes.</summary>
    public string Add(string operation, string output, ReadOnlySpan<string> inputs,
        params ReadOnlySpan<(string Name, long Value)> attributes)
    {
        NodeProto node = AddNode(operation, names.NewValue("mrl_" + output), inputs);
        foreach ((string name, long value) in attributes)
        {
            node.Attribute.Add(Integer(name, value));
        }
        return node.Output[0];
    }

    /// <summary>Reorders the axes.</summary>
    public string Transpose(string output, string input, params ReadOnlySpan<long> order)
    {
        string result = names.NewValue("mrl_" + output);
        var attribute = new AttributeProto { Name = "perm", Type = AttributeProto.Types.AttributeType.Ints };
        foreach (long axis in order)
        {
            attribute.Ints.Add(axis);
        }
        AddNode("Transpose", result, input).Attribute.Add(attribute);
        return result;
    }

    /// <summary>Rescales the last axis to mean 0 and variance 1, then by weights and biases.</summary>
    public string LayerNormalization(string output, string input, string weights, string bias, float epsilon)
    {
        string result = names.NewValue("mrl_" + output);
        AddNode("LayerNormalization", result, input, weights, bias).Attribute.Add([
            Integer("axis", -1), new AttributeProto { Name = "epsilon", Type = AttributeProto.Types.AttributeType.Float, F = epsilon }]);
        return result;
    }

    /// <summary>Turns numbers of another type into 64-bit whole numbers.</summary>
    public string CastToInteger(string output, string input) =>
        Add("Cast", output, [input], ("to", (long)TensorProto.Types.DataType.Int64));

    /// <summary>Adds a reduction along one axis, which is kept with length 1 or removed.</summary>
    public string Reduce(string operation, string output, string input, long axis, bool keepAxis = true) =>
        WithAxis(operation, output, input, axis, operation == "ReduceSum" ? SumAxesAreInput : AxesAreInput, node =>
            node.Attribute.Add(Integer("keepdims", keepAxis ? 1 : 0)));

    /// <summary>Adds an axis of length 1.</summary>
    public string Unsqueeze(string output, string input, long axis) =>
        WithAxis("Unsqueeze", output, input, axis, SumAxesAreInput, _ => { });

    /// <summary>Removes an axis of length 1.</summary>
    public string Squeeze(string output, string input, long axis) => WithAxis("Squeeze", output, input, axis, SumAxesAreInput, _ => { });

    /// <summary>Turns numbers of another type into single precision.</summary>
    public string CastToSingle(string output, string input)
    {
        string result = names.NewValue("mrl_" + output);
        AddNode("Cast", result, input).Attribute.Add(Integer("to", (long)TensorProto.Types.DataType.Float));
        return result;
    }

    /// <summary>Takes one slice along an axis and removes the axis.</summary>
    public string Pick(string output, string input, long index, long axis)
    {
        string result = names.NewValue("mrl_" + output);
        AddNode("Gather", result, input, Integers(output + "_index", [index], [])).Attribute.Add(Integer("axis", axis));
        return result;
    }

    /// <summary>Adds a constant of one single.</summary>
    public string Single(string name, float value) => Singles(name, [value], []);

    /// <summary>Adds constants.</summary>
    /// <param name="name">Their name, without the prefix.</param>
    /// <param name="values">The numbers; not copied, so they must not change.</param>
    /// <param name="shape">The shape; empty for a scalar.</param>
    public string Singles(string name, float[] values, ReadOnlySpan<long> shape) =>
        AddConstant(name, TensorProto.Types.DataType.Float, Bytes(values), shape);

    /// <summary>Adds constants of single precision from their bytes, little-endian; not copied, so they must not change.</summary>
    public string SingleBytes(string name, byte[] bytes, IEnumerable<long> shape) =>
        AddConstant(name, TensorProto.Types.DataType.Float, bytes, [.. shape]);

    /// <summary>Adds constants of 64-bit whole numbers.</summary>
    /// <param name="name">Their name, without the prefix.</param>
    /// <param name="values">The numbers.</param>
    /// <param name="shape">The shape; empty for a scalar.</param>
    public string Integers(string name, long[] values, ReadOnlySpan<long> shape)
    {
        byte[] bytes = new byte[values.Length * sizeof(long)];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(i * sizeof(long)), values[i]);
        }
        return AddConstant(name, TensorProto.Types.DataType.Int64, bytes, shape);
    }

    private string AddConstant(string name, TensorProto.Types.DataType type, byte[] bytes, ReadOnlySpan<long> shape)
    {
        var tensor = new TensorProto { DataType = (int)type, Name = names.NewValue("mrl_" + name),
            RawData = UnsafeByteOperations.UnsafeWrap(bytes) };
        foreach (long length in shape)
        {
            tensor.Dims.Add(length);
        }
        graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    private string WithAxis(string operation, string output, string input, long axis, long axesAreInputSince,
        Action<NodeProto> addAttributes)
    {
        string result = names.NewValue("mrl_" + output);
        NodeProto node;
        if (operatorSet >= axesAreInputSince)
        {
            node = AddNode(operation, result, input, Integers(output + "_axis", [axis], [1]));
        }
        else
        {
            node = AddNode(operation, result, input);
            var axes = new AttributeProto { Name = "axes", Type = AttributeProto.Types.AttributeType.Ints };
            axes.Ints.Add(axis);
            node.Attribute.Add(axes);
        }
        addAttributes(node);
        return result;
    }

    private static AttributeProto Integer(string name, long value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value };

    private static byte[] Bytes(float[] values)
    {
        byte[] bytes = new byte[checked(values.Length * sizeof(float))];
        if (BitConverter.IsLittleEndian)
        {
            MemoryMarshal.AsBytes(values.AsSpan()).CopyTo(bytes);
            return bytes;
        }
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), values[i]);
        }
        return bytes;
    }
}
