namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>An index at one moment: what a search goes by.</summary>
/// <param name="Rows">The full vectors.</param>
/// <param name="Count">The positions in use, those of removed rows included.</param>
/// <param name="Plan">The plan that the index was told to follow.</param>
/// <param name="Graph">The graph, if there is one.</param>
internal sealed record FunnelSnapshot(RowStore Rows, int Count, FunnelPlan? Plan, PrefixGraph? Graph = null)
{
    /// <summary>The positions of the rows that are there, ascending.</summary>
    public int[] Live() => [.. Enumerable.Range(0, Count).Where(Rows.IsAlive)];

    /// <summary>The first of a row and those behind it in its node that is there and passes a filter, or -1.</summary>
    public int Passing(int row, Func<long, bool>? filter)
    {
        while ((uint)row < (uint)Count)
        {
            if (Rows.IsAlive(row) && (filter is null || filter(Rows.IdOf(row))))
            {
                return row;
            }
            row = Graph!.After(row);
        }
        return -1;
    }
}
