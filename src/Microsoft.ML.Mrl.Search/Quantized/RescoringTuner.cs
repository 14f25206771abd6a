using Microsoft.ML.Mrl.Quantization;
using Microsoft.ML.Mrl.Search.Funnel;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Search.Quantized;

/// <summary>Chooses the length of short lists by quantized vectors that are re-ranked by the full ones.</summary>
internal static class RescoringTuner
{
    /// <summary>Chooses.</summary>
    /// <param name="documents">The documents, <c>[N, D]</c>, at least one.</param>
    /// <param name="queries">The queries, <c>[Q, D]</c>, at least <see cref="PlanChoice.FewestQueries"/>.</param>
    /// <param name="type">What the short list goes by.</param>
    /// <param name="dimensions">Its prefix length, not above D.</param>
    /// <param name="options">What is to be reached; checked.</param>
    public static FunnelTuning Tune(EmbeddingMatrix documents, EmbeddingMatrix queries, EmbeddingType type, int dimensions,
        FunnelTuningOptions options)
    {
        int top = Math.Min(options.Top, documents.Count), longest = Math.Min(options.MaxCandidates, documents.Count);
        using FunnelIndex whole = FunnelIndex.Build(
            documents.Values.Span, documents.Width, new FunnelIndexOptions { Plan = FunnelPlan.Exact });
        QuantizedVectors stored = QuantizedVectors.From(documents, type, dimensions,
            type == EmbeddingType.Int8 ? QuantizedRows.FindRanges(documents, dimensions) : null);
        (float[] choosing, float[] judging) = PlanChoice.Part(queries.Values.Span, queries.Width, options.Seed);
        int[][] choosers = Places(choosing), judges = Places(judging);
        var choice = new PlanChoice(options, plan => plan.Candidates);
        foreach (int length in PlanChoice.Lengths(top, longest))
        {
            choice.Try(new FunnelPlan(dimensions, type, length), Shares(choosers, length));
        }
        return choice.Choose(judges.Length, (plan, first, count) => Shares(judges[first..(first + count)], plan.Candidates))
            ?? choice.Result(new FunnelPlan(dimensions, type, longest), Shares(judges, longest));

        // Where on its longest list each of the nearest documents of a query is.
        int[][] Places(float[] own)
        {
            var places = new List<int[]>();
            int width = queries.Width, chunk = QueryChunks.Size(1, longest);
            for (int first = 0; first < own.Length / width; first += chunk)
            {
                Span<float> part = own.AsSpan(first * width, Math.Min(chunk * width, own.Length - (first * width)));
                SearchHit[][] nearest = whole.SearchExactMany(part, top), listed = stored.SearchMany(part, longest, width);
                places.AddRange(nearest.Select((hits, q) => Array.ConvertAll(hits, hit =>
                    Array.FindIndex(listed[q], other => other.Id == hit.Id) is >= 0 and var place ? place : int.MaxValue)));
            }
            return [.. places];
        }

        // Re-ranked by full vectors, all that are on the list come to the front.
        double[] Shares(int[][] places, int length)
            => Array.ConvertAll(places, own => own.Count(place => place < length) / (double)top);
    }
}
