namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>An index at one moment: what a search goes by.</summary>
/// <remarks>
/// The graph knows rows by keys, which never change. As long as nothing was compacted a key is the row's position. Where rows were
/// compacted, their keys are listed, ascending, and the keys from <see cref="Boundary"/> on are those of the rows behind them.
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

    /// <summary>For each row the first there is with its vector, which a graph holds for all of them; -1 where there is none.</summary>
    public int[] LeaderOfEach()
    {
        var leaders = new int[Count];
        Array.Fill(leaders, -1);
        for (int position = 0; position < Count; position++)
        {
            leaders[position] = leaders[position] < 0 && Rows.IsAlive(position) ? position : leaders[position];
            if (leaders[position] >= 0 && Rows.NextEqual(position) is > 0 and var next && next < Count)
            {
                leaders[next] = leaders[position];
            }
        }
        return leaders;
    }

    /// <summary>The first row there is of each distinct vector, ascending: what a graph holds.</summary>
    public int[] Leaders() => [.. LeaderOfEach().Where((leader, position) => leader == position)];

    /// <summary>The first of a row and those with the same vector after it that is there and passes a filter, or -1.</summary>
    public int FirstOf(int position, Func<long, bool>? filter)
    {
        while ((uint)position < (uint)Count)
        {
            if (Rows.IsAlive(position) && (filter is null || filter(Rows.IdOf(position))))
            {
                return position;
            }
            int next = Rows.NextEqual(position);
            position = next == 0 ? -1 : next;
        }
        return -1;
    }

    /// <summary>The same rows with another graph, whose keys are the positions.</summary>
    public FunnelSnapshot With(FunnelPlan? plan, UsearchGraph? graph, int[] apart)
        => new(Rows, Count) { Plan = plan, Graph = graph, Apart = apart };
}
