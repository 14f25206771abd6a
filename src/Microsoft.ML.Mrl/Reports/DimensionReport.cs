using Microsoft.ML.Mrl.Reports;
using Microsoft.ML.Mrl.Reports.Notebook;
using Microsoft.ML.Mrl.Resampling;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents the quality of embeddings at one task, with one row for each type and number of dimensions that was evaluated.
/// </summary>
/// <remarks>This type is immutable and safe for concurrent use.</remarks>
[TypeFormatterSource(typeof(ReportFormatterSource), PreferredMimeTypes = [ReportFormatterSource.Html])]
public sealed class DimensionReport
{
    internal const string DefaultName = "embedding";

    /// <param name="task">The task's name.</param>
    /// <param name="metrics">The K names of the metrics.</param>
    /// <param name="primaryMetric">One of these names.</param>
    /// <param name="dimensions">The M numbers of dimensions.</param>
    /// <param name="values">The values, <c>[T · M, K]</c>, by type and then by dimension.</param>
    /// <param name="fullDimensions">The full width D.</param>
    /// <param name="count">The number of rows or queries that the values were computed from.</param>
    /// <param name="skipped">The number of rows or queries that were left out.</param>
    /// <param name="note">The reason, and what else the reader must know. Empty if there is nothing to say.</param>
    /// <param name="resampled">
    /// The metrics that can be computed on resamples, by name, with T · M dimensions each, or null for none.
    /// </param>
    /// <param name="types">The T types, the coarsest first and single precision last, or null for single precision alone.</param>
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
        IReadOnlyDictionary<string, ResampledMetric>? resampled = null,
        IReadOnlyList<EmbeddingType>? types = null)
    {
        Task = task;
        string[] names = [.. metrics];
        Metrics = Array.AsReadOnly(names);
        PrimaryMetric = primaryMetric;
        Types = Array.AsReadOnly((EmbeddingType[])[.. types ?? [EmbeddingType.Single]]);
        Dimensions = dimensions;
        FullDimensions = fullDimensions;
        Count = count;
        Skipped = skipped;
        Note = note;
        Resampled = resampled ?? new Dictionary<string, ResampledMetric>();

        int primary = Array.IndexOf(names, primaryMetric);
        double full = dimensions.Largest == fullDimensions ? values[^1][primary] : double.NaN;
        Rows = Array.AsReadOnly(Types.SelectMany((type, t) => dimensions.Select((m, i) =>
        {
            double[] row = values[(t * dimensions.Count) + i];
            return new DimensionRow(type, m, Metrics, row, full == 0 ? double.NaN : row[primary] / full);
        })).ToArray());
        Score = values.TakeLast(dimensions.Count).Average(row => row[primary]);
    }

    /// <summary>Gets the name of what was measured. The default is <c>embedding</c>; <see cref="WithName"/> changes it.</summary>
    public string Name { get; private set; } = DefaultName;

    /// <summary>Gets the task: <c>classification</c>, <c>similarity</c> or <c>retrieval</c>.</summary>
    public string Task { get; }

    /// <summary>Gets the names of the metrics, in the order of the table's columns.</summary>
    public IReadOnlyList<string> Metrics { get; }

    /// <summary>Gets the metric that <see cref="Score"/> and <see cref="DimensionRow.ShareOfFull"/> are computed from.</summary>
    public string PrimaryMetric { get; }

    /// <summary>Gets the evaluated types, the coarsest first. Single precision is always among them, as the last.</summary>
    public IReadOnlyList<EmbeddingType> Types { get; }

    /// <summary>Gets the evaluated numbers of dimensions. Each of them has a row for every type.</summary>
    public MatryoshkaDimensions Dimensions { get; }

    /// <summary>Gets the full width D of the embeddings, whether or not it was evaluated.</summary>
    public int FullDimensions { get; }

    /// <summary>Gets the rows, ordered by type as in <see cref="Types"/> and then by rising number of dimensions.</summary>
    public IReadOnlyList<DimensionRow> Rows { get; }

    /// <summary>
    /// Gets the mean of the primary metric over all dimensions in single precision. It is NaN if any of these values is NaN.
    /// </summary>
    public double Score { get; }

    /// <summary>Gets the number of rows, pairs or queries that the values were computed from.</summary>
    public int Count { get; }

    /// <summary>Gets the number of rows, pairs or queries that were left out. <see cref="Note"/> gives the reason.</summary>
    public int Skipped { get; private set; }

    /// <summary>
    /// Gets the reason why rows were left out and whatever else limits the values, such as <c>2 without a label</c>. If several types were
    /// evaluated, the note also says which side was quantized. It is empty if there is nothing to say.
    /// </summary>
    public string Note { get; private set; }

    /// <summary>
    /// Gets the metrics that can be computed on resamples of the rows, by name. Their dimensions are those of <see cref="Rows"/>.
    /// </summary>
    internal IReadOnlyDictionary<string, ResampledMetric> Resampled { get; }

    /// <summary>Gets a value indicating whether types other than single precision were evaluated.</summary>
    internal bool HasTypes => Types.Count > 1;

    /// <summary>Gets the row of a number of dimensions and a type.</summary>
    /// <param name="dimensions">The number of dimensions, one that was evaluated.</param>
    /// <param name="type">The type, one that was evaluated. The default is single precision.</param>
    /// <exception cref="KeyNotFoundException">This combination was not evaluated.</exception>
    public DimensionRow this[int dimensions, EmbeddingType type = EmbeddingType.Single]
        => Rows.FirstOrDefault(row => row.Dimensions == dimensions && row.Type == type)
            ?? throw new KeyNotFoundException(type == EmbeddingType.Single
                ? $"No row for {dimensions} dimensions. Evaluated were: {string.Join(", ", Dimensions)}."
                : $"No row for {dimensions} dimensions as {type}. " +
                    $"Evaluated were {string.Join(", ", Types)} at {string.Join(", ", Dimensions)}.");

    /// <summary>Returns the same report under another name, which tells it apart from other reports in a comparison.</summary>
    /// <param name="name">The name, such as <c>PCA</c>.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty.</exception>
    public DimensionReport WithName(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return With(name, Skipped, Note);
    }

    /// <summary>Returns the same report with more rows known to have been left out.</summary>
    internal DimensionReport WithSkipped(int skipped, string reason)
        => skipped == 0 ? this : With(Name, Skipped + skipped, Join(Note, reason));

    /// <summary>Returns the same report with an addition to its note.</summary>
    internal DimensionReport WithNote(string note) => note.Length == 0 ? this : With(Name, Skipped, Join(Note, note));

    /// <summary>Returns the report as an aligned plain-text table, in the invariant culture.</summary>
    public override string ToString() => $"{ReportText.Title(this)}\n{TextTable.Aligned(ReportText.Cells(this))}";

    /// <summary>Returns the report as a Markdown table, in the invariant culture.</summary>
    public string ToMarkdown() => $"{TextTable.Escape(ReportText.Title(this))}\n\n{TextTable.Markdown(ReportText.Cells(this))}";

    /// <summary>
    /// Returns the report as CSV (RFC 4180) in the invariant culture, with one line for each row: name, task, type, dimensions, bytes of a
    /// vector, the metrics, and the share of the full width's value. NaN becomes an empty field.
    /// </summary>
    public string ToCsv() => ReportCsv.Write([this]);

    /// <summary>
    /// Returns the report as JSON, which <see cref="FromJson"/> reads. NaN becomes null. The values of single rows are not included.
    /// </summary>
    public string ToJson() => ReportJson.Write(this);

    /// <summary>
    /// Reads a report that <see cref="ToJson"/> wrote. It is equal to the original, except that
    /// <see cref="MrlOperations.RecommendDimensions"/> cannot compute intervals from it, because the values of single rows are missing.
    /// </summary>
    /// <param name="json">The JSON.</param>
    /// <exception cref="ArgumentNullException"><paramref name="json"/> is <see langword="null"/>.</exception>
    /// <exception cref="InvalidDataException">The text is not JSON, or is not a report of this version.</exception>
    public static DimensionReport FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return ReportJson.ReadReport(json);
    }

    /// <summary>Returns the report as an HTML page with charts; see <see cref="DimensionComparison.ToHtml"/>.</summary>
    /// <param name="recommendations">The recommendation to show. The default is none.</param>
    /// <param name="title">The page's title. The default, <see langword="null"/>, names the primary metric.</param>
    /// <exception cref="ArgumentException">There are several recommendations, or one does not belong to this report.</exception>
    public string ToHtml(IEnumerable<DimensionRecommendation>? recommendations = null, string? title = null)
        => new DimensionComparison(this).ToHtml(recommendations, title);

    private DimensionReport With(string name, int skipped, string note)
    {
        var copy = (DimensionReport)MemberwiseClone();
        (copy.Name, copy.Skipped, copy.Note) = (name, skipped, note);
        return copy;
    }

    private static string Join(string note, string more) => note.Length == 0 ? more : $"{note}; {more}";
}
