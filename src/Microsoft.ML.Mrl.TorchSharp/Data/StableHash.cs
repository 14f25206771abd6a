using System.Runtime.InteropServices;

namespace Microsoft.ML.Mrl.TorchSharp.Data;

/// <summary>FNV-1a: the same in every process, unlike <see cref="HashCode"/>, so that splits can be repeated.</summary>
internal struct StableHash
{
    private uint _state = 2166136261;

    public StableHash()
    {
    }

    public readonly int Value => (int)_state;

    public void Add(ReadOnlySpan<int> values) => AddBytes(MemoryMarshal.AsBytes(values));

    /// <summary>Adds numbers; 0 and −0 are equal and so count as the same.</summary>
    public void Add(ReadOnlySpan<float> values)
    {
        foreach (float value in values)
        {
            float one = value == 0 ? 0 : value;
            AddBytes(MemoryMarshal.AsBytes(new ReadOnlySpan<float>(in one)));
        }
    }

    private void AddBytes(ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            _state = (_state ^ b) * 16777619;
        }
    }
}
