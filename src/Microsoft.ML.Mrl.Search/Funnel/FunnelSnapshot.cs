namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>An index at one moment: what a search goes by.</summary>
/// <remarks>
/// The graph knows rows by keys, which never change. As long as nothing was compacted a key is the row's position. Where rows were
/// compacted,
/// their keys are listed, ascending, and the keys from <see cref="Boundary"/> on are those of the rows behind them.
/// </remarks>
internal sealed class FunnelSnapshot(RowStore rows, int count)
{
    /// <summary>The full vectors.</summary>
    public RowStore Rows { get; init; } = rows;

    /// <summary>The positions in use, those of removed rows included.</summary>
    public int Count { get; init; } = count;

    /// <summary>The plan that the index was told to follow.</summary>
    public FunnelPlan? Plan { get; init; }

    /// <summary>The graph, if there is one.</summary>
    public UsearchGraph? Graph { get; init; }

    /// <summary>The keys of the rows that were compacted.</summary>
    public int[] Keys { get; init; } = [];

    /// <summary>The first key of the other rows.</summary>
    public int Boundary { get; init; }

    /// <summary>The positions of rows that are not in the graph, because their prefix has no direction.</summary>
    public int[] Apart { get; init; } = [];

    public int KeyOf(int position) => position < Keys.Length ? Keys[position] : checked(Boundary + (position - Keys.Length));

    /// <summary>The position of a key; negative or beyond the count where there is none.</summary>
    public int PositionOf(ulong key)
    {
        int own = (int)Math.Min(key, int.MaxValue);
        return own >= Boundary ? own - Boundary + Keys.Length : Array.BinarySearch(Keys, own);
    }

    /// <summary>The same rows with another graph, whose keys are the positions.</summary>
    public FunnelSnapshot With(FunnelPlan? plan, UsearchGraph? graph, int[] apart)
        => new(Rows, Count) { Plan = plan, Graph = graph, Apart = apart };
}
