using System.Numerics.Tensors;

namespace Microsoft.ML.Mrl;

/// <summary>Finds for each pair the documents nearest to its anchor that are not its positives, and not so near that they may be unmarked ones.</summary>
internal static class HardNegativeSearch
{
    /// <summary>Searches all documents for every anchor, some thousand anchors at a time.</summary>
    /// <param name="anchors">The anchors of the pairs, <c>[N, D]</c>, folded.</param>
    /// <param name="documents">The positives of the pairs, <c>[N, D]</c>, folded.</param>
    /// <param name="options">How to choose; its dimension, if any, is not above D.</param>
    /// <param name="threads">The most threads to use; -1 for no limit. The result is the same.</param>
    /// <returns>For each of the N pairs its negatives, as numbers of distinct documents, nearest first.</returns>
    public static int[][] Find(DistinctRows anchors, DistinctRows documents, HardNegativeOptions options, int threads = -1)
    {
        EmbeddingMatrix rows = anchors.Rows;
        var dimensions = new MatryoshkaDimensions(options.Dimensions ?? rows.Width);
        int[][] pairsOf = PairsOf(anchors);
        int[][] positivesOf = [.. pairsOf.Select(pairs => pairs.Select(pair => documents.NumberOf[pair]).Distinct().Order().ToArray())];
        var found = new int[anchors.NumberOf.Length][];
        int depth = Math.Min(options.SearchDepth, documents.Rows.Count);
        int chunk = QueryChunks.Size(1, depth);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
        for (int first = 0; first < rows.Count; first += chunk)
        {
            EmbeddingMatrix part = rows.Slice(first, Math.Min(chunk, rows.Count - first));
            var nearest = new TopNeighbors(1, part.Count, depth);
            PrefixDotProducts.Scan(part, documents.Rows, dimensions, new WithoutPositives(nearest, positivesOf[first..(first + part.Count)]), threads);
            int start = first;
            Parallel.For(0, part.Count, parallel, () => (new int[depth], new float[depth]), (i, _, room) =>
            {
                int count = nearest.Ranked(0, i, room.Item1, room.Item2);
                foreach (int pair in pairsOf[start + i])
                {
                    found[pair] = Choose(
                        rows.Row(start + i), documents.Rows, documents.NumberOf[pair], room.Item1.AsSpan(0, count), room.Item2.AsSpan(0, count), options);
                }
                return room;
            }, _ => { });
        }
        return found;
    }

    private static int[] Choose(
        ReadOnlySpan<float> anchor, EmbeddingMatrix documents, int positive, ReadOnlySpan<int> nearest, ReadOnlySpan<float> cosines, HardNegativeOptions options)
    {
        int prefix = options.Dimensions ?? documents.Width;
        // What has no direction is near to nothing: no measure of a negative, and no negative.
        if (IsZero(anchor, prefix) || IsZero(documents.Row(positive), prefix))
        {
            return [];
        }
        Span<float> cosine = stackalloc float[1];
        PrefixDotProducts.Compare(anchor, documents.Row(positive), [prefix], cosine);
        double highest = cosine[0] - Math.Max(options.RelativeMargin * Math.Abs(cosine[0]), options.AbsoluteMargin);
        var chosen = new List<int>(options.NegativesPerAnchor);
        for (int i = 0; i < nearest.Length && chosen.Count < options.NegativesPerAnchor; i++)
        {
            ReadOnlySpan<float> document = documents.Row(nearest[i]);
            if (cosines[i] <= highest && !IsZero(document, prefix) && !document.SequenceEqual(anchor))
            {
                chosen.Add(nearest[i]);
            }
        }
        return [.. chosen];
    }

    private static bool IsZero(ReadOnlySpan<float> row, int prefix) => TensorPrimitives.MaxMagnitude(row[..prefix]) == 0;

    private static int[][] PairsOf(DistinctRows anchors)
    {
        var lists = new List<int>[anchors.Rows.Count];
        for (int pair = 0; pair < anchors.NumberOf.Length; pair++)
        {
            (lists[anchors.NumberOf[pair]] ??= []).Add(pair);
        }
        return [.. lists.Select(list => list.ToArray())];
    }
}
