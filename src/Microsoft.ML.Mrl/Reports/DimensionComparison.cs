using Microsoft.ML.Mrl.Reports;
using Microsoft.ML.Mrl.Reports.Html;
using Microsoft.ML.Mrl.Reports.Notebook;

namespace Microsoft.ML.Mrl;

/// <summary>Represents several reports on one task side by side. <see cref="DimensionReport.WithName"/> tells the reports apart.</summary>
/// <remarks>The full widths, dimensions and types of the reports may differ. This type is immutable and safe for concurrent use.</remarks>
[TypeFormatterSource(typeof(ReportFormatterSource), PreferredMimeTypes = [ReportFormatterSource.Html])]
public sealed class DimensionComparison
{
    /// <summary>Initializes a new instance of the <see cref="DimensionComparison"/> class.</summary>
    /// <param name="reports">At least one report. All have the same task and primary metric, and no two have the same name.</param>
    /// <exception cref="ArgumentNullException"><paramref name="reports"/>, or one of them, is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">
    /// There are no reports, two reports have the same name, or tasks or primary metrics differ.
    /// </exception>
    public DimensionComparison(params IEnumerable<DimensionReport> reports)
    {
        ArgumentNullException.ThrowIfNull(reports);
        DimensionReport[] all = [.. reports];
        if (all.Length == 0)
        {
            throw new ArgumentException("No reports to compare. Give at least one.", nameof(reports));
        }
        foreach (DimensionReport report in all)
        {
            ArgumentNullException.ThrowIfNull(report, nameof(reports));
            if (report.Task != all[0].Task || report.PrimaryMetric != all[0].PrimaryMetric)
            {
                throw new ArgumentException(
                    $"Cannot compare {report.PrimaryMetric} of {report.Task} with {all[0].PrimaryMetric} of {all[0].Task}. " +
                    "Compare reports of one task and one primary metric.",
                    nameof(reports));
            }
        }
        if (all.GroupBy(report => report.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new ArgumentException(
                $"{twice.Count()} reports have the name '{twice.Key}'. Tell them apart with {nameof(DimensionReport.WithName)}.",
                nameof(reports));
        }
        Reports = Array.AsReadOnly(all);
        Dimensions = new MatryoshkaDimensions(all.SelectMany(report => report.Dimensions).Distinct());
        Types = [.. all.SelectMany(report => report.Types).Distinct().OrderDescending()];
    }

    /// <summary>Gets the reports, in the order in which they were given.</summary>
    public IReadOnlyList<DimensionReport> Reports { get; }

    /// <summary>Gets all numbers of dimensions that any of the reports has.</summary>
    internal MatryoshkaDimensions Dimensions { get; }

    /// <summary>Gets the task of the reports.</summary>
    internal string Task => Reports[0].Task;

    /// <summary>Gets the metric that is compared.</summary>
    internal string PrimaryMetric => Reports[0].PrimaryMetric;

    /// <summary>Gets all types that any of the reports has, the coarsest first.</summary>
    internal IReadOnlyList<EmbeddingType> Types { get; }

    /// <summary>Gets a value indicating whether any report has types other than single precision.</summary>
    internal bool HasTypes => Types.Count > 1;

    /// <summary>
    /// Returns the combinations that any of the reports has, by type and then by rising number of dimensions, with the row of each report.
    /// </summary>
    internal IEnumerable<(EmbeddingType Type, int Dimensions, DimensionRow?[] Rows)> Lines() =>
        from type in Types
        from m in Dimensions
        let rows = Reports.Select(report => report.Rows.FirstOrDefault(row => row.Type == type && row.Dimensions == m)).ToArray()
        where rows.Any(row => row is not null)
        select (type, m, rows);

    /// <summary>Returns the primary metric of every report as an aligned plain-text table, in the invariant culture.</summary>
    public override string ToString() => $"{ReportText.Title(this)}\n{TextTable.Aligned(ReportText.Cells(this))}";

    /// <summary>Returns the primary metric of every report as a Markdown table, in the invariant culture.</summary>
    public string ToMarkdown() => $"{TextTable.Escape(ReportText.Title(this))}\n\n{TextTable.Markdown(ReportText.Cells(this))}";

    /// <summary>
    /// Returns all metrics of all reports as CSV, with one line for each row of a report; see <see cref="DimensionReport.ToCsv"/>. If a
    /// report does not have a metric, the field is empty.
    /// </summary>
    public string ToCsv() => ReportCsv.Write(Reports);

    /// <summary>Returns the reports as JSON, which <see cref="FromJson"/> reads; see <see cref="DimensionReport.ToJson"/>.</summary>
    public string ToJson() => ReportJson.Write(this);

    /// <summary>Reads a comparison that <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The JSON.</param>
    /// <exception cref="ArgumentNullException"><paramref name="json"/> is <see langword="null"/>.</exception>
    /// <exception cref="InvalidDataException">The text is not JSON, or is not a comparison of this version.</exception>
    public static DimensionComparison FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return ReportJson.ReadComparison(json);
    }

    /// <summary>
    /// Returns the comparison as one HTML page that needs no scripts, no other files and no network. The page shows recommendations, charts
    /// of quality against dimensions and against bytes per vector, and tables of all values. It follows the reader's light or dark setting
    /// and fits narrow screens.
    /// </summary>
    /// <param name="recommendations">The recommendations to show, at most one for each report. The default is none.</param>
    /// <param name="title">The page's title. The default, <see langword="null"/>, names the primary metric.</param>
    /// <returns>The page, to be saved as UTF-8. Names and notes are escaped.</returns>
    /// <exception cref="ArgumentException">
    /// A recommendation does not belong to any of the reports, or two recommendations belong to the same one.
    /// </exception>
    public string ToHtml(IEnumerable<DimensionRecommendation>? recommendations = null, string? title = null)
    {
        DimensionRecommendation[] shown = [.. recommendations ?? []];
        ReportPage.Check(this, shown, nameof(recommendations));
        return new ReportPage(this, shown, title).Write();
    }
}
