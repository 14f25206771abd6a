using Microsoft.ML.Mrl.Reports;
using Microsoft.ML.Mrl.Reports.Notebook;

namespace Microsoft.ML.Mrl;

/// <summary>The dimension and type with the fewest bytes a vector that still keep a share of the quality of the full width in single precision, with how sure that is.</summary>
/// <remarks>
/// <para>
/// The intervals are of one pair of dimension and type each. That the smallest of many pairs is looked for makes the advice more hopeful than the confidence level says, and more so than where
/// dimensions alone are chosen; a look at rows that had no part in the choice settles it.
/// </para>
/// <para>Immutable and safe for concurrent use.</para>
/// </remarks>
[TypeFormatterSource(typeof(ReportFormatterSource), PreferredMimeTypes = [ReportFormatterSource.Html])]
public sealed class QuantizationRecommendation
{
    internal QuantizationRecommendation(
        QuantizationReport report, string metric, double keep, double confidence, int resamples, string gap, IReadOnlyList<QuantizationRecommendationRow> rows)
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
        ByEstimate = Smallest(rows.Where(row => row.Share >= keep));
        WithConfidence = resamples == 0 ? null : Smallest(rows.Where(row => row.Share >= keep && row.ShareLow >= keep));
        Chosen = resamples == 0 ? ByEstimate : WithConfidence;
        Summary = QuantizationText.Describe(this);
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

    /// <summary>The share of the full width's metric in single precision that was asked for, in (0, 1].</summary>
    public double Keep { get; }

    /// <summary>The confidence level of the intervals, in (0, 1).</summary>
    public double Confidence { get; }

    /// <summary>The resamples that the intervals are made of; 0 where there are none, and <see cref="Summary"/> says why.</summary>
    public int Resamples { get; }

    /// <summary>
    /// What is recommended: <see cref="WithConfidence"/> or, where there are no intervals, <see cref="ByEstimate"/>. The full width in single precision where nothing smaller keeps enough;
    /// <see langword="null"/> where its metric is not surely above 0, so that there is nothing to keep.
    /// </summary>
    public QuantizationRecommendationRow? Chosen { get; }

    /// <summary>What takes the fewest bytes of that whose measured share is enough, of equally many the best; <see langword="null"/> where the full width's metric is not above 0.</summary>
    public QuantizationRecommendationRow? ByEstimate { get; }

    /// <summary>What takes the fewest bytes of that whose whole interval is enough; <see langword="null"/> where there are no intervals.</summary>
    public QuantizationRecommendationRow? WithConfidence { get; }

    /// <summary>The advice in words, with what the rows are too few to tell.</summary>
    public string Summary { get; }

    /// <summary>A row for every type and dimension, in the order of the report.</summary>
    public IReadOnlyList<QuantizationRecommendationRow> Rows { get; }

    /// <summary>Why there are no intervals; empty where there are.</summary>
    internal string Gap { get; }

    /// <summary>The summary and the aligned plain-text table, in the invariant culture.</summary>
    public override string ToString() => $"{Summary}\n{TextTable.Aligned(QuantizationText.Cells(this))}";

    /// <summary>The summary and a Markdown table, in the invariant culture.</summary>
    public string ToMarkdown() => $"{TextTable.Escape(Summary)}\n\n{TextTable.Markdown(QuantizationText.Cells(this))}";

    private static QuantizationRecommendationRow? Smallest(IEnumerable<QuantizationRecommendationRow> rows)
        => rows.OrderBy(row => row.BytesPerVector).ThenByDescending(row => row.Value).FirstOrDefault();
}
