using Microsoft.ML.Model.OnnxConverter;

namespace Microsoft.ML.Mrl.Friend;

/// <summary>
/// Writes nodes into the graph of ML.NET's ONNX converter. Each has one output, whose name is new unless it is given; its shape is left
/// to the runtime.
/// </summary>
internal sealed class OnnxNodes(OnnxContext context)
{
    // Numbers of the format's TensorProto.DataType.
    public const long Single = 1, UInt8 = 2, Int8 = 3, UInt16 = 4, Int32 = 6, Int64 = 7, Half = 10, Double = 11, UInt32 = 12;

    /// <summary>Adds a node.</summary>
    /// <param name="operation">The operator.</param>
    /// <param name="inputs">The variables that it reads.</param>
    /// <param name="output">The variable that it makes, which was declared; <see langword="null"/> makes a new one.</param>
    /// <returns>The variable that it makes.</returns>
    public string Add(string operation, string[] inputs, string? output = null) => Node(operation, inputs, output).Output;

    /// <summary>
    /// Adds a node that works along one axis and keeps it. If it has two outputs, as TopK has, the first one is returned.
    /// </summary>
    public string Along(string operation, string[] inputs, long axis, string? output = null)
    {
        (string made, OnnxNode node) = Node(operation, inputs, output, operation == "TopK" ? [Variable("MrlIndices")] : []);
        node.AddAttribute("axis", axis);
        return made;
    }

    /// <summary>Adds a node that reduces the second axis to one value.</summary>
    public string Reduce(string operation, string input)
    {
        (string made, OnnxNode node) = Node(operation, [input], null);
        node.AddAttribute("axes", [1L]);
        node.AddAttribute("keepdims", 1L);
        return made;
    }

    /// <summary>Changes the type of values.</summary>
    public string Cast(string input, long type, string? output = null)
    {
        (string made, OnnxNode node) = Node("Cast", [input], output);
        node.AddAttribute("to", type);
        return made;
    }

    /// <summary>Changes the shape; -1 stands for what is left.</summary>
    public string Reshape(string input, params long[] shape) => Add("Reshape", [input, Numbers(shape)]);

    /// <summary>Takes the columns from the first to the last, which is excluded.</summary>
    public string Columns(string input, long first, long last, string? output = null) =>
        Add("Slice", [input, Numbers(first), Numbers(last), Numbers(1)], output);

    public string Scalar(float value) => context.AddInitializer(value, "MrlValue");

    /// <summary>Returns a row of constants, <c>[1, m]</c>.</summary>
    public string Row(IReadOnlyCollection<float> values) => context.AddInitializer(values, [1L, values.Count], "MrlRow");

    /// <inheritdoc cref="Row(IReadOnlyCollection{float})"/>
    public string Row(IReadOnlyCollection<double> values) => context.AddInitializer(values, [1L, values.Count], "MrlRow");

    /// <summary>Adds constants of a shape.</summary>
    public string Values(IReadOnlyCollection<float> values, params long[] shape) => context.AddInitializer(values, shape, "MrlValues");

    public string Numbers(params long[] values) => context.AddInitializer(values, [values.Length], "MrlNumbers");

    private (string Output, OnnxNode Node) Node(string operation, string[] inputs, string? output, params string[] further)
    {
        output ??= Variable("Mrl" + operation);
        return (output, context.CreateNode(operation, inputs, [output, .. further], context.GetNodeName(operation), ""));
    }

    private string Variable(string name) => context.AddIntermediateVariable(null!, name, skip: true);
}
