using Microsoft.ML.Mrl.Reports;
using Microsoft.ML.Mrl.Resampling;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Evaluation;

/// <summary>Measures how well the cosines of pairs follow a score, at every dimension, in one pass over the pairs.</summary>
internal static class SimilarityEvaluation
{
    public const string Task = ReportTasks.Similarity;
    public const string Spearman = "Spearman";
    public const string Pearson = "Pearson";

    private const int PairsAtOnce = 256;

    /// <summary>Correlates cos(left[i, :m], right[i, :m]) with the scores. Cosines are compared in single precision.</summary>
    /// <param name="left">One side of the pairs, <c>[N, D]</c>.</param>
    /// <param name="right">The other side, <c>[N, D]</c>.</param>
    /// <param name="scores">N scores, finite, greater for more alike.</param>
    /// <param name="dimensions">M prefix lengths, none above D.</param>
    /// <param name="threads">The maximum number of threads to use; -1 for no limit. The result is the same.</param>
    /// <returns>A report in which a correlation is NaN where all scores or all cosines are equal.</returns>
    public static DimensionReport Evaluate(
        EmbeddingMatrix left, EmbeddingMatrix right, ReadOnlySpan<float> scores, MatryoshkaDimensions dimensions, int threads = -1)
    {
        double[][] cosines = Cosines(left, right, dimensions, threads);
        double[] wanted = [.. scores.ToArray().Select(score => (double)score)];
        double[] wantedRanks = Correlation.Ranks(wanted);
        var values = new double[cosines.Length][];
        Parallel.For(0, cosines.Length, new ParallelOptions { MaxDegreeOfParallelism = threads }, i => values[i] =
        [
            Correlation.Pearson(Correlation.Ranks(cosines[i]), wantedRanks),
            Correlation.Pearson(cosines[i], wanted),
        ]);
        // The rows stay with the report, so that it can be computed anew on resamples of them.
        bool fits = (long)dimensions.Count * left.Count <= KeptRows.MaxValues / 4;
        return new DimensionReport(
            Task,
            [Spearman, Pearson],
            Spearman,
            dimensions,
            values,
            left.Width,
            left.Count,
            resampled: !fits ? null : new Dictionary<string, ResampledMetric>
            {
                [Spearman] = CorrelationMetric.Spearman(cosines, wanted),
                [Pearson] = CorrelationMetric.Pearson(cosines, wanted),
            });
    }

    /// <summary>Returns the cosine of each pair at every dimension, <c>[M][N]</c>, rounded to single precision.</summary>
    /// <param name="left">One side of the pairs, <c>[N, D]</c>.</param>
    /// <param name="right">The other side, <c>[N, D]</c>.</param>
    /// <param name="dimensions">M prefix lengths, none above D.</param>
    /// <param name="threads">The maximum number of threads to use; -1 for no limit. The result is the same.</param>
    public static double[][] Cosines(EmbeddingMatrix left, EmbeddingMatrix right, MatryoshkaDimensions dimensions, int threads = -1)
    {
        var cosines = dimensions.Select(_ => new double[left.Count]).ToArray();
        int[] prefixes = [.. dimensions];
        Parallel.For(0, (left.Count + PairsAtOnce - 1) / PairsAtOnce, new ParallelOptions { MaxDegreeOfParallelism = threads }, part =>
        {
            int last = Math.Min((part + 1) * PairsAtOnce, left.Count);
            for (int i = part * PairsAtOnce; i < last; i++)
            {
                Compare(left.Row(i), right.Row(i), prefixes, cosines, i);
            }
        });
        return cosines;
    }

    private static void Compare(ReadOnlySpan<float> x, ReadOnlySpan<float> y, int[] prefixes, double[][] cosines, int pair)
    {
        double xx = 0, yy = 0, xy = 0;
        int from = 0;
        for (int i = 0; i < prefixes.Length; i++)
        {
            ReadOnlySpan<float> xBlock = x[from..prefixes[i]], yBlock = y[from..prefixes[i]];
            xx += PrefixNorms.Dot(xBlock, xBlock);
            yy += PrefixNorms.Dot(yBlock, yBlock);
            xy += PrefixNorms.Dot(xBlock, yBlock);
            double lengths = Math.Max(Math.Sqrt(xx), PrefixNorms.Smallest) * Math.Max(Math.Sqrt(yy), PrefixNorms.Smallest);
            // Rounded, so that cosines which differ by the last bits of the sums alone are ties.
            cosines[i][pair] = (float)(xy / lengths) + 0f;
            from = prefixes[i];
        }
    }
}
