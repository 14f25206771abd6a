using Microsoft.ML.Mrl.Reports;
using Microsoft.ML.Mrl.Reports.Notebook;
using Microsoft.ML.Mrl.Resampling;

namespace Microsoft.ML.Mrl;

/// <summary>How good the embeddings of one system are at one task, a row for every dimension.</summary>
/// <remarks>Immutable and safe for concurrent use.</remarks>
[TypeFormatterSource(typeof(ReportFormatterSource), PreferredMimeTypes = [ReportFormatterSource.Html])]
public sealed class DimensionReport
{
    internal const string DefaultSystem = "embedding";

    /// <param name="task">The task's name.</param>
    /// <param name="metrics">K names.</param>
    /// <param name="primaryMetric">One of the names.</param>
    /// <param name="dimensions">M dimensions.</param>
    /// <param name="values">The values, <c>[M, K]</c>.</param>
    /// <param name="fullDimensions">The full width D.</param>
    /// <param name="count">The rows or queries that the values were computed from.</param>
    /// <param name="skipped">The rows or queries left out.</param>
    /// <param name="note">Why, and what else the reader must know; empty for nothing.</param>
    /// <param name="resampled">The metrics that can be computed on resamples of the rows, by name; null for none.</param>
    internal DimensionReport(
        string task,
        IReadOnlyList<string> metrics,
        string primaryMetric,
        MatryoshkaDimensions dimensions,
        IReadOnlyList<double[]> values,
        int fullDimensions,
        int count,
        int skipped = 0,
        string note = "",
        IReadOnlyDictionary<string, ResampledMetric>? resampled = null)
    {
        Task = task;
        string[] names = [.. metrics];
        Metrics = Array.AsReadOnly(names);
        PrimaryMetric = primaryMetric;
        FullDimensions = fullDimensions;
        Count = count;
        Skipped = skipped;
        Note = note;
        Resampled = resampled ?? new Dictionary<string, ResampledMetric>();

        int primary = Array.IndexOf(names, primaryMetric);
        double full = dimensions.Largest == fullDimensions ? values[^1][primary] : double.NaN;
        Rows = Array.AsReadOnly(dimensions
            .Select((m, i) => new DimensionRow(m, Metrics, values[i], full == 0 ? double.NaN : values[i][primary] / full))
            .ToArray());
        Score = values.Average(row => row[primary]);
    }

    /// <summary>A label for what was measured. Default <c>embedding</c>; see <see cref="WithSystem"/>.</summary>
    public string System { get; private set; } = DefaultSystem;

    /// <summary>The task: <c>classification</c>, <c>similarity</c> or <c>retrieval</c>.</summary>
    public string Task { get; }

    /// <summary>The names of the metrics, in the order of the table's columns.</summary>
    public IReadOnlyList<string> Metrics { get; }

    /// <summary>The metric that <see cref="Score"/> and <see cref="DimensionRow.ShareOfFull"/> speak of.</summary>
    public string PrimaryMetric { get; }

    /// <summary>The full width D of the embeddings, whether or not it has a row.</summary>
    public int FullDimensions { get; }

    /// <summary>A row for every dimension, ascending.</summary>
    public IReadOnlyList<DimensionRow> Rows { get; }

    /// <summary>The mean of the primary metric over the rows; NaN if any of them is.</summary>
    public double Score { get; }

    /// <summary>How many rows, pairs or queries the numbers were computed from.</summary>
    public int Count { get; }

    /// <summary>How many rows, pairs or queries were left out; <see cref="Note"/> says why.</summary>
    public int Skipped { get; private set; }

    /// <summary>Why rows were left out and what else limits the numbers, such as <c>2 queries have no relevant document</c>. Empty for nothing.</summary>
    public string Note { get; private set; }

    /// <summary>The metrics that can be computed on resamples of the rows, by name.</summary>
    internal IReadOnlyDictionary<string, ResampledMetric> Resampled { get; }

    /// <summary>The row of a dimension.</summary>
    /// <param name="dimensions">The dimension, one that was evaluated.</param>
    /// <exception cref="KeyNotFoundException">The dimension was not evaluated.</exception>
    public DimensionRow this[int dimensions] => Rows.FirstOrDefault(row => row.Dimensions == dimensions)
        ?? throw new KeyNotFoundException($"No row for {dimensions} dimensions. Evaluated were: {string.Join(", ", Rows.Select(row => row.Dimensions))}.");

    /// <summary>The same report under another label, to tell several systems apart.</summary>
    /// <param name="system">The label, such as <c>PCA</c>.</param>
    /// <exception cref="ArgumentException"><paramref name="system"/> is empty.</exception>
    public DimensionReport WithSystem(string system)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(system);
        return With(system, Skipped, Note);
    }

    /// <summary>The same report with more rows known to have been left out.</summary>
    internal DimensionReport WithSkipped(int skipped, string reason)
        => skipped == 0 ? this : With(System, Skipped + skipped, Join(Note, reason));

    /// <summary>The same report with more to tell.</summary>
    internal DimensionReport WithNote(string note) => note.Length == 0 ? this : With(System, Skipped, Join(Note, note));

    /// <summary>The report as an aligned plain-text table, in the invariant culture.</summary>
    public override string ToString() => DimensionTable.Text(this);

    /// <summary>The report as a Markdown table, in the invariant culture.</summary>
    public string ToMarkdown() => DimensionTable.Markdown(this);

    /// <summary>
    /// The report as CSV (RFC 4180), a line for every dimension, in the invariant culture: system, task, dimensions, bytes of a single-precision vector, the metrics, and the share
    /// of the full width. NaN is an empty field.
    /// </summary>
    public string ToCsv() => ReportCsv.Write([this]);

    /// <summary>The report as JSON, which <see cref="FromJson"/> reads back. NaN is null. The values of single rows are not in it.</summary>
    public string ToJson() => ReportJson.Write(this);

    /// <summary>Reads what <see cref="ToJson"/> wrote: an equal report, but for the values of single rows that <see cref="MrlOperations.RecommendDimensions"/> resamples.</summary>
    /// <param name="json">The JSON.</param>
    /// <exception cref="ArgumentNullException"><paramref name="json"/> is <see langword="null"/>.</exception>
    /// <exception cref="InvalidDataException">It is not JSON, or not that of a report.</exception>
    public static DimensionReport FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return ReportJson.ReadReport(json);
    }

    /// <summary>The report as a page of its own, with charts; see <see cref="DimensionComparison.ToHtml"/>.</summary>
    /// <param name="options">The title, and recommendations to show. Default: those of a new <see cref="ReportPageOptions"/>.</param>
    /// <exception cref="ArgumentException">A recommendation is not of this report.</exception>
    public string ToHtml(ReportPageOptions? options = null) => new DimensionComparison(this).ToHtml(options);

    private DimensionReport With(string system, int skipped, string note)
    {
        var copy = (DimensionReport)MemberwiseClone();
        (copy.System, copy.Skipped, copy.Note) = (system, skipped, note);
        return copy;
    }

    private static string Join(string note, string more) => note.Length == 0 ? more : $"{note}; {more}";
}
