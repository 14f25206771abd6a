using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl;

/// <summary>Which metrics the evaluation of retrieval gives. All that is wrong with it is reported at once.</summary>
/// <remarks>
/// The primary metric is the first nDCG; where none is asked for, the first mean average precision, then the first reciprocal rank, then the first recall.
/// A document is relevant if its grade is above 0. The k of a list are each at least 1 and named once; a k above the number of documents means all of them.
/// </remarks>
public sealed record RetrievalOptions
{
    /// <summary>A k that means all documents: <c>MAP</c> rather than <c>MAP@k</c>.</summary>
    public const int AllDocuments = int.MaxValue;

    /// <summary>
    /// The k of <c>Recall@k</c>, the share of a query's relevant documents among its first k. Default <see langword="null"/>: of 1, 10 and 100 those that do not exceed the
    /// number of documents.
    /// </summary>
    public IReadOnlyList<int>? RecallAt { get; init; }

    /// <summary>
    /// The k of <c>nDCG@k</c>: DCG over that of the best order, DCG = Σ grade / log₂(rank + 1) over the first k. Default: 10.
    /// </summary>
    public IReadOnlyList<int> NdcgAt { get; init; } = [10];

    /// <summary>The k of <c>MRR@k</c>: 1 / rank of the first relevant document if that is among the first k, else 0. Default: 10.</summary>
    public IReadOnlyList<int> ReciprocalRankAt { get; init; } = [10];

    /// <summary>
    /// The k of <c>MAP@k</c>, and <see cref="AllDocuments"/> for <c>MAP</c>: the precisions at the ranks of the relevant documents among the first k, added up and divided by the
    /// number of all relevant documents, found or not, as trec_eval's map and map_cut do. Grades count only as above 0 or not. Default: none.
    /// </summary>
    public IReadOnlyList<int> AveragePrecisionAt { get; init; } = [];

    /// <exception cref="ArgumentException">Something is wrong; the message lists all of it.</exception>
    internal void Check(string parameterName)
        => OptionProblems.ThrowIfAny(Problems(), nameof(RetrievalOptions), parameterName);

    private IEnumerable<string> Problems()
    {
        (string Name, IReadOnlyList<int>? Values)[] lists =
        [
            (nameof(RecallAt), RecallAt ?? [1]),
            (nameof(NdcgAt), NdcgAt),
            (nameof(ReciprocalRankAt), ReciprocalRankAt),
            (nameof(AveragePrecisionAt), AveragePrecisionAt),
        ];
        foreach ((string name, IReadOnlyList<int>? values) in lists)
        {
            if (values is null)
            {
                yield return $"{name} is null; give a list, or an empty one for none.";
            }
            else if (values.Any(k => k < 1) || values.Distinct().Count() < values.Count)
            {
                yield return $"{name} is {string.Join(", ", values)}; choose numbers of 1 or more, each once.";
            }
        }
        if (lists.All(list => list.Values?.Count == 0))
        {
            yield return "No metric is asked for; name at least one k.";
        }
    }
}
