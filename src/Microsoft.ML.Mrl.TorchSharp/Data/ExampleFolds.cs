namespace Microsoft.ML.Mrl.TorchSharp.Data;

/// <summary>
/// Parts of the examples that are held back in turn, so that nearly every row is held back once: rows with equal inputs are in one part,
/// and those of a class are spread over all of them. A class of one input is always trained on, since nothing could be learned about it
/// without.
/// </summary>
internal static class ExampleFolds
{
    /// <summary>Makes the parts.</summary>
    /// <param name="examples">The examples.</param>
    /// <param name="count">How many parts, at least 2.</param>
    /// <param name="random">Draws them.</param>
    public static ExampleSplit[] Make(ExampleSet examples, int count, Random random)
    {
        int[][] groups = [.. Enumerable.Range(0, examples.Count).GroupBy(examples.Anchors.HashOf).Select(group => group.ToArray())];
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
}
