namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>A plan in terms of a layout: the position of the width at which all rows are compared, and a list length for each width after it.</summary>
internal readonly record struct FunnelStages(int Stage, int[] Lists)
{
    /// <summary>Whether to return what the first comparison finds, with its scores.</summary>
    public bool IsScanOnly { get; init; }

    // What the last list holds for each row asked for.
    private const int RowsPerResult = 8;

    /// <summary>The plan for k rows where nobody made one.</summary>
    public static FunnelStages Default(FunnelLayout layout, int k)
    {
        var lists = new int[layout.Count - 1];
        long length = RowsPerResult * (long)k;
        for (int i = lists.Length - 1; i >= 0; i--, length *= 2)
        {
            lists[i] = (int)Math.Min(length, int.MaxValue);
            length = lists[i];
        }
        return new FunnelStages(0, lists);
    }

    /// <summary>A scan at the full width.</summary>
    public static FunnelStages Exact(FunnelLayout layout) => new(layout.Count - 1, []);

    /// <exception cref="ArgumentException">The plan does not fit the widths.</exception>
    public static FunnelStages Resolve(FunnelPlan plan, FunnelLayout layout, MatryoshkaDimensions widths, string parameterName)
    {
        int stage = layout.IndexOf(plan.FirstWidth);
        if (stage < 0)
        {
            throw new ArgumentException($"Cannot compare all rows at {plan.FirstWidth}: the index has widths {widths}. Choose one of them, or build it with others.", parameterName);
        }
        int after = layout.Count - 1 - stage;
        int[] lists = [.. plan.ListLengths];
        if (lists.Length == 1 && after > 0)
        {
            int length = lists[0];
            lists = new int[after];
            Array.Fill(lists, length);
        }
        return lists.Length == after
            ? new FunnelStages(stage, lists)
            : throw new ArgumentException(
                $"The plan has {lists.Length} list lengths, but the index has {after} widths above {plan.FirstWidth} ({widths}). Give {(after == 0 ? "none" : after == 1 ? "one" : $"one for each, {after}, or a single one for all")}.",
                parameterName);
    }
}
