using CsCheck;

namespace Microsoft.ML.Mrl.Tests.Evaluation;

public sealed class ResampledMetricTests
{
    [Fact]
    public void Score_AnyResample_IsTheMetricOfTheRowsDrawn()
        => Gen.Select(Gen.Int[2, 30], Gen.Int[0, 1_000_000]).Sample(
            (count, seed) =>
            {
                var random = new Random(seed);
                // Few different values, so that ties are common.
                double[] wanted = Values(), cosines = Values();
                float[] times = [.. Enumerable.Range(0, count).Select(_ => (float)random.Next(4))];
                int[] drawn = [.. Enumerable.Range(0, count).SelectMany(i => Enumerable.Repeat(i, (int)times[i]))];
                double[] drawnWanted = [.. drawn.Select(i => wanted[i])], drawnCosines = [.. drawn.Select(i => cosines[i])];
                var score = new double[1];

                CorrelationMetric.Spearman([cosines], wanted).Score(times, score);
                AssertClose(Correlation.Pearson(Correlation.Ranks(drawnCosines), Correlation.Ranks(drawnWanted)), score[0]);
                CorrelationMetric.Pearson([cosines], wanted).Score(times, score);
                AssertClose(Correlation.Pearson(drawnCosines, drawnWanted), score[0]);
                new MeanMetric([[.. cosines.Select(c => (float)c)]]).Score(times, score);
                AssertClose(drawn.Length == 0 ? double.NaN : drawnCosines.Average(), score[0]);

                double[] Values() => [.. Enumerable.Range(0, count).Select(_ => random.Next(6) / 8.0)];
            },
            iter: 300);

    [Fact]
    public void Resampled_EveryRowOnce_IsTheReport()
    {
        EmbeddingMatrix rows = Vectors.Random(1, 60, 12), others = Vectors.Random(2, 60, 12);
        int[] labels = [.. Enumerable.Range(0, 60).Select(i => i % 3)];
        MatryoshkaDimensions dimensions = new(3, 12);
        DimensionReport[] reports =
        [
            ClassificationEvaluation.EvaluateLeaveOneOut(rows, labels, 3, dimensions, new ClassificationOptions { Neighbors = [1, 5], ProbePenalty = 0.1 }),
            SimilarityEvaluation.Evaluate(rows, others, [.. Enumerable.Range(0, 60).Select(i => (float)(i % 7))], dimensions),
            RetrievalEvaluation.Evaluate(
                rows,
                others,
                [.. Enumerable.Range(0, 60).Select(i => i % 5 == 0 ? [] : new[] { new RelevantDocument(i, 1), new RelevantDocument((i + 7) % 60, 2) })],
                dimensions,
                new RetrievalOptions { AveragePrecisionAt = [RetrievalOptions.AllDocuments] }),
            PairedRetrieval.Evaluate(rows, others, dimensions),
        ];
        foreach (DimensionReport report in reports)
        {
            Assert.Equal(report.Metrics, report.Resampled.Keys.OrderBy(name => report.Metrics.ToList().IndexOf(name)));
            foreach (string metric in report.Metrics)
            {
                ResampledMetric resampled = report.Resampled[metric];
                Assert.Equal(report.Count, resampled.Rows);
                var scores = new double[2];
                resampled.Score([.. Enumerable.Repeat(1f, resampled.Rows)], scores);
                Assert.Equal(report.Rows[0][metric], scores[0], 1e-6);
                Assert.Equal(report.Rows[1][metric], scores[1], 1e-6);
            }
        }
    }

    [Fact]
    public void KeptRows_BeyondTheBudget_KeepThePrimaryMetricFirst()
    {
        var rows = new KeptRows(["a", "b", "c"], primary: 1, dimensions: 2, rows: 10, mostValues: 45);
        Assert.Equal(["a", "b"], rows.ToMetrics().Keys.Order());
        rows = new KeptRows(["a", "b", "c"], primary: 1, dimensions: 2, rows: 10, mostValues: 39);
        Assert.Equal(["b"], rows.ToMetrics().Keys);
        Assert.True(rows.At(0, 1).IsEmpty);
        Assert.Empty(new KeptRows(["a"], 0, 2, 10, 19).ToMetrics());
    }

    private static void AssertClose(double expected, double actual)
    {
        if (double.IsNaN(expected))
        {
            Assert.True(double.IsNaN(actual), $"{actual} for NaN");
            return;
        }
        Assert.Equal(expected, actual, 1e-6);
    }
}
