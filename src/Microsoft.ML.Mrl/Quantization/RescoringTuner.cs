namespace Microsoft.ML.Mrl;

/// <summary>Measures what short lists by quantized vectors find of the nearest documents by full vectors.</summary>
internal static class RescoringTuner
{
    /// <param name="documents">The documents, <c>[N, D]</c>, at least one.</param>
    /// <param name="queries">The queries, <c>[Q, D]</c>, at least one, which had no part in training or calibration.</param>
    /// <param name="options">What is to be reached; checked.</param>
    public static RescoringTuning Tune(EmbeddingMatrix documents, EmbeddingMatrix queries, RescoringOptions options)
    {
        int k = Math.Min(options.K, documents.Count), dimensions = options.Dimensions ?? documents.Width;
        int factors = (int)Math.Min(options.MostFactor, (documents.Count + (long)k - 1) / k);
        QuantizedVectors coarse = Quantize(documents, options.Type, dimensions);
        QuantizedVectors? fine = options.RescoreType == EmbeddingType.Float32 ? null : Quantize(documents, options.RescoreType, documents.Width);

        var recalls = new double[factors][];
        for (int i = 0; i < factors; i++)
        {
            recalls[i] = new double[queries.Count];
        }
        int[] order = [.. Enumerable.Range(0, queries.Count)];
        new Random(options.Seed).Shuffle(order);
        int chunk = QueryChunks.Size(1, k);
        for (int first = 0; first < queries.Count; first += chunk)
        {
            EmbeddingMatrix part = queries.Slice(first, Math.Min(chunk, queries.Count - first));
            var nearest = new TopNeighbors(1, part.Count, k);
            PrefixDotProducts.Scan(part, documents, [documents.Width], nearest);
            int start = first;
            Parallel.For(0, part.Count, q =>
            {
                var wanted = new int[k];
                nearest.Ranked(0, q, wanted);
                ReadOnlySpan<float> query = part.Row(q);
                ScoredRow[] listed = coarse.Search(query, (int)Math.Min((long)factors * k, documents.Count));
                int[] positions = fine is null ? [] : Positions(listed, fine.Rescore(query, listed, listed.Length));
                HashSet<int> isWanted = [.. wanted];
                for (int f = 1; f <= factors; f++)
                {
                    int length = (int)Math.Min((long)f * k, listed.Length);
                    // Re-ranked by what ranked them first, all that were listed come to the front.
                    int found = fine is null ? listed.AsSpan(0, length).Count(isWanted) : CountFront(listed, positions, length, k, isWanted);
                    recalls[f - 1][start + q] = (double)found / k;
                }
            });
        }
        RescoringRow[] rows =
        [
            .. recalls.Select((values, i) => new RescoringRow(
                i + 1,
                (int)Math.Min((i + 1L) * k, documents.Count),
                values.Average(),
                BettingBound.Lower(Array.ConvertAll(order, q => values[q]), options.Confidence))),
        ];
        return new RescoringTuning(options with { K = k }, queries.Count, documents.Count, Array.AsReadOnly(rows));
    }

    private static QuantizedVectors Quantize(EmbeddingMatrix documents, EmbeddingType type, int dimensions)
        => QuantizedVectors.From(documents, type, dimensions, type == EmbeddingType.Int8 ? QuantizedRows.FindRanges(documents, dimensions) : null);

    private static int Count(this Span<ScoredRow> listed, HashSet<int> wanted)
    {
        int count = 0;
        foreach (ScoredRow row in listed)
        {
            count += wanted.Contains(row.Row) ? 1 : 0;
        }
        return count;
    }

    /// <summary>The position on the short list of each row in the order of the second ranking.</summary>
    private static int[] Positions(ScoredRow[] listed, ScoredRow[] ranked)
    {
        var positionOf = new Dictionary<int, int>(listed.Length);
        for (int i = 0; i < listed.Length; i++)
        {
            positionOf[listed[i].Row] = i;
        }
        return Array.ConvertAll(ranked, row => positionOf[row.Row]);
    }

    /// <summary>How many of the first k by the second ranking, among the first of the list, are wanted.</summary>
    private static int CountFront(ScoredRow[] listed, int[] positions, int length, int k, HashSet<int> wanted)
    {
        int taken = 0, found = 0;
        for (int i = 0; i < positions.Length && taken < k; i++)
        {
            if (positions[i] < length)
            {
                taken++;
                found += wanted.Contains(listed[positions[i]].Row) ? 1 : 0;
            }
        }
        return found;
    }
}
