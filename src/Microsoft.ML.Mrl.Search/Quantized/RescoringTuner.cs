using Microsoft.ML.Mrl.Quantization;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Search.Quantized;

/// <summary>Measures what short lists by quantized vectors find of the nearest documents by full vectors.</summary>
internal static class RescoringTuner
{
    /// <summary>Tunes short lists by several types and dimensions; the nearest documents by full vectors are found once.</summary>
    /// <param name="documents">The documents, <c>[N, D]</c>, at least one.</param>
    /// <param name="queries">The queries, <c>[Q, D]</c>, at least one.</param>
    /// <param name="pairs">P pairs of a type and a dimension, none above D.</param>
    /// <param name="options">What is to be reached; checked.</param>
    /// <returns>P results, in the order of the pairs.</returns>
    public static RescoringTuning[] Tune(EmbeddingMatrix documents, EmbeddingMatrix queries, (EmbeddingType Type, int Dimensions)[] pairs,
        RescoringOptions options)
    {
        int k = Math.Min(options.Top, documents.Count), width = documents.Width;
        int factors = (int)Math.Min(options.MaxFactor, (documents.Count + (long)k - 1) / k),
            longest = (int)Math.Min((long)factors * k, documents.Count);
        QuantizedVectors? fine = options.RescoreType == EmbeddingType.Single && (options.RescoreDimensions ?? width) == width
            ? null
            : Quantize(documents, options.RescoreType, options.RescoreDimensions ?? width);

        HashSet<long>[] wanted = Nearest(documents, queries, k);
        int[] order = [.. Enumerable.Range(0, queries.Count)];
        new Random(options.Seed).Shuffle(order);
        return
        [
            .. pairs.Select(pair =>
            {
                double[][] recalls = Recalls(queries, wanted, Quantize(documents, pair.Type, pair.Dimensions), fine, k, factors, longest);
                RescoringRow[] rows =
                [
                    .. recalls.Select((values, i) => new RescoringRow(
                        i + 1,
                        (int)Math.Min((i + 1L) * k, documents.Count),
                        values.Average(),
                        BettingBound.Lower(Array.ConvertAll(order, q => values[q]), options.Confidence))),
                ];
                return new RescoringTuning(options, k, pair.Type, pair.Dimensions, queries.Count, documents.Count, Array.AsReadOnly(rows));
            }),
        ];
    }

    /// <summary>The k nearest documents of each query by full vectors.</summary>
    private static HashSet<long>[] Nearest(EmbeddingMatrix documents, EmbeddingMatrix queries, int k)
    {
        var wanted = new HashSet<long>[queries.Count];
        var rows = new int[k];
        int chunk = QueryChunks.Size(1, k);
        for (int first = 0; first < queries.Count; first += chunk)
        {
            EmbeddingMatrix part = queries.Slice(first, Math.Min(chunk, queries.Count - first));
            var nearest = new TopNeighbors(1, part.Count, k);
            PrefixDotProducts.Scan(part, documents, [documents.Width], nearest);
            for (int q = 0; q < part.Count; q++)
            {
                nearest.Ranked(0, q, rows);
                wanted[first + q] = [.. rows];
            }
        }
        return wanted;
    }

    /// <summary>The recall of each query by each factor, <c>[factors][Q]</c>.</summary>
    private static double[][] Recalls(EmbeddingMatrix queries, HashSet<long>[] wanted, QuantizedVectors coarse, QuantizedVectors? fine,
        int k, int factors, int longest)
    {
        double[][] recalls = [.. Enumerable.Range(0, factors).Select(_ => new double[queries.Count])];
        int chunk = QueryChunks.Size(1, longest);
        for (int first = 0; first < queries.Count; first += chunk)
        {
            EmbeddingMatrix part = queries.Slice(first, Math.Min(chunk, queries.Count - first));
            SearchHit[][] listed = coarse.SearchMany(part.Values.Span, longest, part.Width);
            SearchHit[][]? ranked = fine?.RescoreMany(part.Values.Span, listed, longest, part.Width);
            int start = first;
            Parallel.For(0, part.Count, q =>
            {
                int[] positions = ranked is null ? [] : Positions(listed[q], ranked[q]);
                for (int f = 1; f <= factors; f++)
                {
                    int length = (int)Math.Min((long)f * k, listed[q].Length);
                    // Re-ranked by what ranked them first, all that were listed come to the front.
                    int found = ranked is null ? listed[q].AsSpan(0, length).Count(wanted[start + q])
                        : CountFront(listed[q], positions, length, k, wanted[start + q]);
                    recalls[f - 1][start + q] = (double)found / k;
                }
            });
        }
        return recalls;
    }

    private static QuantizedVectors Quantize(EmbeddingMatrix documents, EmbeddingType type, int dimensions)
        => QuantizedVectors.From(documents, type, dimensions,
            type == EmbeddingType.Int8 ? QuantizedRows.FindRanges(documents, dimensions) : null);

    private static int Count(this Span<SearchHit> listed, HashSet<long> wanted)
    {
        int count = 0;
        foreach (SearchHit row in listed)
        {
            count += wanted.Contains(row.Id) ? 1 : 0;
        }
        return count;
    }

    /// <summary>The position on the short list of each row in the order of the second ranking.</summary>
    private static int[] Positions(SearchHit[] listed, SearchHit[] ranked)
    {
        var positionOf = new Dictionary<long, int>(listed.Length);
        for (int i = 0; i < listed.Length; i++)
        {
            positionOf[listed[i].Id] = i;
        }
        return Array.ConvertAll(ranked, row => positionOf[row.Id]);
    }

    /// <summary>How many of the first k by the second ranking, among the first of the list, are wanted.</summary>
    private static int CountFront(SearchHit[] listed, int[] positions, int length, int k, HashSet<long> wanted)
    {
        int taken = 0, found = 0;
        for (int i = 0; i < positions.Length && taken < k; i++)
        {
            if (positions[i] < length)
            {
                taken++;
                found += wanted.Contains(listed[positions[i]].Id) ? 1 : 0;
            }
        }
        return found;
    }
}
