using Microsoft.ML.Mrl.Reports;
using Microsoft.ML.Mrl.Reports.Html;
using Microsoft.ML.Mrl.Reports.Notebook;

namespace Microsoft.ML.Mrl;

/// <summary>Reports of several systems on one task, side by side. Name the systems with <see cref="DimensionReport.WithSystem"/>.</summary>
/// <remarks>Immutable and safe for concurrent use. The widths of the systems may differ.</remarks>
[TypeFormatterSource(typeof(ReportFormatterSource), PreferredMimeTypes = [ReportFormatterSource.Html])]
public sealed class DimensionComparison
{
    /// <summary>Puts reports side by side.</summary>
    /// <param name="reports">At least one; of one task, with one primary metric, no two of the same system.</param>
    /// <exception cref="ArgumentNullException"><paramref name="reports"/>, or one of them, is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">There is none, two are of the same system, or tasks or primary metrics differ.</exception>
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
                    $"Cannot compare {report.PrimaryMetric} of {report.Task} with {all[0].PrimaryMetric} of {all[0].Task}. Compare reports of one task and one primary metric.",
                    nameof(reports));
            }
        }
        if (all.GroupBy(report => report.System, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new ArgumentException(
                $"{twice.Count()} reports are of the system '{twice.Key}'. Tell them apart with {nameof(DimensionReport.WithSystem)}.", nameof(reports));
        }
        Reports = Array.AsReadOnly(all);
        Dimensions = new MatryoshkaDimensions(all.SelectMany(report => report.Rows.Select(row => row.Dimensions)).Distinct());
    }

    /// <summary>The reports, in the order given.</summary>
    public IReadOnlyList<DimensionReport> Reports { get; }

    /// <summary>All dimensions that any of them has.</summary>
    public MatryoshkaDimensions Dimensions { get; }

    /// <summary>The task of all of them.</summary>
    public string Task => Reports[0].Task;

    /// <summary>The metric that is compared.</summary>
    public string PrimaryMetric => Reports[0].PrimaryMetric;

    /// <summary>The primary metric of every system at every dimension as an aligned plain-text table, in the invariant culture.</summary>
    public override string ToString() => $"{ComparisonText.Title(this)}\n{TextTable.Aligned(ComparisonText.Cells(this))}";

    /// <summary>The same as a Markdown table.</summary>
    public string ToMarkdown() => $"{TextTable.Escape(ComparisonText.Title(this))}\n\n{TextTable.Markdown(ComparisonText.Cells(this))}";

    /// <summary>All metrics as CSV, a line for every system and dimension; see <see cref="DimensionReport.ToCsv"/>. A metric that a system does not have is an empty field.</summary>
    public string ToCsv() => ReportCsv.Write(Reports);

    /// <summary>The reports as JSON, which <see cref="FromJson"/> reads back; see <see cref="DimensionReport.ToJson"/>.</summary>
    public string ToJson() => ReportJson.Write(this);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The JSON.</param>
    /// <exception cref="ArgumentNullException"><paramref name="json"/> is <see langword="null"/>.</exception>
    /// <exception cref="InvalidDataException">It is not JSON, or not that of a comparison.</exception>
    public static DimensionComparison FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return ReportJson.ReadComparison(json);
    }

    /// <summary>
    /// The comparison as one HTML page that needs nothing else, neither scripts nor a network: recommendations, charts of quality against dimension and against bytes per vector, and
    /// tables of all numbers. It follows the reader's light or dark setting and fits narrow screens.
    /// </summary>
    /// <param name="options">The title, and recommendations to show. Default: those of a new <see cref="ReportPageOptions"/>.</param>
    /// <returns>The page, to be saved as UTF-8. Names and notes are escaped.</returns>
    /// <exception cref="ArgumentException">A recommendation is of a system or task that is not compared, or of another full width, or two are of one system.</exception>
    public string ToHtml(ReportPageOptions? options = null)
    {
        options ??= new ReportPageOptions();
        options.Check(this, nameof(options));
        return new ReportPage(this, options).Write();
    }
}
