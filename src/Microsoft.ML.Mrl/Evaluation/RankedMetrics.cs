namespace Microsoft.ML.Mrl;

/// <summary>What a ranked list of documents is worth to one query.</summary>
internal static class RankedMetrics
{
    /// <summary>The part of the relevant documents that is among the first k: |found ∩ first k| / |relevant|.</summary>
    /// <param name="grades">The grades of the ranked documents, 0 for not relevant.</param>
    /// <param name="relevant">The number of relevant documents, at least 1.</param>
    /// <param name="k">How many ranks count.</param>
    public static double RecallAt(ReadOnlySpan<float> grades, int relevant, int k)
    {
        int found = 0;
        foreach (float grade in grades[..Math.Min(k, grades.Length)])
        {
            found += grade > 0 ? 1 : 0;
        }
        return (double)found / relevant;
    }

    /// <summary>One divided by the rank of the first relevant document among the first k, 0 if there is none.</summary>
    public static double ReciprocalRankAt(ReadOnlySpan<float> grades, int k)
    {
        for (int i = 0; i < Math.Min(k, grades.Length); i++)
        {
            if (grades[i] > 0)
            {
                return 1.0 / (i + 1);
            }
        }
        return 0;
    }

    /// <summary>
    /// The discounted cumulative gain of the first k, Σ grade / log₂(rank + 1), over that of the best order. The gain is the grade itself, as in
    /// trec_eval and BEIR (not 2^grade - 1).
    /// </summary>
    /// <param name="grades">The grades of the ranked documents, 0 for not relevant.</param>
    /// <param name="best">The grades of all relevant documents, descending; at least one.</param>
    /// <param name="k">How many ranks count.</param>
    public static double NdcgAt(ReadOnlySpan<float> grades, ReadOnlySpan<float> best, int k) => Gain(grades, k) / Gain(best, k);

    private static double Gain(ReadOnlySpan<float> grades, int k)
    {
        double gain = 0;
        for (int i = 0; i < Math.Min(k, grades.Length); i++)
        {
            gain += grades[i] / Math.Log2(i + 2);
        }
        return gain;
    }
}
