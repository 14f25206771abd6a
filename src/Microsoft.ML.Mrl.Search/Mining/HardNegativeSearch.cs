using System.Numerics.Tensors;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Search.Mining;

/// <summary>Finds for each pair the documents nearest to its anchor that are not its positives, and not so near that they may be unmarked
/// ones.</summary>
internal static class HardNegativeSearch
{
    /// <summary>Compares every anchor with all documents, some thousand anchors at a time.</summary>
    /// <param name="anchors">The anchors of the pairs, <c>[N, D]</c>.</param>
    /// <param name="documents">The positives of the pairs, <c>[N, D]</c>, folded.</param>
    /// <param name="options">How to choose; its dimension, if any, is not above D.</param>
    /// <param name="threads">The most threads to use; -1 for no limit. The result is the same.</param>
    /// <returns>For each of the N pairs its negatives, as numbers of distinct documents, nearest first.</returns>
    public static int[][] Find(EmbeddingMatrix anchors, DistinctRows documents, HardNegativeOptions options, int threads = -1)
    {
        int prefix = options.Dimensions ?? anchors.Width;
        // What has no direction is near to nothing: no measure of a negative, and no negative.
        int[] candidates = [.. Enumerable.Range(0, documents.Rows.Count).Where(number => !IsZero(documents.Rows.Row(number), prefix))];
        EmbeddingMatrix rows = candidates.Length == documents.Rows.Count ? documents.Rows : documents.Rows.Pick(candidates);
        int[][] positives = PositivesOf(anchors, documents, candidates);
        var found = new int[anchors.Count][];
        // One document at most is equal to an anchor and not to be used.
        int kept = Math.Max(1, Math.Min(options.NegativesPerAnchor + 1, candidates.Length));
        int chunk = QueryChunks.Size(1, kept);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
        for (int first = 0; first < anchors.Count; first += chunk)
        {
            EmbeddingMatrix part = anchors.Slice(first, Math.Min(chunk, anchors.Count - first));
            int start = first;
            var limits = new float[part.Count];
            Parallel.For(0, part.Count, parallel, i =>
                limits[i] = Limit(part.Row(i), documents.Rows.Row(documents.NumberOf[start + i]), prefix, options));
            var nearest = new NearestBelow(limits, positives[first..(first + part.Count)], kept);
            PrefixDotProducts.Scan(part, rows, new MatryoshkaDimensions(prefix), nearest, threads);

            var room = new int[kept];
            for (int i = 0; i < part.Count; i++)
            {
                Span<int> ranked = room.AsSpan(0, nearest.Ranked(i, room));
                ranked = ranked[..Math.Clamp((options.SearchDepth ?? int.MaxValue) - nearest.Above(i), 0, ranked.Length)];
                found[first + i] = Choose(part.Row(i), rows, ranked, candidates, options.NegativesPerAnchor);
            }
        }
        return found;
    }

    /// <summary>The highest cosine that a negative of a pair may have.</summary>
    private static float Limit(ReadOnlySpan<float> anchor, ReadOnlySpan<float> positive, int prefix, HardNegativeOptions options)
    {
        if (IsZero(anchor, prefix) || IsZero(positive, prefix))
        {
            return float.NegativeInfinity;
        }
        Span<float> cosine = stackalloc float[1];
        PrefixDotProducts.Compare(anchor, positive, [prefix], cosine);
        double highest = cosine[0] - Math.Max(options.RelativeMargin * Math.Abs(cosine[0]), options.AbsoluteMargin);
        float limit = (float)highest;
        return limit > highest ? MathF.BitDecrement(limit) : limit;
    }

    private static int[] Choose(ReadOnlySpan<float> anchor, EmbeddingMatrix rows, ReadOnlySpan<int> ranked, int[] candidates, int most)
    {
        var chosen = new List<int>(most);
        foreach (int candidate in ranked)
        {
            if (chosen.Count < most && !rows.Row(candidate).SequenceEqual(anchor))
            {
                chosen.Add(candidates[candidate]);
            }
        }
        return [.. chosen];
    }

    /// <summary>For each pair the positives of all pairs with an equal anchor, as positions among the candidates, ascending.</summary>
    private static int[][] PositivesOf(EmbeddingMatrix anchors, DistinctRows documents, int[] candidates)
    {
        var positions = new int[documents.Rows.Count];
        Array.Fill(positions, -1);
        for (int i = 0; i < candidates.Length; i++)
        {
            positions[candidates[i]] = i;
        }
        int[] anchorOf = DistinctRows.NumbersOf(anchors);
        int[][] positivesOf =
        [
            .. Enumerable.Range(0, anchors.Count).GroupBy(pair => anchorOf[pair]).OrderBy(group => group.Key)
                .Select(group => group.Select(pair => positions[documents.NumberOf[pair]]).Where(position => position >= 0).Distinct()
                    .Order().ToArray()),
        ];
        return Array.ConvertAll(anchorOf, number => positivesOf[number]);
    }

    private static bool IsZero(ReadOnlySpan<float> row, int prefix) => TensorPrimitives.MaxMagnitude(row[..prefix]) == 0;
}
