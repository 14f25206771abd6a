using Microsoft.ML.Mrl.Reports;
using Microsoft.ML.Mrl.Reports.Advice;
using Microsoft.ML.Mrl.Reports.Notebook;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents the advice on how far embeddings can be cut and quantized while they keep a share of the quality of the full width in single
/// precision, together with how certain that is.
/// </summary>
/// <remarks>
/// <para>
/// Each interval belongs to one row alone. Since the smallest of several candidates is looked for, the advice is a little more optimistic
/// than the confidence level says, and more so the more types and dimensions are compared. Evaluate the choice on rows that had no part in
/// it to be certain.
/// </para>
/// <para>This type is immutable and safe for concurrent use.</para>
/// </remarks>
[TypeFormatterSource(typeof(ReportFormatterSource), PreferredMimeTypes = [ReportFormatterSource.Html])]
public sealed class DimensionRecommendation
{
    internal DimensionRecommendation(
        DimensionReport report,
        string metric,
        double keep,
        double confidence,
        int resamples,
        string gap,
        IReadOnlyList<RecommendationRow> rows)
    {
        Name = report.Name;
        Task = report.Task;
        Metric = metric;
        Count = report.Count;
        FullDimensions = report.FullDimensions;
        HasTypes = report.HasTypes;
        Keep = keep;
        Confidence = confidence;
        Resamples = resamples;
        Gap = gap;
        Rows = rows;
        ByEstimate = Smallest(rows.Where(row => row.Share >= keep));
        WithConfidence = resamples == 0 ? null : Smallest(rows.Where(row => row.Share >= keep && row.ShareLow >= keep));
        Chosen = resamples == 0 ? ByEstimate : WithConfidence;
        Summary = RecommendationText.Describe(this);
    }

    /// <summary>Gets the name of what was measured, as in the report.</summary>
    public string Name { get; }

    /// <summary>Gets the task, as in the report.</summary>
    internal string Task { get; }

    /// <summary>Gets the metric whose value is to be kept.</summary>
    public string Metric { get; }

    /// <summary>Gets the number of rows, pairs or queries that the values were computed from.</summary>
    internal int Count { get; }

    /// <summary>Gets the full width D.</summary>
    internal int FullDimensions { get; }

    /// <summary>Gets the requested share of the metric's value at the full width in single precision, in (0, 1].</summary>
    public double Keep { get; }

    /// <summary>Gets the confidence level of the intervals, in (0, 1).</summary>
    internal double Confidence { get; }

    /// <summary>
    /// Gets the number of resamples that the intervals were computed from. It is 0 if there are no intervals; <see cref="Summary"/> then
    /// gives the reason.
    /// </summary>
    public int Resamples { get; }

    /// <summary>
    /// Gets the recommended row: <see cref="WithConfidence"/> or, if there are no intervals, <see cref="ByEstimate"/>. It is the full width
    /// in single precision if nothing smaller keeps enough, and <see langword="null"/> if the metric at the full width is not reliably
    /// above 0, so that there is nothing to keep.
    /// </summary>
    public RecommendationRow? Chosen { get; }

    /// <summary>
    /// Gets the recommended number of dimensions, that of <see cref="Chosen"/>, or <see langword="null"/> if nothing can be recommended.
    /// </summary>
    public int? Dimensions => Chosen?.Dimensions;

    /// <summary>
    /// Gets the row with the fewest bytes per vector whose measured share is large enough; among rows of equal size, the best one. It is
    /// <see langword="null"/> if the metric at the full width is not above 0.
    /// </summary>
    public RecommendationRow? ByEstimate { get; }

    /// <summary>
    /// Gets the row with the fewest bytes per vector whose whole interval is large enough. It is <see langword="null"/> if there are no
    /// intervals.
    /// </summary>
    public RecommendationRow? WithConfidence { get; }

    /// <summary>Gets the advice in words, including what cannot be decided with so few rows.</summary>
    public string Summary { get; }

    /// <summary>Gets a row for each type and number of dimensions, in the order of the report.</summary>
    public IReadOnlyList<RecommendationRow> Rows { get; }

    /// <summary>Gets the reason why there are no intervals; empty if there are.</summary>
    internal string Gap { get; }

    /// <summary>Gets a value indicating whether types other than single precision were evaluated.</summary>
    internal bool HasTypes { get; }

    /// <summary>Returns the summary and an aligned plain-text table, in the invariant culture.</summary>
    public override string ToString() => $"{Summary}\n{TextTable.Aligned(RecommendationText.Cells(this))}";

    /// <summary>Returns the summary and a Markdown table, in the invariant culture.</summary>
    public string ToMarkdown() => $"{TextTable.Escape(Summary)}\n\n{TextTable.Markdown(RecommendationText.Cells(this))}";

    private static RecommendationRow? Smallest(IEnumerable<RecommendationRow> rows)
        => rows.OrderBy(row => row.BytesPerVector).ThenByDescending(row => row.Value).FirstOrDefault();
}
