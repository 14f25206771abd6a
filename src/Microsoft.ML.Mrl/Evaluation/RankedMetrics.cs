namespace Microsoft.ML.Mrl.Evaluation;

/// <summary>Computes metrics from the ranks of a query's relevant documents.</summary>
internal static class RankedMetrics
{
    /// <summary>Returns the share of the relevant documents that is among the first k: |found ∩ first k| / |relevant|.</summary>
    /// <param name="ranks">The ranks of all relevant documents, from 1; at least one.</param>
    /// <param name="k">The number of ranks that count.</param>
    public static double RecallAt(ReadOnlySpan<int> ranks, int k)
    {
        int found = 0;
        foreach (int rank in ranks)
        {
            found += rank <= k ? 1 : 0;
        }
        return (double)found / ranks.Length;
    }

    /// <summary>Returns one divided by the best rank, 0 if that is beyond k.</summary>
    public static double ReciprocalRankAt(ReadOnlySpan<int> ranks, int k)
    {
        int best = int.MaxValue;
        foreach (int rank in ranks)
        {
            best = Math.Min(best, rank);
        }
        return best <= k ? 1.0 / best : 0;
    }

    /// <summary>
    /// Returns the precisions at the ranks of the relevant documents among the first k, added up and divided by the number of all relevant
    /// documents, as in trec_eval's map and map_cut.
    /// </summary>
    /// <param name="ranks">The ranks of all relevant documents, from 1; at least one.</param>
    /// <param name="k">The number of ranks that count.</param>
    public static double AveragePrecisionAt(ReadOnlySpan<int> ranks, int k)
    {
        int[] sorted = [.. ranks];
        Array.Sort(sorted);
        double sum = 0;
        for (int i = 0; i < sorted.Length && sorted[i] <= k; i++)
        {
            sum += (i + 1.0) / sorted[i];
        }
        return sum / sorted.Length;
    }

    /// <summary>
    /// Returns the discounted cumulative gain of the first k, Σ grade / log₂(rank + 1), over that of the best order. The gain is the grade
    /// itself, as in trec_eval and BEIR (not 2^grade - 1).
    /// </summary>
    /// <param name="ranks">The ranks of all relevant documents, from 1; at least one.</param>
    /// <param name="relevant">Their grades, each above 0, in the same order.</param>
    /// <param name="k">The number of ranks that count.</param>
    public static double NdcgAt(ReadOnlySpan<int> ranks, ReadOnlySpan<RelevantDocument> relevant, int k)
    {
        double gain = 0;
        var grades = new float[ranks.Length];
        for (int i = 0; i < ranks.Length; i++)
        {
            grades[i] = relevant[i].Grade;
            gain += ranks[i] <= k ? relevant[i].Grade / Math.Log2(ranks[i] + 1.0) : 0;
        }
        Array.Sort(grades, (x, y) => y.CompareTo(x));
        double best = 0;
        for (int i = 0; i < Math.Min(k, grades.Length); i++)
        {
            best += grades[i] / Math.Log2(i + 2);
        }
        return gain / best;
    }
}
