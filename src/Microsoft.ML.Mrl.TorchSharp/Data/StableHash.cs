using System.Runtime.InteropServices;

namespace Microsoft.ML.Mrl;

/// <summary>FNV-1a: the same in every process, unlike <see cref="HashCode"/>, so that splits can be repeated.</summary>
internal struct StableHash
{
    private uint _state = 2166136261;

    public StableHash()
    {
    }

    public readonly int Value => (int)_state;

    public void Add<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        foreach (byte b in MemoryMarshal.AsBytes(values))
        {
            _state = (_state ^ b) * 16777619;
        }
    }
}
