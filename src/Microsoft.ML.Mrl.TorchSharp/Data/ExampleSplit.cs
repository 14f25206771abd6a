namespace Microsoft.ML.Mrl;

/// <summary>Row numbers to train on and row numbers held back; rows with equal inputs are always on one side.</summary>
internal sealed record ExampleSplit(int[] Training, int[] Validation)
{
    /// <summary>Splits by a seed.</summary>
    /// <param name="examples">The examples.</param>
    /// <param name="fraction">The share to hold back, 0..1.</param>
    /// <param name="random">Decides which.</param>
    public static ExampleSplit Make(ExampleSet examples, double fraction, Random random)
    {
        int wanted = (int)(examples.Count * fraction);
        if (wanted < 1 || examples.Count - wanted < 2)
        {
            return new ExampleSplit([.. Enumerable.Range(0, examples.Count)], []);
        }
        int[][] groups = [.. Enumerable.Range(0, examples.Count).GroupBy(examples.Anchors.HashOf).Select(g => g.ToArray())];
        random.Shuffle(groups);
        int[]? left = examples.Labels is null || !examples.LearnsLabels ? null : RowsByClass(examples);
        var training = new List<int>();
        var validation = new List<int>();
        foreach (int[] group in groups)
        {
            bool fits = validation.Count + group.Length <= wanted && MayLeave(group);
            (fits ? validation : training).AddRange(group);
        }
        training.Sort();
        validation.Sort();
        return new ExampleSplit([.. training], [.. validation]);

        // A class keeps at least one row to be learned from.
        bool MayLeave(int[] group)
        {
            if (left is null)
            {
                return true;
            }
            foreach (int row in group)
            {
                left[examples.Labels![row]]--;
            }
            if (group.All(row => left[examples.Labels![row]] > 0))
            {
                return true;
            }
            foreach (int row in group)
            {
                left[examples.Labels![row]]++;
            }
            return false;
        }
    }

    private static int[] RowsByClass(ExampleSet examples)
    {
        var counts = new int[examples.Classes];
        foreach (int label in examples.Labels!)
        {
            counts[label]++;
        }
        return counts;
    }
}
