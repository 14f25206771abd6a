using System.Runtime.InteropServices;

namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>Some rows of an index, laid out as <see cref="FunnelLayout"/> says.</summary>
internal sealed unsafe class FunnelSegment
{
    private readonly FunnelLayout _layout;

    // A bit for each row of a panel that is there. Written under the index's lock, read without it.
    private readonly uint[] _alive;

    /// <param name="owner">What keeps the memory.</param>
    /// <param name="start">Where the memory begins.</param>
    /// <param name="capacity">Its rows, whole panels.</param>
    /// <param name="firstPosition">The position of its first row in the index, whole panels.</param>
    /// <param name="layout">The layout.</param>
    public FunnelSegment(SafeHandle owner, byte* start, int capacity, int firstPosition, FunnelLayout layout)
    {
        Owner = owner;
        Start = start;
        Capacity = capacity;
        FirstPosition = firstPosition;
        _layout = layout;
        _alive = new uint[capacity / FunnelLayout.Panel];
        Blocks = new nint[layout.Count];
        Inverses = new nint[layout.Count];
        byte* next = start;
        for (int i = 0; i < layout.Count; i++)
        {
            Blocks[i] = (nint)next;
            next += (nint)capacity * layout.Strides[i] * sizeof(float);
        }
        Lengths = (float*)next;
        next += (nint)capacity * sizeof(float);
        for (int i = 1; i < layout.Count - 1; i++)
        {
            Inverses[i] = (nint)next;
            next += (nint)capacity * sizeof(float);
        }
        Ids = (long*)next;
    }

    public SafeHandle Owner { get; }

    public byte* Start { get; }

    public int Capacity { get; }

    public int FirstPosition { get; }

    /// <summary>The first row of each block; of the first block the first panel.</summary>
    public nint[] Blocks { get; }

    /// <summary>The lengths of the first prefixes.</summary>
    public float* Lengths { get; }

    /// <summary>The inverse lengths at each width between the first and the last; 0 for those two.</summary>
    public nint[] Inverses { get; }

    public long* Ids { get; }

    public static FunnelSegment Allocate(int rows, int firstPosition, FunnelLayout layout)
    {
        int capacity = checked((int)FunnelLayout.Rounded(rows));
        NativeBlock block = NativeBlock.Allocate(layout.Bytes(capacity));
        return new FunnelSegment(block, block.Start, capacity, firstPosition, layout);
    }

    public float* PanelAt(int panel) => (float*)Blocks[0] + ((nint)panel * _layout.Strides[0] * FunnelLayout.Panel);

    public float* Row(int block, int row) => (float*)Blocks[block] + ((nint)row * _layout.Strides[block]);

    public uint Alive(int panel) => Volatile.Read(ref _alive[panel]);

    public bool IsAlive(int row) => (Alive(row / FunnelLayout.Panel) & (1u << (row % FunnelLayout.Panel))) != 0;

    public void SetAlive(int row, bool alive)
    {
        uint bit = 1u << (row % FunnelLayout.Panel);
        ref uint panel = ref _alive[row / FunnelLayout.Panel];
        Volatile.Write(ref panel, alive ? panel | bit : panel & ~bit);
    }

    public void SetAllAlive(int rows)
    {
        Array.Fill(_alive, uint.MaxValue, 0, rows / FunnelLayout.Panel);
        if (rows % FunnelLayout.Panel != 0)
        {
            _alive[rows / FunnelLayout.Panel] = (1u << (rows % FunnelLayout.Panel)) - 1;
        }
    }

    /// <summary>Writes a row that nobody reads yet.</summary>
    public void Write(int row, long id, ReadOnlySpan<float> vector)
    {
        ReadOnlySpan<int> widths = _layout.Widths;
        Span<double> lengths = stackalloc double[widths.Length];
        _layout.Measure(vector, lengths);
        float* lane = PanelAt(row / FunnelLayout.Panel) + (row % FunnelLayout.Panel);
        for (int c = 0; c < widths[0]; c++)
        {
            lane[(nint)c * FunnelLayout.Panel] = FunnelLayout.Quotient(vector[c], lengths[0]);
        }
        for (int i = 1; i < widths.Length; i++)
        {
            float* target = Row(i, row);
            for (int c = widths[i - 1]; c < widths[i]; c++)
            {
                *target++ = FunnelLayout.Quotient(vector[c], lengths[^1]);
            }
        }
        Lengths[row] = FunnelLayout.Quotient(lengths[0], lengths[^1]);
        for (int i = 1; i < widths.Length - 1; i++)
        {
            ((float*)Inverses[i])[row] = FunnelLayout.Quotient(lengths[^1], lengths[i]);
        }
        Ids[row] = id;
    }

    /// <summary>Copies a row of another segment to a row that nobody reads yet.</summary>
    public void CopyFrom(FunnelSegment other, int otherRow, int row)
    {
        float* source = other.PanelAt(otherRow / FunnelLayout.Panel) + (otherRow % FunnelLayout.Panel);
        float* lane = PanelAt(row / FunnelLayout.Panel) + (row % FunnelLayout.Panel);
        for (int c = 0; c < _layout.Strides[0]; c++)
        {
            lane[(nint)c * FunnelLayout.Panel] = source[(nint)c * FunnelLayout.Panel];
        }
        for (int i = 1; i < _layout.Count; i++)
        {
            new ReadOnlySpan<float>(other.Row(i, otherRow), _layout.Strides[i]).CopyTo(new Span<float>(Row(i, row), _layout.Strides[i]));
        }
        Lengths[row] = other.Lengths[otherRow];
        for (int i = 1; i < _layout.Count - 1; i++)
        {
            ((float*)Inverses[i])[row] = ((float*)other.Inverses[i])[otherRow];
        }
        Ids[row] = other.Ids[otherRow];
    }
}
