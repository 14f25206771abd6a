using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;

namespace Microsoft.ML.Mrl.Tests.Transforms;

/// <summary>Stands in for the context of ML.NET's ONNX converter: keeps the nodes and initialisers that transformers write, and names
/// things as it does.</summary>
internal sealed class RecordingOnnxContext(int opSet = 12) : OnnxContext
{
    private readonly Dictionary<string, string> _variableOfColumn = [];
    private readonly HashSet<string> _variables = [];
    private readonly HashSet<string> _nodeNames = [];

    public List<RecordedNode> Nodes { get; } = [];

    /// <summary>Values and shape by variable name; an empty shape is a scalar.</summary>
    public Dictionary<string, (double[] Values, long[] Shape)> Initializers { get; } = [];

    /// <summary>The initialisers that are 64-bit integers; the others are singles.</summary>
    public HashSet<string> Integers { get; } = [];

    /// <summary>The operator set.</summary>
    public int OperatorSet => opSet;

    /// <summary>Declared widths by variable name.</summary>
    public Dictionary<string, int> Widths { get; } = [];

    public string AddInput(string column, int width)
    {
        string variable = AddVariable(column);
        Widths[variable] = width;
        return variable;
    }

    public override bool ContainsColumn(string colName) => _variableOfColumn.ContainsKey(colName);

    public override string GetVariableName(string colName) => _variableOfColumn[colName];

    public override bool IsVariableDefined(string variableName) => _variables.Contains(variableName);

    public override string GetNodeName(string prefix) => Unique(prefix, _nodeNames);

    public override void CheckOpSetVersion(int thisTransformerMinumumOpSetVersion, string registerTransformerName)
    {
        if (opSet < thisTransformerMinumumOpSetVersion)
        {
            throw new InvalidOperationException($"{registerTransformerName} needs operator set {thisTransformerMinumumOpSetVersion}.");
        }
    }

    public override void RemoveColumn(string colName, bool removeVariable = false) => _variableOfColumn.Remove(colName);

    public override string AddIntermediateVariable(DataViewType type, string colName, bool skip = false)
    {
        string variable = AddVariable(colName);
        if (!skip)
        {
            Widths[variable] = type.GetValueCount();
        }
        return variable;
    }

    public override OnnxNode CreateNode(
        string opType, IEnumerable<string> inputs, IEnumerable<string> outputs, string name, string? domain = null)
    {
        Assert.True(_nodeNames.Add(name), $"Two nodes are called {name}.");
        var node = new RecordedNode(opType, [.. inputs], Assert.Single(outputs), domain ?? "ai.onnx.ml");
        Assert.All(node.Inputs, i => Assert.Contains(i, _variables));
        Assert.Contains(node.Output, _variables);
        Nodes.Add(node);
        return node;
    }

    public override OnnxVersion GetOnnxVersion() => OnnxVersion.Stable;

    public override string AddInitializer(float value, string? name = null, bool makeUniqueName = true) =>
        AddInitializer([value], [], name ?? "float");

    public override string AddInitializer(
        IEnumerable<float> values, IEnumerable<long> dims, string? name = null, bool makeUniqueName = true) =>
        AddInitializer([.. values.Select(v => (double)v)], dims, name ?? "floats");

    public override string AddInitializer(IEnumerable<long> values, IEnumerable<long> dims, string? name = null, bool makeUniqueName = true)
    {
        string variable = AddInitializer([.. values.Select(v => (double)v)], dims, name ?? "longs");
        Integers.Add(variable);
        return variable;
    }

    public override string AddInitializer(bool value, string? name = null, bool makeUniqueName = true) => throw new NotSupportedException();

    public override string AddInitializer(int value, Type type, string? name = null, bool makeUniqueName = true) =>
        throw new NotSupportedException();

    public override string AddInitializer(string value, string? name = null, bool makeUniqueName = true) =>
        throw new NotSupportedException();

    public override string AddInitializer(long value, string? name = null, bool makeUniqueName = true) => throw new NotSupportedException();

    public override string AddInitializer(double value, string? name = null, bool makeUniqueName = true) =>
        throw new NotSupportedException();

    public override string AddInitializer(ulong value, bool isUint64, string? name = null, bool makeUniqueName = true) =>
        throw new NotSupportedException();

    public override string AddInitializer(
        IEnumerable<bool> values, IEnumerable<long> dims, string? name = null, bool makeUniqueName = true) =>
            throw new NotSupportedException();

    public override string AddInitializer(
        IEnumerable<int> values, Type type, IEnumerable<long> dims, string? name = null, bool makeUniqueName = true) =>
            throw new NotSupportedException();

    public override string AddInitializer(
        IEnumerable<string> values, IEnumerable<long> dims, string? name = null, bool makeUniqueName = true) =>
            throw new NotSupportedException();

    public override string AddInitializer(
        IEnumerable<double> values, IEnumerable<long> dims, string? name = null, bool makeUniqueName = true) =>
            throw new NotSupportedException();

    public override string AddInitializer(
        IEnumerable<ulong> values, bool isUint64, IEnumerable<long> dims, string? name = null, bool makeUniqueName = true) =>
            throw new NotSupportedException();

    public override void RemoveVariable(string variableName, bool removeColumn) => throw new NotSupportedException();

    public override void RemoveInputVariable(string variableName) => throw new NotSupportedException();

    public override List<long> RetrieveShapeOrNull(string variableName) => throw new NotSupportedException();

    private string AddInitializer(double[] values, IEnumerable<long> shape, string name)
    {
        string variable = AddVariable(name);
        Initializers.Add(variable, (values, [.. shape]));
        return variable;
    }

    private string AddVariable(string column)
    {
        string variable = Unique(column, _variables);
        _variables.Add(variable);
        return _variableOfColumn[column] = variable;
    }

    private static string Unique(string prefix, HashSet<string> taken) =>
        Enumerable.Range(-1, int.MaxValue).Select(i => i < 0 ? prefix : prefix + i).First(name => !taken.Contains(name));
}
