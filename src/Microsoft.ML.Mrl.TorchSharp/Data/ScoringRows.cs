namespace Microsoft.ML.Mrl.TorchSharp.Data;

/// <summary>The rows that validation scores are computed from: enough to be sure, few enough to be quick.</summary>
/// <param name="Held">Rows held back from training.</param>
/// <param name="Reference">Training rows to compare them with, where the score needs any.</param>
internal sealed record ScoringRows(int[] Held, int[] Reference)
{
    private const int MaxHeldRows = 2_000;
    private const int MaxReferenceRows = 20_000;

    private readonly Dictionary<VectorRole, int[][]> _neighbors = [];

    /// <summary>
    /// Finds what does not change in the course of a training, such as the neighbours by vectors that are not learned, when it is first
    /// asked for.
    /// </summary>
    public int[][] Once(VectorRole role, Func<int[][]> find)
    {
        if (!_neighbors.TryGetValue(role, out int[][]? neighbors))
        {
            _neighbors.Add(role, neighbors = find());
        }
        return neighbors;
    }

    public static ScoringRows Choose(ExampleSplit split, Random random) =>
        new(Sample(split.Validation, MaxHeldRows, random), Sample(split.Training, MaxReferenceRows, random));

    private static int[] Sample(int[] rows, int max, Random random)
    {
        if (rows.Length <= max)
        {
            return rows;
        }
        int[] shuffled = [.. rows];
        random.Shuffle(shuffled);
        int[] sample = shuffled[..max];
        Array.Sort(sample);
        return sample;
    }
}
