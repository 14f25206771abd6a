using CsCheck;
using Microsoft.ML.Mrl.Evaluation;
using Microsoft.ML.Mrl.Resampling;
using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;
using Microsoft.ML.Mrl.Tests.Transforms;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Tests.Resampling;

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
    public void Spearman_OneRowDrawn_NoScore()
    {
        var score = new double[1];
        CorrelationMetric.Spearman([[0.1, 0.2, 0.3]], [1, 2, 3]).Score([0, 3, 0], score);
        Assert.True(double.IsNaN(score[0]));
    }

    [Fact]
    public void WeightedMean_AnyResample_CountsEveryRowByItsWeight()
    {
        var metric = new WeightedMeanMetric(2, 5);
        for (int i = 0; i < 5; i++)
        {
            metric.At(0)[i] = i;
            metric.At(1)[i] = -i * i;
            metric.Weights[i] = i == 3 ? 0 : 1 + i;
        }
        var scores = new double[2];

        metric.Score([2, 0, 1, 4, 0], scores);

        // Row 0 twice with weight 1, row 2 once with weight 3; row 3 has no weight.
        Assert.Equal([(2 * 0 + 3 * 2) / 5.0, (2 * 0 + 3 * -4) / 5.0], scores);
    }

    [Fact]
    public void Mixed_TwoParts_MeanByWeights()
    {
        MixedMetric metric = new([(Of(1, 0), 3), (Of(0, 1), 1)]);
        var scores = new double[1];

        metric.Score([4, 1], scores);

        Assert.Equal(0.75 * 0.8 + 0.25 * 0.2, scores[0], 1e-12);
        Assert.Equal([0.5], metric.Score());
        Assert.Empty(metric.Parts);

        static WeightedMeanMetric Of(double first, double second)
        {
            var metric = new WeightedMeanMetric(1, 2);
            metric.At(0)[0] = first;
            metric.At(0)[1] = second;
            return metric;
        }
    }

    [Fact]
    public void Average_OfAccuracies_IsTheirMeanAndTiesAreExact()
    {
        var random = new Random(3);
        MeanMetric one = Random(), other = Random();
        MeanMetric average = MeanMetric.Average(("one", one), ("other", other));
        float[] times = [.. Enumerable.Range(0, 49).Select(_ => (float)random.Next(4))];
        double[] scores = new double[2], ofOne = new double[2], ofOther = new double[2];

        average.Score(times, scores);

        one.Score(times, ofOne);
        other.Score(times, ofOther);
        Assert.Equal((ofOne[0] + ofOther[0]) / 2, scores[0], 1e-12);
        Assert.Equal((ofOne[1] + ofOther[1]) / 2, scores[1], 1e-12);
        Assert.Equal([("one", one), ("other", other)], average.Parts);
        // 30 right of two times 49, shared out differently: 17 and 13, 29 and 1.
        Assert.Equal(
            MeanMetric.Average(("", Right(17)), ("", Right(13))).Score(), MeanMetric.Average(("", Right(29)), ("", Right(1))).Score());

        MeanMetric Random() =>
            new([.. Enumerable.Range(0, 2).Select(_ => (float[])[.. Enumerable.Range(0, 49).Select(_ => (float)random.Next(2))])]);

        static MeanMetric Right(int count) => new([[.. Enumerable.Range(0, 49).Select(i => i < count ? 1f : 0)]]);
    }

    [Fact]
    public void Resampled_EveryRowOnce_IsTheReport()
    {
        EmbeddingMatrix rows = SampleMatrices.Random(1, 60, 12), others = SampleMatrices.Random(2, 60, 12);
        int[] labels = [.. Enumerable.Range(0, 60).Select(i => i % 3)];
        MatryoshkaDimensions dimensions = new(3, 12);
        DimensionReport[] reports =
        [
            ClassificationEvaluation.EvaluateLeaveOneOut(
                rows, labels, 3, dimensions, new ClassificationOptions { Neighbors = [1, 5], ProbeL2Regularization = 0.1 }),
            SimilarityEvaluation.Evaluate(rows, others, [.. Enumerable.Range(0, 60).Select(i => (float)(i % 7))], dimensions),
            RetrievalEvaluation.Evaluate(
                rows,
                others,
                [.. Enumerable.Range(0, 60)
                    .Select(i => i % 5 == 0 ? [] : new[] { new RelevantDocument(i, 1), new RelevantDocument((i + 7) % 60, 2) })],
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
                double[] scores = resampled.Score();
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
