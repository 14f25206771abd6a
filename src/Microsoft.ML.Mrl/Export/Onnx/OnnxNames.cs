namespace Microsoft.ML.Mrl.Export.Onnx;

/// <summary>Represents the names of the values and nodes of a graph, so that new names are unique.</summary>
internal sealed class OnnxNames
{
    private readonly HashSet<string> _values = [];
    private readonly HashSet<string> _nodes = [];

    public void TakeValue(string name) => _values.Add(name);

    public void TakeNode(string name) => _nodes.Add(name);

    public bool HasValue(string name) => _values.Contains(name);

    /// <summary>Returns the wished name, or the wished name and the first number that makes it new.</summary>
    public string NewValue(string wished) => New(wished, _values);

    /// <inheritdoc cref="NewValue"/>
    public string NewNode(string wished) => New(wished, _nodes);

    private static string New(string wished, HashSet<string> taken)
    {
        string name = wished;
        for (int i = 1; !taken.Add(name); i++)
        {
            name = $"{wished}_{i}";
        }
        return name;
    }
}
