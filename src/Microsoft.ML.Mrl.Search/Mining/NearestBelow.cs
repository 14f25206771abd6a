using System.Numerics;
using System.Runtime.Intrinsics;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Search.Mining;

/// <summary>
/// Keeps for each pair the K documents nearest to its anchor whose cosine is not above the pair's own limit, and counts those above. The
/// anchor's own positives are neither kept nor counted.
/// </summary>
internal sealed class NearestBelow : ICosineSink
{
    private readonly TopNeighbors _nearest;
    private readonly float[] _limits;
    private readonly int[][] _positives;
    private readonly int[] _above;

    // Documents come in rising order, so one position for each pair finds the next positive.
    private readonly int[] _next;

    /// <param name="limits">For each pair the highest cosine to keep; negative infinity to keep nothing.</param>
    /// <param name="positives">For each pair the positives of its anchor, ascending.</param>
    /// <param name="kept">K, at least 1.</param>
    public NearestBelow(float[] limits, int[][] positives, int kept)
    {
        _nearest = new TopNeighbors(1, limits.Length, kept);
        _limits = limits;
        _positives = positives;
        _above = new int[limits.Length];
        _next = new int[limits.Length];
    }

    public void Accept(int dimension, int firstQuery, int queries, int firstDocument, int documents, ReadOnlySpan<float> cosines)
    {
        Span<float> row = stackalloc float[PrefixDotProducts.PanelDocuments];
        uint inside = uint.MaxValue >> (PrefixDotProducts.PanelDocuments - documents);
        for (int q = 0; q < queries; q++)
        {
            int pair = firstQuery + q;
            cosines.Slice(q * PrefixDotProducts.PanelDocuments, PrefixDotProducts.PanelDocuments).CopyTo(row);
            HidePositives(pair, firstDocument, documents, row);
            _above[pair] += BitOperations.PopCount(inside & HideAbove(_limits[pair], row));
            _nearest.AcceptRow(dimension, pair, firstDocument, documents, row);
        }
    }

    /// <summary>The documents kept for a pair, nearest first.</summary>
    /// <param name="pair">The pair.</param>
    /// <param name="documents">Room for K documents; the return value says how many were written.</param>
    public int Ranked(int pair, Span<int> documents) => _nearest.Ranked(0, pair, documents);

    /// <summary>How many documents are above a pair's limit.</summary>
    public int Above(int pair) => _above[pair];

    // NaN is not above any threshold, so what becomes NaN is passed over from here on.
    private void HidePositives(int pair, int firstDocument, int documents, Span<float> row)
    {
        int[] own = _positives[pair];
        int next = _next[pair];
        for (; next < own.Length && own[next] < firstDocument + documents; next++)
        {
            row[own[next] - firstDocument] = float.NaN;
        }
        _next[pair] = next;
    }

    private static uint HideAbove(float limit, Span<float> row)
    {
        var highest = Vector512.Create(limit);
        var nothing = Vector512.Create(float.NaN);
        uint bits = 0;
        for (int i = 0; i < PrefixDotProducts.PanelDocuments; i += Vector512<float>.Count)
        {
            Span<float> half = row[i..];
            var values = Vector512.Create<float>(half);
            Vector512<float> above = Vector512.GreaterThan(values, highest);
            bits |= (uint)above.ExtractMostSignificantBits() << i;
            Vector512.ConditionalSelect(above, nothing, values).CopyTo(half);
        }
        return bits;
    }
}
