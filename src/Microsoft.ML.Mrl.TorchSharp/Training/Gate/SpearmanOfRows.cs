namespace Microsoft.ML.Mrl;

/// <summary>Spearman's rank correlation of each pair's cosine with its score. Ranks are taken within each resample, ties sharing their mean.</summary>
internal sealed class SpearmanOfRows : RowScores
{
    private readonly ResampledRanks[] _cosines;
    private readonly ResampledRanks _wanted;

    /// <param name="cosines">The cosines, <c>[M][N]</c>.</param>
    /// <param name="wanted">The N scores they should follow.</param>
    public SpearmanOfRows(double[][] cosines, ReadOnlySpan<float> wanted)
    {
        _cosines = Array.ConvertAll(cosines, values => new ResampledRanks(values));
        _wanted = new ResampledRanks(Array.ConvertAll(wanted.ToArray(), score => (double)score));
    }

    /// <summary>The held-back pairs of inputs and positives, and their scores.</summary>
    public static SpearmanOfRows Of(ExampleSet examples, ScoringRows rows, IEmbeddingSource embeddings, MatryoshkaDimensions dimensions) => new(
        SimilarityEvaluation.Cosines(embeddings.Read(VectorRole.Anchor, rows.Held), embeddings.Read(VectorRole.Positive, rows.Held), dimensions),
        Array.ConvertAll(rows.Held, row => examples.Scores![row]));

    public override int Rows => _wanted.Rows;

    public override int Dimensions => _cosines.Length;

    public override void Of(ReadOnlySpan<int> times, Span<double> scores)
    {
        var wanted = new double[Rows];
        var ranks = new double[Rows];
        _wanted.Of(times, wanted);
        for (int m = 0; m < scores.Length; m++)
        {
            _cosines[m].Of(times, ranks);
            scores[m] = Pearson(ranks, wanted, times);
        }
    }

    private static double Pearson(double[] x, double[] y, ReadOnlySpan<int> times)
    {
        long count = 0;
        foreach (int t in times)
        {
            count += t;
        }
        // Ranks from 1 to count have this mean, with or without ties.
        double mean = (count + 1) / 2.0;
        double xx = 0, yy = 0, xy = 0;
        for (int i = 0; i < times.Length; i++)
        {
            double dx = x[i] - mean, dy = y[i] - mean;
            xx += times[i] * dx * dx;
            yy += times[i] * dy * dy;
            xy += times[i] * dx * dy;
        }
        return xx == 0 || yy == 0 ? double.NaN : Math.Clamp(xy / Math.Sqrt(xx) / Math.Sqrt(yy), -1, 1);
    }
}
