using System.Globalization;
using System.Text;

namespace Microsoft.ML.Mrl.Cli;

/// <summary>Writes a comparison as lines of text, at most 80 columns wide.</summary>
internal static class ComparisonTable
{
    private const string Gap = "  ";

    private static readonly string[] s_headings = ["dimensions", "centroid", "1-NN", "centroid", "1-NN", "centroid", "1-NN", "kept", "bytes"];

    /// <summary>The table, with a line for each dimension.</summary>
    public static string Text(Comparison comparison)
    {
        string[][] lines = [s_headings, .. comparison.Rows.Select(row => Cells(comparison, row))];
        int[] widths = [.. Enumerable.Range(0, s_headings.Length).Select(i => lines.Max(line => line[i].Length))];

        var text = new StringBuilder("Accuracy in %: by nearest class centroid, and by nearest training row (1-NN)").AppendLine();
        text.AppendLine(Groups(widths));
        foreach (string[] line in lines)
        {
            text.AppendJoin(Gap, line.Select((cell, i) => cell.PadLeft(widths[i]))).AppendLine();
        }
        return text.ToString();
    }

    // The names of the systems, each over its two columns.
    private static string Groups(int[] widths)
    {
        int Pair(int column) => widths[column] + Gap.Length + widths[column + 1];
        return string.Join(
            Gap,
            new string(' ', widths[0]),
            "raw prefix".PadLeft(Pair(1)),
            "PCA prefix".PadLeft(Pair(3)),
            "MRL".PadLeft(Pair(5)));
    }

    private static string[] Cells(Comparison comparison, ComparisonRow row)
    {
        double share = comparison.ShareOfFull(row);
        return
        [
            row.Dimensions.ToString(CultureInfo.InvariantCulture),
            Percent(row.Raw.NearestCentroid),
            Percent(row.Raw.NearestNeighbor),
            Percent(row.Pca.NearestCentroid),
            Percent(row.Pca.NearestNeighbor),
            Percent(row.Mrl.NearestCentroid),
            Percent(row.Mrl.NearestNeighbor),
            double.IsNaN(share) ? "-" : Percent(share) + " %",
            row.BytesPerVector.ToString("#,0", CultureInfo.InvariantCulture),
        ];
    }

    private static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture);
}
