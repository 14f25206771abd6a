using Microsoft.ML.Mrl.Reports;
using Microsoft.ML.Mrl.Reports.Html;
using Microsoft.ML.Mrl.Reports.Notebook;
using Microsoft.ML.Mrl.Resampling;

namespace Microsoft.ML.Mrl;

/// <summary>How good the embeddings of one system are at one task, a row for every type and dimension, with the bytes that a vector takes.</summary>
/// <remarks>Immutable and safe for concurrent use.</remarks>
[TypeFormatterSource(typeof(ReportFormatterSource), PreferredMimeTypes = [ReportFormatterSource.Html])]
public sealed class QuantizationReport
{
    /// <param name="task">The task's name.</param>
    /// <param name="metrics">K names.</param>
    /// <param name="primaryMetric">One of the names.</param>
    /// <param name="types">T types, the coarsest first; single precision is the last.</param>
    /// <param name="dimensions">M dimensions.</param>
    /// <param name="values">The values, <c>[T · M, K]</c>, by type and then dimension.</param>
    /// <param name="fullDimensions">The full width D.</param>
    /// <param name="count">The rows or queries that the values were computed from.</param>
    /// <param name="skipped">The rows or queries left out.</param>
    /// <param name="note">Why, and what else the reader must know.</param>
    /// <param name="resampled">The metrics that can be computed on resamples, T · M dimensions each; null for none.</param>
    internal QuantizationReport(
        string task,
        IReadOnlyList<string> metrics,
        string primaryMetric,
        IReadOnlyList<EmbeddingType> types,
        MatryoshkaDimensions dimensions,
        IReadOnlyList<double[]> values,
        int fullDimensions,
        int count,
        int skipped,
        string note,
        IReadOnlyDictionary<string, ResampledMetric>? resampled = null)
    {
        Task = task;
        Metrics = Array.AsReadOnly((string[])[.. metrics]);
        PrimaryMetric = primaryMetric;
        Types = Array.AsReadOnly((EmbeddingType[])[.. types]);
        Dimensions = dimensions;
        FullDimensions = fullDimensions;
        Count = count;
        Skipped = skipped;
        Note = note;
        Resampled = resampled ?? new Dictionary<string, ResampledMetric>();
        int primary = Array.IndexOf([.. metrics], primaryMetric);
        double full = dimensions.Largest == fullDimensions ? values[^1][primary] : double.NaN;
        Rows = Array.AsReadOnly(types.SelectMany((type, t) => dimensions.Select((m, i) =>
        {
            double[] row = values[(t * dimensions.Count) + i];
            return new QuantizationRow(type, new DimensionRow(m, Metrics, row, full == 0 ? double.NaN : row[primary] / full));
        })).ToArray());
    }

    /// <summary>A label for what was measured. Default <c>embedding</c>; see <see cref="WithSystem"/>.</summary>
    public string System { get; private set; } = DimensionReport.DefaultSystem;

    /// <summary>The task: <c>classification</c>, <c>similarity</c> or <c>retrieval</c>.</summary>
    public string Task { get; }

    /// <summary>The names of the metrics, in the order of the table's columns.</summary>
    public IReadOnlyList<string> Metrics { get; }

    /// <summary>The metric that <see cref="QuantizationRow.ShareOfFull"/> speaks of.</summary>
    public string PrimaryMetric { get; }

    /// <summary>The types, the coarsest first; single precision is the last.</summary>
    public IReadOnlyList<EmbeddingType> Types { get; }

    /// <summary>The dimensions, each of which has a row for every type.</summary>
    public MatryoshkaDimensions Dimensions { get; }

    /// <summary>The full width D of the embeddings, whether or not it has a row.</summary>
    public int FullDimensions { get; }

    /// <summary>A row for every type and dimension: by type as in <see cref="Types"/>, then by rising dimension.</summary>
    public IReadOnlyList<QuantizationRow> Rows { get; }

    /// <summary>How many rows, pairs or queries the numbers were computed from.</summary>
    public int Count { get; }

    /// <summary>How many rows, pairs or queries were left out; <see cref="Note"/> says why.</summary>
    public int Skipped { get; }

    /// <summary>Which side was quantized, where the ranges of signed bytes are from, why rows were left out, and what else limits the numbers.</summary>
    public string Note { get; }

    /// <summary>The metrics that can be computed on resamples of the rows, by name; their dimensions are those of <see cref="Rows"/>.</summary>
    internal IReadOnlyDictionary<string, ResampledMetric> Resampled { get; }

    /// <summary>The row of a type and a dimension.</summary>
    /// <param name="type">The type.</param>
    /// <param name="dimensions">The dimension.</param>
    /// <exception cref="KeyNotFoundException">They were not evaluated.</exception>
    public QuantizationRow this[EmbeddingType type, int dimensions] => Rows.FirstOrDefault(row => row.Type == type && row.Dimensions == dimensions)
        ?? throw new KeyNotFoundException($"No row for {type} at {dimensions} dimensions. Evaluated were {string.Join(", ", Types)} at {Dimensions}.");

    /// <summary>The same report under another label.</summary>
    /// <param name="system">The label, such as <c>PCA</c>.</param>
    /// <exception cref="ArgumentException"><paramref name="system"/> is empty.</exception>
    public QuantizationReport WithSystem(string system)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(system);
        var copy = (QuantizationReport)MemberwiseClone();
        copy.System = system;
        return copy;
    }

    /// <summary>The report as an aligned plain-text table, in the invariant culture.</summary>
    public override string ToString() => $"{QuantizationText.Title(this)}\n{TextTable.Aligned(QuantizationText.Cells(this))}";

    /// <summary>The report as a Markdown table, in the invariant culture.</summary>
    public string ToMarkdown() => $"{TextTable.Escape(QuantizationText.Title(this))}\n\n{TextTable.Markdown(QuantizationText.Cells(this))}";

    /// <summary>
    /// The report as CSV (RFC 4180), a line for every type and dimension, in the invariant culture: system, task, type, dimensions, bytes of a vector, the metrics, and the share of the full
    /// width in single precision. NaN is an empty field.
    /// </summary>
    public string ToCsv() => ReportCsv.Write(this);

    /// <summary>The report as JSON, which <see cref="FromJson"/> reads back. NaN is null. The values of single rows are not in it.</summary>
    public string ToJson() => QuantizationJson.Write(this);

    /// <summary>Reads what <see cref="ToJson"/> wrote: an equal report, but for the values of single rows that <see cref="MrlOperations.RecommendQuantization(QuantizationReport, double, RecommendationOptions)"/> resamples.</summary>
    /// <param name="json">The JSON.</param>
    /// <exception cref="ArgumentNullException"><paramref name="json"/> is <see langword="null"/>.</exception>
    /// <exception cref="InvalidDataException">It is not JSON, or not that of a report.</exception>
    public static QuantizationReport FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return QuantizationJson.Read(json);
    }

    /// <summary>
    /// The report as one HTML page that needs nothing else, neither scripts nor a network: a recommendation, charts of quality against bytes per vector and against dimension, one line a type, and
    /// tables of all numbers. It follows the reader's light or dark setting and fits narrow screens.
    /// </summary>
    /// <param name="recommendation">A recommendation to show. Default: none.</param>
    /// <param name="title">The page's title. Default <see langword="null"/>: the primary metric by dimension and type.</param>
    /// <returns>The page, to be saved as UTF-8. Names and notes are escaped.</returns>
    /// <exception cref="ArgumentException">The recommendation is of another report.</exception>
    public string ToHtml(QuantizationRecommendation? recommendation = null, string? title = null)
    {
        if (recommendation is not null
            && !recommendation.Rows.Select(row => (row.Type, row.Dimensions)).SequenceEqual(Rows.Select(row => (row.Type, row.Dimensions))))
        {
            throw new ArgumentException("The recommendation is of another report: its types and dimensions differ. Make one of this report.", nameof(recommendation));
        }
        return new QuantizationPage(this, recommendation, title).Write();
    }
}
