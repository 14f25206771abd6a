namespace Microsoft.ML.Mrl.TorchSharp.Data;

/// <summary>Groups of rows that stay together when some rows are held back, in the order of their first rows.</summary>
internal sealed class ExampleGroups
{
    // The rows, one group behind the other, and where each group starts and the last one ends.
    private readonly int[] _rows;
    private readonly int[] _starts;

    private ExampleGroups(int[] rows, int[] starts)
    {
        _rows = rows;
        _starts = starts;
    }

    /// <summary>The number of groups.</summary>
    public int Count => _starts.Length - 1;

    /// <summary>The rows of a group, ascending.</summary>
    public ReadOnlySpan<int> this[int group] => _rows.AsSpan(_starts[group].._starts[group + 1]);

    /// <summary>Makes groups.</summary>
    /// <param name="roots">The first row of each row's group; overwritten.</param>
    public static ExampleGroups OfRoots(int[] roots)
    {
        int groups = 0;
        for (int row = 0; row < roots.Length; row++)
        {
            // A root comes before its rows, so it has its number by then.
            roots[row] = roots[row] == row ? groups++ : roots[roots[row]];
        }
        // Each start is first the end of its group, and comes down as rows are laid before it, the last row first.
        var starts = new int[groups + 1];
        foreach (int group in roots)
        {
            starts[group]++;
        }
        for (int group = 1; group <= groups; group++)
        {
            starts[group] += starts[group - 1];
        }
        var rows = new int[roots.Length];
        for (int row = roots.Length - 1; row >= 0; row--)
        {
            rows[--starts[roots[row]]] = row;
        }
        return new ExampleGroups(rows, starts);
    }

    /// <summary>The groups' numbers in a random order.</summary>
    public int[] Shuffled(Random random)
    {
        var order = new int[Count];
        for (int group = 0; group < order.Length; group++)
        {
            order[group] = group;
        }
        random.Shuffle(order);
        return order;
    }

    /// <summary>The rows of the largest group.</summary>
    public int Largest()
    {
        int largest = 0;
        for (int group = 0; group < Count; group++)
        {
            largest = Math.Max(largest, this[group].Length);
        }
        return largest;
    }
}
