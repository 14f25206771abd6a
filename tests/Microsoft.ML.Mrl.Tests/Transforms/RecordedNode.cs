using Microsoft.ML.Model.OnnxConverter;

namespace Microsoft.ML.Mrl.Tests.Transforms;

internal sealed class RecordedNode(string operation, string[] inputs, string output, string domain) : OnnxNode
{
    public string Operation { get; } = operation;

    public string[] Inputs { get; } = inputs;

    public string Output { get; } = output;

    public string Domain { get; } = domain;

    public Dictionary<string, long[]> Attributes { get; } = [];

    /// <summary>The attributes that are one number, not a list of one.</summary>
    public HashSet<string> Scalars { get; } = [];

    public override void AddAttribute(string argName, long value)
    {
        Attributes.Add(argName, [value]);
        Scalars.Add(argName);
    }

    public override void AddAttribute(string argName, IEnumerable<long> value) => Attributes.Add(argName, [.. value]);

    public override void AddAttribute(string argName, double value) => throw new NotSupportedException();

    public override void AddAttribute(string argName, ReadOnlyMemory<char> value) => throw new NotSupportedException();

    public override void AddAttribute(string argName, string value) => throw new NotSupportedException();

    public override void AddAttribute(string argName, bool value) => throw new NotSupportedException();

    public override void AddAttribute(string argName, IEnumerable<double> value) => throw new NotSupportedException();

    public override void AddAttribute(string argName, IEnumerable<float> value) => throw new NotSupportedException();

    public override void AddAttribute(string argName, IEnumerable<ReadOnlyMemory<char>> value) => throw new NotSupportedException();

    public override void AddAttribute(string argName, string[] value) => throw new NotSupportedException();

    public override void AddAttribute(string argName, IEnumerable<string> value) => throw new NotSupportedException();

    public override void AddAttribute(string argName, IEnumerable<bool> value) => throw new NotSupportedException();

    public override void AddAttribute(string argName, Type t) => throw new NotSupportedException();
}
