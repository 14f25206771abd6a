using System.Runtime.InteropServices;

namespace Microsoft.ML.Mrl.Cli.Data;

/// <summary>Splits pairs into training and test rows so that rows with equal inputs are on the same side.</summary>
internal static class GroupedSplit
{
    /// <summary>Splits rows. The same rows and seed give the same parts, and each part keeps the order of the rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="testShare">The share of the rows to test with, 0..1, which is never exceeded.</param>
    /// <param name="seed">The seed.</param>
    public static (IReadOnlyList<ExampleRow> Training, IReadOnlyList<ExampleRow> Test) Split(
        IReadOnlyList<ExampleRow> rows, double testShare, int seed)
    {
        int[][] groups =
            [.. Enumerable.Range(0, rows.Count).GroupBy(i => Key(rows[i]), StringComparer.Ordinal).Select(group => group.ToArray())];
        new Random(seed).Shuffle(groups);
        var isTest = new bool[rows.Count];
        int wanted = (int)Math.Round(testShare * rows.Count), taken = 0;
        foreach (int[] group in groups.Where(group => group.Length <= wanted))
        {
            if (taken + group.Length <= wanted)
            {
                taken += group.Length;
                Array.ForEach(group, row => isTest[row] = true);
            }
        }
        return ([.. rows.Where((_, i) => !isTest[i])], [.. rows.Where((_, i) => isTest[i])]);
    }

    private static string Key(ExampleRow row) =>
        row.Vector.Length == 0 ? row.Text : Convert.ToBase64String(MemoryMarshal.AsBytes(row.Vector.AsSpan()));
}
