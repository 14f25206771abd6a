using System.Globalization;

namespace Microsoft.ML.Mrl.Evaluation;

/// <summary>Represents one metric of ranked documents and the last rank that counts.</summary>
/// <param name="Kind">The kind of metric.</param>
/// <param name="Name">The name in the report, such as <c>nDCG@10</c>.</param>
/// <param name="Cutoff">The k, below <see cref="RelevantRanks.NotFound"/>.</param>
internal readonly record struct RetrievalMetric(RetrievalMetricKind Kind, string Name, int Cutoff)
{
    private static readonly int[] s_recallAt = [1, 10, 100];

    /// <summary>Returns the metrics asked for, in the order of the report, for a number of documents.</summary>
    public static RetrievalMetric[] Of(RetrievalOptions options, int documents)
    {
        IEnumerable<int> recallAt = options.RecallAt ?? s_recallAt.Where(k => k <= documents);
        return
        [
            .. recallAt.Select(k => Of(RetrievalMetricKind.Recall, "Recall", k)),
            .. options.NdcgAt.Select(k => Of(RetrievalMetricKind.Ndcg, "nDCG", k)),
            .. options.ReciprocalRankAt.Select(k => Of(RetrievalMetricKind.ReciprocalRank, "MRR", k)),
            .. options.AveragePrecisionAt.Select(k => Of(RetrievalMetricKind.AveragePrecision, "MAP", k)),
        ];
    }

    /// <summary>Returns the primary metric.</summary>
    public static RetrievalMetric PrimaryOf(RetrievalMetric[] metrics) => metrics.MinBy(metric => metric.Kind switch
    {
        RetrievalMetricKind.Ndcg => 0,
        RetrievalMetricKind.AveragePrecision => 1,
        RetrievalMetricKind.ReciprocalRank => 2,
        _ => 3,
    });

    /// <summary>Returns the value for one query.</summary>
    /// <param name="ranks">The ranks of all its relevant documents, from 1; at least one.</param>
    /// <param name="relevant">Those documents, in the same order.</param>
    public double Judge(ReadOnlySpan<int> ranks, ReadOnlySpan<RelevantDocument> relevant) => Kind switch
    {
        RetrievalMetricKind.Recall => RankedMetrics.RecallAt(ranks, Cutoff),
        RetrievalMetricKind.Ndcg => RankedMetrics.NdcgAt(ranks, relevant, Cutoff),
        RetrievalMetricKind.ReciprocalRank => RankedMetrics.ReciprocalRankAt(ranks, Cutoff),
        _ => RankedMetrics.AveragePrecisionAt(ranks, Cutoff),
    };

    // A document that was not found is beyond every cutoff.
    private static RetrievalMetric Of(RetrievalMetricKind kind, string name, int k)
        => new(
            kind,
            k == RetrievalOptions.AllDocuments ? name : string.Create(CultureInfo.InvariantCulture, $"{name}@{k}"),
            Math.Min(k, RelevantRanks.NotFound - 1));
}

/// <summary>Specifies the kinds of metrics that are computed from the ranks of a query's relevant documents.</summary>
internal enum RetrievalMetricKind
{
    Recall,
    Ndcg,
    ReciprocalRank,
    AveragePrecision,
}
