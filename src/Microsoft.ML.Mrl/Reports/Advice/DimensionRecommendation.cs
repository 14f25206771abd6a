using Microsoft.ML.Mrl.Reports;
using Microsoft.ML.Mrl.Reports.Advice;
using Microsoft.ML.Mrl.Reports.Notebook;

namespace Microsoft.ML.Mrl;

/// <summary>How short embeddings may be cut and still keep a share of their full width's quality, with how sure that is.</summary>
/// <remarks>
/// <para>
/// The intervals are of one dimension each. That the smallest of several dimensions is looked for makes the advice a little more hopeful than the confidence level says; a look at
/// rows that had no part in the choice settles it.
/// </para>
/// <para>Immutable and safe for concurrent use.</para>
/// </remarks>
[TypeFormatterSource(typeof(ReportFormatterSource), PreferredMimeTypes = [ReportFormatterSource.Html])]
public sealed class DimensionRecommendation
{
    internal DimensionRecommendation(
        DimensionReport report, string metric, double keep, double confidence, int resamples, string gap, IReadOnlyList<RecommendationRow> rows)
    {
        System = report.System;
        Task = report.Task;
        Metric = metric;
        Count = report.Count;
        FullDimensions = report.FullDimensions;
        Keep = keep;
        Confidence = confidence;
        Resamples = resamples;
        Gap = gap;
        Rows = rows;
        ByEstimate = rows.FirstOrDefault(row => row.Share >= keep)?.Dimensions;
        WithConfidence = resamples == 0 ? null : rows.FirstOrDefault(row => row.Share >= keep && row.ShareLow >= keep)?.Dimensions;
        Dimensions = resamples == 0 ? ByEstimate : WithConfidence;
        Summary = RecommendationText.Describe(this);
    }

    /// <summary>The label of what was measured, as in the report.</summary>
    public string System { get; }

    /// <summary>The task, as in the report.</summary>
    public string Task { get; }

    /// <summary>The metric to be kept.</summary>
    public string Metric { get; }

    /// <summary>How many rows, pairs or queries the numbers are from.</summary>
    public int Count { get; }

    /// <summary>The full width D.</summary>
    public int FullDimensions { get; }

    /// <summary>The share of the full width's metric that was asked for, in (0, 1].</summary>
    public double Keep { get; }

    /// <summary>The confidence level of the intervals, in (0, 1).</summary>
    public double Confidence { get; }

    /// <summary>The resamples that the intervals are made of; 0 where there are none, and <see cref="Summary"/> says why.</summary>
    public int Resamples { get; }

    /// <summary>
    /// The recommended dimension: <see cref="WithConfidence"/> or, where there are no intervals, <see cref="ByEstimate"/>. The full width where nothing shorter keeps enough.
    /// <see langword="null"/> where the full width's metric is not surely above 0, so that there is nothing to keep.
    /// </summary>
    public int? Dimensions { get; }

    /// <summary>The smallest dimension whose measured share is enough; <see langword="null"/> where the full width's metric is not above 0.</summary>
    public int? ByEstimate { get; }

    /// <summary>The smallest dimension whose whole interval is enough; <see langword="null"/> where there are no intervals.</summary>
    public int? WithConfidence { get; }

    /// <summary>The advice in words, with what the rows are too few to tell.</summary>
    public string Summary { get; }

    /// <summary>A row for every dimension, ascending.</summary>
    public IReadOnlyList<RecommendationRow> Rows { get; }

    /// <summary>Why there are no intervals; empty where there are.</summary>
    internal string Gap { get; }

    /// <summary>The summary and the aligned plain-text table, in the invariant culture.</summary>
    public override string ToString() => $"{Summary}\n{TextTable.Aligned(RecommendationText.Cells(this))}";

    /// <summary>The summary and a Markdown table, in the invariant culture.</summary>
    public string ToMarkdown() => $"{TextTable.Escape(Summary)}\n\n{TextTable.Markdown(RecommendationText.Cells(this))}";
}
