namespace Microsoft.ML.Mrl.TorchSharp.Data;

/// <summary>
/// Parts of the examples that are held back in turn, so that nearly every row is held back once: rows with equal inputs, or pairs that have
/// a side in common, are in one part, and those of a class are spread over all of them. A class of one input is always trained on, since
/// nothing could be learned about it without.
/// </summary>
internal static class ExampleFolds
{
    /// <summary>Makes the parts.</summary>
    /// <param name="examples">The examples.</param>
    /// <param name="count">How many parts, at least 2.</param>
    /// <param name="random">Draws them.</param>
    public static ExampleSplit[] Make(ExampleSet examples, int count, Random random)
    {
        int[][] groups = GroupsOf(examples, count);
        random.Shuffle(groups);
        int[]? labels = examples.LearnsLabels ? examples.Labels : null;
        if (labels is not null)
        {
            groups =
            [
                .. groups.GroupBy(group => labels[group[0]]).Where(ofClass => ofClass.Count() > 1).OrderBy(ofClass => ofClass.Key)
                    .SelectMany(ofClass => ofClass),
            ];
        }
        var foldOf = new int[examples.Count];
        Array.Fill(foldOf, -1);
        for (int i = 0; i < groups.Length; i++)
        {
            foreach (int row in groups[i])
            {
                foldOf[row] = i % count;
            }
        }
        int[] rows = [.. Enumerable.Range(0, examples.Count)];
        return
        [
            .. Enumerable.Range(0, count).Select(fold => new ExampleSplit(
                Array.FindAll(rows, row => foldOf[row] != fold), Array.FindAll(rows, row => foldOf[row] == fold))),
        ];
    }

    /// <summary>
    /// The rows that have to be together. A positive that is trained on with one input is easy to find for another, which says nothing
    /// about positives that are new. Where pairs hang together in so large groups that parts could not be even, only equal inputs are kept
    /// together.
    /// </summary>
    private static int[][] GroupsOf(ExampleSet examples, int count)
    {
        int[] rows = [.. Enumerable.Range(0, examples.Count)];
        int[][] byInput = [.. rows.GroupBy(examples.Anchors.HashOf).Select(group => group.ToArray())];
        if (!examples.Vectors.ContainsKey(VectorRole.Positive))
        {
            return byInput;
        }
        Dictionary<VectorRole, int[]> numbers = EqualVectors.Number(examples);
        var parents = (int[])rows.Clone();
        foreach (IGrouping<int, int> equal in new[] { VectorRole.Anchor, VectorRole.Positive }
            .SelectMany(role => rows.Select(row => (Row: row, Number: numbers[role][row]))).GroupBy(e => e.Number, e => e.Row))
        {
            int first = RootOf(equal.First());
            foreach (int row in equal)
            {
                parents[RootOf(row)] = first;
            }
        }
        int[][] joined = [.. rows.GroupBy(RootOf).Select(group => group.ToArray())];
        return joined.Max(group => group.Length) * 2 * count > rows.Length ? byInput : joined;

        int RootOf(int row)
        {
            while (parents[row] != row)
            {
                row = parents[row] = parents[parents[row]];
            }
            return row;
        }
    }
}
