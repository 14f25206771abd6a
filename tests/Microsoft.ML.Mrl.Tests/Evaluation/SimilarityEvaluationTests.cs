using Microsoft.ML.Mrl.Evaluation;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Tests.Evaluation;

public sealed class SimilarityEvaluationTests
{
    [Fact]
    public void Evaluate_AnyPairs_AgreesWithSlowLoops()
        => CsCheck.Check.Sample(
            SampleMatrices.Sizes(60),
            size =>
            {
                int count = size.Rows + 2;
                EmbeddingMatrix left = SampleMatrices.Awkward(size.Seed, count, size.Width + 1);
                EmbeddingMatrix right = SampleMatrices.Awkward(size.Seed + 1, count, size.Width + 1);
                var random = new Random(size.Seed);
                float[] scores = [.. Enumerable.Range(0, count).Select(_ => (float)random.Next(6))];
                MatryoshkaDimensions dimensions = SampleMatrices.SomeDimensions(size.Seed, size.Width + 1);

                DimensionReport report = SimilarityEvaluation.Evaluate(left, right, scores, dimensions);

                double[] wanted = [.. scores.Select(s => (double)s)];
                foreach (int m in dimensions)
                {
                    double[] cosines = [
                        .. Enumerable.Range(0, count).Select(i => (double)(float)SlowEvaluation.Cosine(left.Row(i), right.Row(i), m))];
                    if (cosines.Distinct().Count() > 1 && scores.Distinct().Count() > 1)
                    {
                        Assert.Equal(SlowEvaluation.Spearman(cosines, wanted), report[m]["Spearman"], 1e-6);
                        Assert.Equal(SlowEvaluation.Pearson(cosines, wanted), report[m]["Pearson"], 1e-6);
                    }
                    else
                    {
                        Assert.True(double.IsNaN(report[m]["Spearman"]));
                        Assert.True(double.IsNaN(report[m]["Pearson"]));
                    }
                }
            },
            iter: 60);

    [Fact]
    public void Evaluate_KnownCosines_AreThoseOfTheFormulaSheet()
    {
        // cos(A_i, P_i) at 4: .5558963242 .6811512722 .8522789688; at 2: .8450788361 .9970544855 .7633862854.
        EmbeddingMatrix left = SampleMatrices.Of([.9f, .1f, -.4f, .3f], [-.2f, .8f, .5f, -.1f], [.3f, -.7f, .6f, .2f]);
        EmbeddingMatrix right = SampleMatrices.Of([.5f, .4f, .1f, -.2f], [-.1f, .3f, .6f, .4f], [.4f, -.2f, .5f, .3f]);
        DimensionReport report = SimilarityEvaluation.Evaluate(left, right, [1, 2, 3], new MatryoshkaDimensions(2, 4));
        Assert.Equal(1, report[4]["Spearman"], 1e-12);
        Assert.Equal(-0.5, report[2]["Spearman"], 1e-12);
        Assert.Equal(SlowEvaluation.Pearson([.5558963242, .6811512722, .8522789688], [1, 2, 3]), report[4]["Pearson"], 1e-6);
        Assert.Equal(SlowEvaluation.Pearson([.8450788361, .9970544855, .7633862854], [1, 2, 3]), report[2]["Pearson"], 1e-6);
    }

    [Fact]
    public void Evaluate_EqualScores_IsNaN()
    {
        DimensionReport report = SimilarityEvaluation.Evaluate(
            SampleMatrices.Random(1, 4, 3), SampleMatrices.Random(2, 4, 3), [0.1f, 0.1f, 0.1f, 0.1f], new MatryoshkaDimensions(3));
        Assert.True(double.IsNaN(report[3]["Spearman"]));
        Assert.True(double.IsNaN(report[3].ShareOfFull));
        Assert.True(double.IsNaN(report.Score));
    }

    [Fact]
    public void Evaluate_EqualCosines_IsNaN()
    {
        EmbeddingMatrix rows = SampleMatrices.Random(1, 5, 7);
        DimensionReport report = SimilarityEvaluation.Evaluate(rows, rows, [1, 2, 3, 4, 5], new MatryoshkaDimensions(1, 4, 7));
        Assert.All(report.Rows, row => Assert.True(double.IsNaN(row["Pearson"])));
    }

    [Fact]
    public void Evaluate_OnePair_IsNaN()
        => Assert.True(
            double.IsNaN(
                SimilarityEvaluation.Evaluate(
                    SampleMatrices.Random(1, 1, 3), SampleMatrices.Random(2, 1, 3), [1], new MatryoshkaDimensions(3)).Score));

    [Fact]
    public void Ranks_EqualValues_ShareTheirMeanRank()
        => Assert.Equal([3.5, 1, 3.5, 2, 5], Correlation.Ranks([7, -1, 7, 0, 9]));
}
