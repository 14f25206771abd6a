namespace Microsoft.ML.Mrl.Evaluation;

/// <summary>What a metric makes of the ranks of a query's relevant documents.</summary>
internal enum RetrievalMetricKind
{
    Recall,
    Ndcg,
    ReciprocalRank,
    AveragePrecision,
}
