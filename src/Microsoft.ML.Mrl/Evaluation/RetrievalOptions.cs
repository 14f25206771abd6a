using Microsoft.ML.Mrl.Evaluation;
using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Provides options for <see cref="MrlOperations.EvaluateRetrieval(IDataView, IDataView, IDataView, RetrievalColumns, MatryoshkaDimensions,
/// RetrievalOptions, IDataView)"/> and its overload for pairs. All invalid values are reported at once.
/// </summary>
/// <remarks>
/// The primary metric is the first nDCG; if none is requested, the first mean average precision, then the first reciprocal rank, then the
/// first recall. A document is relevant if its grade is above 0. The numbers k of a list are each at least 1 and named once. A k above the
/// number of documents means all of them.
/// </remarks>
public sealed class RetrievalOptions
{
    /// <summary>Represents a k that means all documents, for <c>MAP</c> rather than <c>MAP@k</c>.</summary>
    public const int AllDocuments = int.MaxValue;

    /// <summary>
    /// Gets the numbers k of <c>Recall@k</c>, the share of a query's relevant documents among its first k. The default,
    /// <see langword="null"/>, means those of 1, 10 and 100 that do not exceed the number of documents.
    /// </summary>
    public IReadOnlyList<int>? RecallAt { get; init; }

    /// <summary>
    /// Gets the numbers k of <c>nDCG@k</c>, the DCG divided by that of the best order, where DCG = Σ grade / log₂(rank + 1) over the first
    /// k. The default is 10.
    /// </summary>
    public IReadOnlyList<int> NdcgAt { get; init; } = [10];

    /// <summary>
    /// Gets the numbers k of <c>MRR@k</c>: 1 / rank of the first relevant document if it is among the first k, and 0 otherwise. The default
    /// is 10.
    /// </summary>
    public IReadOnlyList<int> ReciprocalRankAt { get; init; } = [10];

    /// <summary>
    /// Gets the numbers k of <c>MAP@k</c>, or <see cref="AllDocuments"/> for <c>MAP</c>: the sum of the precisions at the ranks of the
    /// relevant documents among the first k, divided by the number of all relevant documents, found or not, as trec_eval's map and map_cut
    /// do. Grades count only as above 0 or not. The default is none.
    /// </summary>
    public IReadOnlyList<int> AveragePrecisionAt { get; init; } = [];

    /// <summary>
    /// Gets a value indicating whether a document whose id equals the query's id is left out of that query's ranking. This suits data in
    /// which the queries are documents themselves; BEIR and MTEB call it <c>ignore_identical_ids</c>. If such a document is judged relevant
    /// to its own query, it counts as not found, as in BEIR. The default is <see langword="false"/>. Pairs have no ids, and the option has
    /// no effect on them.
    /// </summary>
    public bool IgnoreIdenticalIds { get; init; }

    /// <summary>Gets the types to evaluate. Single precision is always evaluated; the default is single precision alone.</summary>
    public IReadOnlyList<EmbeddingType> Types { get; init; } = [EmbeddingType.Single];

    /// <summary>
    /// Gets a value indicating whether queries are quantized like the documents, as when bits are compared by Hamming distance. The
    /// default, <see langword="false"/>, keeps them in single precision, which suits queries that are embedded when they are needed.
    /// </summary>
    public bool QuantizeQueries { get; init; }

    /// <exception cref="ArgumentException">An option is invalid. The message lists every problem.</exception>
    internal void Check(string parameterName)
        => OptionProblems.ThrowIfAny(
            Problems().Concat(TypedEvaluation.Problems(Types)), nameof(RetrievalOptions), parameterName);

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
