using System.Runtime.InteropServices;

namespace Microsoft.ML.Mrl.Vectors;

/// <summary>
/// Represents rows that are packed in groups with the columns outermost, <c>[groups, columns, lanes]</c>, so that one load takes the same
/// column of neighbouring rows; beside them the inverse prefix lengths, <c>[groups, M, lanes]</c>. Missing rows of the last group are
/// zeros.
/// </summary>
/// <remarks>
/// The memory is unmanaged because the kernel wants it aligned to whole vectors.
/// </remarks>
internal sealed unsafe class PackedRows : IDisposable
{
    private const nuint Alignment = 64;
    private const int ColumnsAtOnce = 16;

    private readonly int _lanes;
    private readonly int[] _dimensions;
    private float* _values;
    private float* _inverses;

    /// <param name="lanes">Rows in a group, a multiple of 8.</param>
    /// <param name="capacity">The maximum number of rows held at once.</param>
    /// <param name="dimensions">M prefix lengths, ascending; columns beyond the largest are not kept.</param>
    public PackedRows(int lanes, int capacity, int[] dimensions)
    {
        _lanes = lanes;
        _dimensions = dimensions;
        nuint groups = (nuint)GroupsOf(capacity);
        _values = (float*)NativeMemory.AlignedAlloc(groups * (nuint)(Columns * lanes) * sizeof(float), Alignment);
        _inverses = (float*)NativeMemory.AlignedAlloc(groups * (nuint)(dimensions.Length * lanes) * sizeof(float), Alignment);
    }

    ~PackedRows() => Free();

    /// <summary>Gets the number of groups that hold the packed rows.</summary>
    public int Groups => GroupsOf(Count);

    /// <summary>Gets the number of rows packed now.</summary>
    public int Count { get; private set; }

    private int Columns => _dimensions[^1];

    /// <summary>Replaces what is held by other rows.</summary>
    public void Pack(EmbeddingMatrix rows, ParallelOptions parallel)
    {
        Count = rows.Count;
        Parallel.For(0, Groups, parallel, group => PackGroup(rows, group));
    }

    /// <summary>Returns the values of a group, <c>[columns, lanes]</c>.</summary>
    public float* Values(int group) => _values + ((nint)group * Columns * _lanes);

    /// <summary>Returns the inverse prefix lengths of a group, <c>[M, lanes]</c>.</summary>
    public float* Inverses(int group) => _inverses + ((nint)group * _dimensions.Length * _lanes);

    /// <summary>Returns the rows of a group that are not padding.</summary>
    public int RowsIn(int group) => Math.Min(_lanes, Count - (group * _lanes));

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private int GroupsOf(int rows) => (rows + _lanes - 1) / _lanes;

    private void PackGroup(EmbeddingMatrix rows, int group)
    {
        int first = group * _lanes;
        int count = RowsIn(group);
        var inverses = new Span<float>(Inverses(group), _dimensions.Length * _lanes);
        Span<float> scales = stackalloc float[_lanes];
        inverses.Clear();
        for (int lane = 0; lane < count; lane++)
        {
            scales[lane] = PrefixNorms.Invert(rows.Row(first + lane), _dimensions, inverses[lane..], _lanes);
        }

        float* target = Values(group);
        for (int from = 0; from < Columns; from += ColumnsAtOnce)
        {
            int to = Math.Min(from + ColumnsAtOnce, Columns);
            for (int lane = 0; lane < _lanes; lane++)
            {
                if (lane >= count)
                {
                    for (int c = from; c < to; c++)
                    {
                        target[(c * _lanes) + lane] = 0;
                    }
                    continue;
                }
                ReadOnlySpan<float> row = rows.Row(first + lane);
                float scale = scales[lane];
                for (int c = from; c < to; c++)
                {
                    target[(c * _lanes) + lane] = row[c] * scale;
                }
            }
        }
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_values);
        NativeMemory.AlignedFree(_inverses);
        _values = null;
        _inverses = null;
    }
}
