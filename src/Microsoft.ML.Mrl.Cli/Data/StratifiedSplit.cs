namespace Microsoft.ML.Mrl.Cli.Data;

/// <summary>Splits rows into training and test rows so that each label has about the same share of both.</summary>
internal static class StratifiedSplit
{
    /// <summary>Splits rows. The same rows and seed give the same parts, and each part keeps the order of the rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="testShare">The share of the rows to test with, 0..1. Every label keeps at least one row to train on.</param>
    /// <param name="seed">The seed.</param>
    public static (IReadOnlyList<ExampleRow> Training, IReadOnlyList<ExampleRow> Test) Split(
        IReadOnlyList<ExampleRow> rows, double testShare, int seed)
    {
        var random = new Random(seed);
        var isTest = new bool[rows.Count];
        double due = 0;
        IEnumerable<int[]> labels = Enumerable.Range(0, rows.Count)
            .GroupBy(i => rows[i].Label, StringComparer.Ordinal)
            .OrderBy(label => label.Key, StringComparer.Ordinal)
            .Select(label => label.ToArray());
        foreach (int[] ofLabel in labels)
        {
            random.Shuffle(ofLabel);
            // What rounding leaves over goes to the next label, so that the share comes out right for many small labels too.
            due += testShare * ofLabel.Length;
            int taken = Math.Clamp((int)Math.Round(due), 0, ofLabel.Length - 1);
            due = Math.Clamp(due - taken, -0.5, 0.5);
            foreach (int row in ofLabel.AsSpan(0, taken))
            {
                isTest[row] = true;
            }
        }
        return ([.. rows.Where((_, i) => !isTest[i])], [.. rows.Where((_, i) => isTest[i])]);
    }
}
