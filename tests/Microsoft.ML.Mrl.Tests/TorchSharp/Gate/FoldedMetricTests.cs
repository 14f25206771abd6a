using Microsoft.ML.Mrl.Resampling;
using Microsoft.ML.Mrl.TorchSharp.Gate;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Gate;

public class FoldedMetricTests
{
    [Fact]
    public void Score_OfMeans_IsTheMeanOfAllRows()
    {
        MeanMetric first = new([[1, 0, 1], [0, 0, 1]]), second = new([[1, 1], [0, 1]]);
        var folded = new FoldedMetric([first, second]);
        double[] scores = new double[2];

        folded.Score([2, 0, 1, 3, 0], scores);

        Assert.Equal((5, 2), (folded.Rows, folded.Dimensions));
        Assert.Equal([0.8, 0.4], folded.Score().Select(s => Math.Round(s, 12)));
        Assert.Equal(1, scores[0], 12);
        Assert.Equal(1 / 6.0, scores[1], 12);
    }

    [Fact]
    public void Score_FoldWithoutRowsOrWithoutAScore_DoesNotCount()
    {
        // Of two rows with equal wanted values there is no correlation.
        CorrelationMetric rising = CorrelationMetric.Spearman([[1, 2, 3]], [1, 2, 3]),
        undefined = CorrelationMetric.Spearman([[1, 2]], [5, 5]);
        double[] score = new double[1];

        new FoldedMetric([undefined, rising]).Score([1, 1, 1, 1, 1], score);
        Assert.Equal(1, score[0], 12);
        new FoldedMetric([rising, undefined]).Score([0, 0, 0, 2, 1], score);
        Assert.True(double.IsNaN(score[0]));
    }

    [Fact]
    public void Score_OfRankCorrelations_ComparesOnlyWithinAFold()
    {
        // Both folds are in perfect order, but the second's values are all above the first's while its wanted values are below.
        CorrelationMetric first = CorrelationMetric.Spearman([[1, 2, 3]], [7, 8, 9]),
        second = CorrelationMetric.Spearman([[11, 12, 13]], [1, 2, 3]);

        Assert.Equal(1, new FoldedMetric([first, second]).Score()[0], 12);
    }

    [Fact]
    public void Parts_AreThoseOfTheFolds()
    {
        MeanMetric right = new([[1, 1]]), wrong = new([[0, 0]]);
        MeanMetric fold = MeanMetric.Average(("one", right), ("other", wrong));

        IReadOnlyList<(string Name, ResampledMetric Metric)> parts = new FoldedMetric([fold, fold]).Parts;

        Assert.Equal(["one", "other"], parts.Select(p => p.Name));
        Assert.Equal([1, 0], parts.Select(p => p.Metric.Score()[0]));
        Assert.All(parts, p => Assert.Equal(4, p.Metric.Rows));
    }
}
