using Microsoft.ML.Mrl.Evaluation;
using Microsoft.ML.Mrl.Tests.Postgres;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Tests.Evaluation;

/// <summary>The same measures in slow plain loops over double precision: one dimension, one pair at a time.</summary>
internal static class SlowEvaluation
{
    public static double Cosine(ReadOnlySpan<float> x, ReadOnlySpan<float> y, int m)
    {
        double xx = 0, yy = 0, xy = 0;
        for (int c = 0; c < m; c++)
        {
            xx += (double)x[c] * x[c];
            yy += (double)y[c] * y[c];
            xy += (double)x[c] * y[c];
        }
        return xy / (Math.Max(Math.Sqrt(xx), 1e-12) * Math.Max(Math.Sqrt(yy), 1e-12));
    }

    /// <summary>
    /// Documents by falling cosine at one of the dimensions, equal ones by rising row. The cosines are the product's own of one pair, each
    /// held against the slow one: two that differ by less than single precision tells apart must not be ranked by the order of summation.
    /// </summary>
    public static int[] Rank(
        EmbeddingMatrix queries, int query, EmbeddingMatrix documents, MatryoshkaDimensions dimensions, int m, int excluded = -1)
    {
        int[] prefixes = [.. dimensions];
        int position = Array.IndexOf(prefixes, m);
        var both = new float[prefixes.Length];
        var cosines = new float[documents.Count];
        for (int d = 0; d < cosines.Length; d++)
        {
            PrefixDotProducts.Compare(queries.Row(query), documents.Row(d), prefixes, both);
            cosines[d] = both[position];
            Assert.Equal(Cosine(queries.Row(query), documents.Row(d), m), cosines[d], 1e-6);
        }
        return [.. Enumerable.Range(0, documents.Count).Where(d => d != excluded).OrderByDescending(d => cosines[d]).ThenBy(d => d)];
    }

    public static double NeighborAccuracy(
        EmbeddingMatrix rows, int[] labels, EmbeddingMatrix reference, int[] referenceLabels, MatryoshkaDimensions dimensions, int m,
        int neighbors, bool leaveOneOut)
    {
        int right = 0;
        for (int i = 0; i < rows.Count; i++)
        {
            int[] votes = [
                .. Rank(rows, i, reference, dimensions, m, leaveOneOut ? i : -1).Take(neighbors).Select(d => referenceLabels[d])];
            if (votes.Length > 0)
            {
                int most = votes.Max(label => votes.Count(v => v == label));
                right += votes.First(label => votes.Count(v => v == label) == most) == labels[i] ? 1 : 0;
            }
        }
        return (double)right / rows.Count;
    }

    /// <summary>The least and the greatest share of rows that go to their own class, by how rounding falls where two centroids are as
    /// near.</summary>
    public static (double Least, double Greatest) CentroidAccuracy(
        EmbeddingMatrix rows, int[] labels, EmbeddingMatrix reference, int[] referenceLabels, int classes, int m, bool leaveOneOut)
    {
        int surely = 0, perhaps = 0;
        for (int i = 0; i < rows.Count; i++)
        {
            var cosines = new double[classes];
            Array.Fill(cosines, double.NegativeInfinity);
            for (int label = 0; label < classes; label++)
            {
                var centroid = new double[m];
                int members = 0;
                for (int j = 0; j < reference.Count; j++)
                {
                    if (referenceLabels[j] == label && !(leaveOneOut && i == j))
                    {
                        members++;
                        double[] unit = Unit(reference.Row(j), m);
                        for (int c = 0; c < m; c++)
                        {
                            centroid[c] += unit[c];
                        }
                    }
                }
                if (members == 0)
                {
                    continue;
                }
                double length = Math.Max(Math.Sqrt(centroid.Sum(v => v * v)), 1e-12);
                cosines[label] = Unit(rows.Row(i), m).Select((v, c) => v * centroid[c] / length).Sum();
            }
            // Equal cosines go to the first class; those that differ by rounding alone may go to either.
            double own = cosines[labels[i]];
            bool isFirst = Array.IndexOf(cosines, cosines.Max()) == labels[i] && double.IsFinite(own);
            bool isAlone = cosines.Where(cosine => cosine != own).All(cosine => Math.Abs(cosine - own) > 1e-6);
            surely += isFirst && isAlone ? 1 : 0;
            perhaps += isFirst || (!isAlone && own >= cosines.Max() - 1e-6) ? 1 : 0;
        }
        return ((double)surely / rows.Count, (double)perhaps / rows.Count);
    }

    public static double Spearman(double[] x, double[] y) => Pearson(MeanRanks(x), MeanRanks(y));

    public static double Pearson(double[] x, double[] y)
    {
        double xMean = x.Average(), yMean = y.Average();
        double xy = x.Zip(y, (a, b) => (a - xMean) * (b - yMean)).Sum();
        return xy / Math.Sqrt(x.Sum(a => (a - xMean) * (a - xMean)) * y.Sum(b => (b - yMean) * (b - yMean)));
    }

    public static double[] MeanRanks(double[] values)
        => [.. values.Select(value => values.Count(v => v < value) + ((values.Count(v => v == value) + 1) / 2.0))];

    public static double RecallAt(int[] ranked, RelevantDocument[] relevant, int k)
        => (double)relevant.Count(r => r.Grade > 0 && ranked.Take(k).Contains(r.Document)) / relevant.Count(r => r.Grade > 0);

    public static double ReciprocalRank(int[] ranked, RelevantDocument[] relevant) => ReciprocalRank(ranked, relevant, 10);

    public static double ReciprocalRank(int[] ranked, RelevantDocument[] relevant, int k)
    {
        int first = Array.FindIndex([.. ranked.Take(k)], d => relevant.Any(r => r.Document == d && r.Grade > 0));
        return first < 0 ? 0 : 1.0 / (first + 1);
    }

    public static double Ndcg(int[] ranked, RelevantDocument[] relevant) => Ndcg(ranked, relevant, 10);

    public static double Ndcg(int[] ranked, RelevantDocument[] relevant, int k)
    {
        double gain = ranked.Take(k)
            .Select((d, i) => Math.Max(0, relevant.Where(r => r.Document == d).Sum(r => r.Grade)) / Math.Log2(i + 2)).Sum();
        double best = relevant.Select(r => r.Grade).Where(g => g > 0).OrderDescending().Take(k).Select((g, i) => g / Math.Log2(i + 2))
            .Sum();
        return gain / best;
    }

    public static double AveragePrecision(int[] ranked, RelevantDocument[] relevant, int k)
    {
        int[] wanted = [.. relevant.Where(r => r.Grade > 0).Select(r => r.Document)];
        double sum = 0;
        for (int i = 0; i < Math.Min(k, ranked.Length); i++)
        {
            sum += wanted.Contains(ranked[i]) ? (double)ranked.Take(i + 1).Count(wanted.Contains) / (i + 1) : 0;
        }
        return sum / wanted.Length;
    }

    private static double[] Unit(ReadOnlySpan<float> x, int m)
    {
        double squares = 0;
        for (int c = 0; c < m; c++)
        {
            squares += (double)x[c] * x[c];
        }
        var unit = new double[m];
        for (int c = 0; c < m; c++)
        {
            unit[c] = x[c] / Math.Max(Math.Sqrt(squares), 1e-12);
        }
        return unit;
    }
}
