namespace Microsoft.ML.Mrl.TorchSharp.Data;

/// <summary>
/// Knows which rows have equal vectors as their input or their positive, by hashes, each of which is read once and in the order of the
/// rows. Texts are equal if their tokens are. Takes 8 bytes a row and column.
/// </summary>
/// <remarks>
/// <para>
/// Inputs and positives count alike: the two sides of a scored pair play the same part, and a positive that is trained on with one input is
/// easy to find for another, which says nothing about positives that are new.
/// </para>
/// <para>
/// Negatives do not count. They come from a pool that all rows share, which would join everything, and having been pushed away from one
/// input makes a vector no easier to find for another. Nor do a teacher's vectors, which are as equal as their inputs are.
/// </para>
/// </remarks>
internal sealed class EqualRows
{
    private readonly int _count;

    // The hash, and below it the row, or behind all rows that of a positive: sorted, equal vectors lie together, each column's in order.
    private readonly long[] _sorted;

    public EqualRows(ExampleSet examples)
    {
        _count = examples.Count;
        VectorRows? positives = examples.Vectors.GetValueOrDefault(VectorRole.Positive);
        HasPositives = positives is not null;
        _sorted = new long[_count * (HasPositives ? 2L : 1L)];
        Fill(examples.Anchors, 0);
        if (positives is not null)
        {
            Fill(positives, _count);
        }
        Array.Sort(_sorted);
    }

    /// <summary>Whether rows have anything besides their inputs to be joined by.</summary>
    public bool HasPositives { get; }

    /// <summary>The groups of rows with equal inputs.</summary>
    public ExampleGroups ByInput() => Join(withPositives: false);

    /// <summary>The groups of rows that hang together by equal inputs and positives, directly or through others.</summary>
    public ExampleGroups ByBoth() => Join(withPositives: true);

    private void Fill(VectorRows rows, int offset)
    {
        for (int row = 0; row < _count; row++)
        {
            _sorted[(long)offset + row] = ((long)rows.HashOf(row) << 32) | ((uint)offset + (uint)row);
        }
    }

    private ExampleGroups Join(bool withPositives)
    {
        // The first row of a group is its root, so that roots do not depend on the order of joining.
        var parents = new int[_count];
        for (int row = 0; row < parents.Length; row++)
        {
            parents[row] = row;
        }
        int root = -1;
        int hash = 0;
        foreach (long entry in _sorted)
        {
            uint place = (uint)entry;
            if (!withPositives && place >= _count)
            {
                continue;
            }
            int row = (int)(place < _count ? place : place - (uint)_count);
            int own = RootOf(parents, row);
            bool isEqual = root >= 0 && (int)(entry >> 32) == hash;
            hash = (int)(entry >> 32);
            int joined = isEqual ? Math.Min(root, own) : own;
            if (isEqual)
            {
                parents[root] = parents[own] = joined;
            }
            root = joined;
        }
        for (int row = 0; row < parents.Length; row++)
        {
            parents[row] = RootOf(parents, row);
        }
        return ExampleGroups.OfRoots(parents);
    }

    private static int RootOf(int[] parents, int row)
    {
        while (parents[row] != row)
        {
            row = parents[row] = parents[parents[row]];
        }
        return row;
    }
}
