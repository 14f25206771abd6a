using System.Numerics;
using System.Runtime.Intrinsics;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Evaluation;

/// <summary>
/// Finds the rank of every relevant document at every dimension: by falling cosine, then by rising document row. Where a query has few
/// relevant documents, their cosines are known beforehand and the documents above each are counted, which is much cheaper than keeping the
/// best K; where it has many, the best K are kept.
/// </summary>
internal sealed class RelevantRanks : ICosineSink
{
    /// <summary>The rank of a document that is not there, or is known only to lie beyond the best K.</summary>
    public const int NotFound = int.MaxValue;

    // Counting costs a comparison with every document, keeping the best K costs some thousand comparisons for each of them.
    private const long ComparisonsOfAKeptOne = 5000;
    private const int AlwaysCounted = 2;

    private readonly RelevantDocument[][] _relevant;
    private readonly int _dimensions;

    // The counted documents of query q are those from _firsts[q] to _firsts[q + 1]; their rows, then [M, all counted] cosines and counts.
    private readonly int[] _firsts;
    private readonly int[] _documents;
    private readonly float[] _cosines;
    private readonly int[] _above;

    // A document of each query that is not ranked, or -1, and its cosines, [M, Q]; null where every document is.
    private readonly int[]? _unranked;
    private readonly float[] _unrankedCosines = [];

    // The queries with many relevant documents, numbered apart; -1 for the others.
    private readonly int[] _kept;
    private readonly TopNeighbors? _best;

    /// <param name="queries">The queries, <c>[Q, D]</c>.</param>
    /// <param name="documents">The documents, <c>[N, D]</c>.</param>
    /// <param name="relevant">For each query its documents with a grade above 0.</param>
    /// <param name="dimensions">M prefix lengths, none above D.</param>
    /// <param name="most">K, the last rank of interest.</param>
    /// <param name="parallel">The limit of threads.</param>
    /// <param name="unranked">For each query a document that is left out of its ranking, or -1, or null for none at all.</param>
    public RelevantRanks(
        EmbeddingMatrix queries,
        EmbeddingMatrix documents,
        RelevantDocument[][] relevant,
        MatryoshkaDimensions dimensions,
        int most,
        ParallelOptions parallel,
        int[]? unranked = null)
    {
        _relevant = relevant;
        _unranked = unranked;
        _dimensions = dimensions.Count;
        _firsts = new int[queries.Count + 1];
        _kept = new int[queries.Count];
        // Where every rank is of interest, keeping the best would keep all documents.
        long limit = most >= documents.Count ? long.MaxValue : Math.Max(AlwaysCounted, ComparisonsOfAKeptOne * most / documents.Count);
        int kept = 0;
        for (int q = 0; q < queries.Count; q++)
        {
            bool count = relevant[q].Length <= limit;
            _kept[q] = count ? -1 : kept++;
            _firsts[q + 1] = _firsts[q] + (count ? relevant[q].Length : 0);
        }
        int[]? excluded = unranked is null
            ? null
            : [.. Enumerable.Range(0, queries.Count).Where(q => _kept[q] >= 0).Select(q => unranked[q])];
        _best = kept == 0 ? null : new TopNeighbors(_dimensions, kept, most, excluded);

        int counted = _firsts[^1];
        _documents = new int[counted];
        _cosines = new float[_dimensions * counted];
        _above = new int[_dimensions * counted];
        _unrankedCosines = new float[unranked is null ? 0 : _dimensions * queries.Count];
        int[] prefixes = [.. dimensions];
        Parallel.For(0, queries.Count, parallel, q =>
        {
            Span<float> cosines = stackalloc float[Math.Min(prefixes.Length, 256)];
            cosines = prefixes.Length > cosines.Length ? new float[prefixes.Length] : cosines;
            for (int i = _firsts[q]; i < _firsts[q + 1]; i++)
            {
                _documents[i] = relevant[q][i - _firsts[q]].Document;
                if (_documents[i] < 0)
                {
                    continue;
                }
                PrefixDotProducts.Compare(queries.Row(q), documents.Row(_documents[i]), prefixes, cosines);
                for (int dimension = 0; dimension < prefixes.Length; dimension++)
                {
                    _cosines[(dimension * counted) + i] = cosines[dimension];
                }
            }
            if (unranked is not null && unranked[q] >= 0)
            {
                PrefixDotProducts.Compare(queries.Row(q), documents.Row(unranked[q]), prefixes, cosines);
                for (int dimension = 0; dimension < prefixes.Length; dimension++)
                {
                    _unrankedCosines[(dimension * queries.Count) + q] = cosines[dimension];
                }
            }
        });
    }

    public void Accept(int dimension, int firstQuery, int queries, int firstDocument, int documents, ReadOnlySpan<float> cosines)
    {
        uint inside = uint.MaxValue >> (PrefixDotProducts.PanelDocuments - documents);
        for (int q = 0; q < queries; q++)
        {
            int query = firstQuery + q;
            ReadOnlySpan<float> row = cosines.Slice(q * PrefixDotProducts.PanelDocuments, PrefixDotProducts.PanelDocuments);
            if (_kept[query] >= 0)
            {
                _best!.AcceptRow(dimension, _kept[query], firstDocument, documents, row);
                continue;
            }
            var low = Vector512.Create(row);
            var high = Vector512.Create(row[16..]);
            int offset = dimension * _documents.Length;
            for (int i = _firsts[query]; i < _firsts[query + 1]; i++)
            {
                var own = Vector512.Create(_cosines[offset + i]);
                uint above = (uint)Vector512.GreaterThan(low, own).ExtractMostSignificantBits()
                    | ((uint)Vector512.GreaterThan(high, own).ExtractMostSignificantBits() << 16);
                uint equal = (uint)Vector512.Equals(low, own).ExtractMostSignificantBits()
                    | ((uint)Vector512.Equals(high, own).ExtractMostSignificantBits() << 16);
                above |= equal & Earlier(_documents[i] - firstDocument);
                _above[offset + i] += BitOperations.PopCount(above & inside);
            }
        }
    }

    /// <summary>The ranks of a query's relevant documents, from 1, in the order in which they were given.</summary>
    /// <param name="dimension">The dimension's position.</param>
    /// <param name="query">The query's row.</param>
    /// <param name="ranks">Room for as many ranks as the query has relevant documents; <see cref="NotFound"/> for those not there.</param>
    public void Read(int dimension, int query, Span<int> ranks)
    {
        RelevantDocument[] relevant = _relevant[query];
        if (_kept[query] < 0)
        {
            for (int i = 0; i < relevant.Length; i++)
            {
                int at = (dimension * _documents.Length) + _firsts[query] + i, document = relevant[i].Document;
                ranks[i] = document < 0 || document == _unranked?[query]
                    ? NotFound
                    : _above[at] + 1 - CountUnranked(dimension, query, document, _cosines[at]);
            }
            return;
        }
        var ranked = new int[_best!.Neighbors];
        int count = _best.Ranked(dimension, _kept[query], ranked);
        var rankOf = new Dictionary<int, int>(count);
        for (int i = 0; i < count; i++)
        {
            rankOf.Add(ranked[i], i + 1);
        }
        for (int i = 0; i < relevant.Length; i++)
        {
            ranks[i] = rankOf.GetValueOrDefault(relevant[i].Document, NotFound);
        }
    }

    /// <summary>Returns 1 if the excluded document was counted above another one, and 0 otherwise.</summary>
    private int CountUnranked(int dimension, int query, int document, float cosine)
    {
        if (_unranked is null || _unranked[query] < 0)
        {
            return 0;
        }
        float own = _unrankedCosines[(dimension * _unranked.Length) + query];
        return own > cosine || (own == cosine && _unranked[query] < document) ? 1 : 0;
    }

    // The lanes of a panel before a lane: those documents win when cosines are equal.
    private static uint Earlier(int lane) => lane <= 0 ? 0 : lane >= 32 ? uint.MaxValue : (1u << lane) - 1;
}
