using System.Globalization;
using System.Text;
using Microsoft.ML.Mrl.Cli.Data;

namespace Microsoft.ML.Mrl.Cli.Learning;

/// <summary>Formats a comparison as lines of text of at most 80 columns.</summary>
internal static class ComparisonTable
{
    private const string Gap = "  ";

    // More would be wider than 80 columns; the report page has all metrics.
    private const int MaxSystemsOfTwoMetrics = 3;

    /// <summary>Returns the table, with a line for each dimension.</summary>
    public static string Text(Comparison comparison, TaskKind task)
    {
        (string title, (string Metric, string Heading)[] metrics) = Columns(comparison, task);
        IReadOnlyList<DimensionReport> systems = comparison.Systems.Reports;
        if (systems.Count > MaxSystemsOfTwoMetrics)
        {
            metrics = [.. metrics.Where(metric => metric.Metric == comparison.Mrl.PrimaryMetric)];
            title = task switch
            {
                TaskKind.Classification => "Accuracy in %, by the nearest training row (1-NN)",
                TaskKind.Pairs => "Retrieval in %: how early the positive comes (nDCG@10)",
                _ => title,
            };
        }
        string[] headings = ["dimensions", .. systems.SelectMany(_ => metrics.Select(metric => metric.Heading)), "kept", "bytes"];
        string[][] lines = [headings, .. comparison.Mrl.Rows.Select((_, i) => Cells(comparison, metrics, i))];
        int[] widths = [.. headings.Select((_, i) => lines.Max(line => line[i].Length))];
        for (int i = 0; i < systems.Count && metrics.Length == 1; i++)
        {
            widths[1 + i] = Math.Max(widths[1 + i], systems[i].Name.Length);
        }

        var text = new StringBuilder(title).AppendLine();
        text.AppendLine(Groups(systems, widths, metrics.Length));
        foreach (string[] line in lines)
        {
            text.AppendJoin(Gap, line.Select((cell, i) => cell.PadLeft(widths[i]))).AppendLine();
        }
        if (comparison.Advice is { Dimensions: not null } told)
        {
            text.AppendLine(string.Create(
                CultureInfo.InvariantCulture, $"kept: the share of {told.Reference.Name} ({100 * told.Reference.Value:0.0})"));
        }
        return text.ToString();
    }

    private static (string Title, (string, string)[] Metrics) Columns(Comparison comparison, TaskKind task) => task switch
    {
        TaskKind.Classification => (
            "Accuracy in %: by the nearest class centroid, and by the nearest training row (1-NN)",
            [("NearestCentroid", "centroid"), ("1-NN", "1-NN")]),
        TaskKind.Pairs => (
            "Retrieval in %: the positive comes first (Recall@1), or early (nDCG@10)",
            [("Recall@1", "Recall@1"), ("nDCG@10", "nDCG@10")]),
        TaskKind.ScoredPairs => (
            "Spearman x 100: rank correlation of the cosines of the pairs with their scores",
            [("Spearman", "Spearman")]),
        _ => (
            string.Create(
                CultureInfo.InvariantCulture,
                $"Neighbours kept in %: of the 10 nearest by the full vectors, on {comparison.Mrl.Count:#,0} rows {comparison.HowHeldOut}"),
            [(comparison.Mrl.PrimaryMetric, "overlap")]),
    };

    // The names of the systems, each above its columns.
    private static string Groups(IReadOnlyList<DimensionReport> systems, int[] widths, int metrics) => string.Join(
        Gap,
        systems.Select((system, i) => system.Name.PadLeft(widths.Skip(1 + i * metrics).Take(metrics).Sum() + Gap.Length * (metrics - 1)))
            .Prepend(new string(' ', widths[0])));

    private static string[] Cells(Comparison comparison, (string Metric, string)[] metrics, int row)
    {
        DimensionRow mrl = comparison.Mrl.Rows[row];
        return
        [
            mrl.Dimensions.ToString(CultureInfo.InvariantCulture),
            .. comparison.Systems.Reports.SelectMany(system => metrics.Select(metric => Percent(system.Rows[row][metric.Metric]))),
            comparison.Advice is { Dimensions: not null } advice ? Percent(advice.Shares[row]) + " %" : "-",
            mrl.BytesPerVector.ToString("#,0", CultureInfo.InvariantCulture),
        ];
    }

    private static string Percent(double share) => double.IsNaN(share) ? "-" : (100 * share).ToString("0.0", CultureInfo.InvariantCulture);
}
