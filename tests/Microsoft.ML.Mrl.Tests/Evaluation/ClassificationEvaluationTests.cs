using CsCheck;
using Microsoft.ML.Mrl.Evaluation;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Tests.Evaluation;

public sealed class ClassificationEvaluationTests
{
    [Fact]
    public void Evaluate_AnyRows_AgreesWithSlowLoops()
        => Gen.Select(SampleMatrices.Sizes(40), Gen.Int[1, 5]).Sample(
            (size, classes) =>
            {
                EmbeddingMatrix rows = SampleMatrices.Awkward(size.Seed, size.Rows, size.Width);
                EmbeddingMatrix reference = SampleMatrices.Awkward(size.Seed + 1, size.Others, size.Width);
                MatryoshkaDimensions dimensions = SampleMatrices.SomeDimensions(size.Seed, size.Width);
                int[] labels = Labels(size.Seed, size.Rows, classes);
                int[] referenceLabels = Labels(size.Seed + 1, size.Others, classes);
                int neighbors = Math.Min(1 + (size.Seed % 4), size.Others);

                DimensionReport report = ClassificationEvaluation.Evaluate(
                    rows, labels, reference, referenceLabels, classes, dimensions, neighbors);

                foreach (int m in dimensions)
                {
                    Assert.Equal(
                        SlowEvaluation.NeighborAccuracy(
                            rows, labels, reference, referenceLabels, dimensions, m, neighbors, leaveOneOut: false),
                        report[m][ClassificationEvaluation.NearestNeighbors(neighbors)],
                        1e-6);
                    AssertWithin(
                        SlowEvaluation.CentroidAccuracy(rows, labels, reference, referenceLabels, classes, m, leaveOneOut: false),
                        report[m]["NearestCentroid"]);
                }
            },
            iter: 60);

    [Fact]
    public void EvaluateLeaveOneOut_AnyRows_AgreesWithSlowLoops()
        => Gen.Select(SampleMatrices.Sizes(30), Gen.Int[1, 5]).Sample(
            (size, classes) =>
            {
                EmbeddingMatrix rows = SampleMatrices.Random(size.Seed, size.Rows, size.Width + 1);
                MatryoshkaDimensions dimensions = SampleMatrices.SomeDimensions(size.Seed, size.Width + 1);
                int[] labels = Labels(size.Seed, size.Rows, classes);

                DimensionReport report = ClassificationEvaluation.EvaluateLeaveOneOut(rows, labels, classes, dimensions);

                foreach (int m in dimensions)
                {
                    var ex = SlowEvaluation.CentroidAccuracy(rows, labels, rows, labels, classes, m, leaveOneOut: true);
                    if (report[m]["NearestCentroid"] < ex.Least - 1e-6 || report[m]["NearestCentroid"] > ex.Greatest + 1e-6)
                    {
                        Console.Error.WriteLine(
                            $"DBG m={m} dims={dimensions} D={rows.Width} N={rows.Count} classes={classes} labels={string.Join(",", labels)} fast={report[m]["NearestCentroid"]} slow={ex}");
                        for (int r = 0; r < rows.Count; r++)
                        {
                            Console.Error.WriteLine("DBG " + string.Join(" ", rows.Row(r).ToArray()));
                        }
                    }
                    Assert.Equal(
                        SlowEvaluation.NeighborAccuracy(rows, labels, rows, labels, dimensions, m, 1, leaveOneOut: true), report[m]["1-NN"],
                        1e-6);
                    AssertWithin(
                        SlowEvaluation.CentroidAccuracy(rows, labels, rows, labels, classes, m, leaveOneOut: true),
                        report[m]["NearestCentroid"]);
                }
            },
            iter: 60);

    [Fact]
    public void Evaluate_OneThreadOrMany_GivesTheSameNumbers()
    {
        EmbeddingMatrix rows = SampleMatrices.Random(1, 300, 64);
        int[] labels = Labels(1, 300, 7);
        MatryoshkaDimensions dimensions = MatryoshkaDimensions.HalvedFrom(64, 1);
        Assert.Equal(
            ClassificationEvaluation.EvaluateLeaveOneOut(rows, labels, 7, dimensions, threads: 1).ToString(),
            ClassificationEvaluation.EvaluateLeaveOneOut(rows, labels, 7, dimensions, threads: 8).ToString());
    }

    [Fact]
    public void Evaluate_CentroidsOfUnitVectors_LongVectorsDoNotOutweighShortOnes()
    {
        // Class 0: one very long vector along x, two short ones along y. Its centroid leans to y.
        EmbeddingMatrix reference = SampleMatrices.Of([100, 0], [0, 1], [0, 1], [1, 0.5f]);
        DimensionReport report = ClassificationEvaluation.Evaluate(
            SampleMatrices.Of([0.3f, 1]), [0], reference, [0, 0, 0, 1], 2, new MatryoshkaDimensions(2));
        Assert.Equal(1, report[2]["NearestCentroid"]);
    }

    [Fact]
    public void Evaluate_ZeroRow_GoesToTheFirstReferenceRow()
    {
        DimensionReport report = ClassificationEvaluation.Evaluate(
            SampleMatrices.Of([0, 0]), [1], SampleMatrices.Of([1, 0], [0, 1]), [1, 0], 2, new MatryoshkaDimensions(1, 2));
        Assert.Equal(1, report[1]["1-NN"]);
        Assert.Equal(1, report[2]["1-NN"]);
    }

    [Fact]
    public void Evaluate_LabelWithoutReference_CountsAsWrong()
    {
        DimensionReport report = ClassificationEvaluation.Evaluate(
            SampleMatrices.Of([1, 0], [1, 0]), [0, 1], SampleMatrices.Of([1, 0]), [0], 2, new MatryoshkaDimensions(2));
        Assert.Equal(0.5, report[2]["1-NN"]);
        Assert.Equal(0.5, report[2]["NearestCentroid"]);
    }

    [Fact]
    public void EvaluateLeaveOneOut_OnlyRowOfItsClass_CountsAsWrong()
    {
        DimensionReport report = ClassificationEvaluation.EvaluateLeaveOneOut(
            SampleMatrices.Of([1, 0], [1, 0.1f], [0, 1]), [0, 0, 1], 2, new MatryoshkaDimensions(2));
        Assert.Equal(2 / 3.0, report[2]["1-NN"], 1e-12);
        Assert.Equal(2 / 3.0, report[2]["NearestCentroid"], 1e-12);
    }

    [Fact]
    public void EvaluateLeaveOneOut_OneRow_IsNeverRight()
    {
        DimensionReport report = ClassificationEvaluation.EvaluateLeaveOneOut(
            SampleMatrices.Of([1, 2]), [0], 1, new MatryoshkaDimensions(1, 2));
        Assert.Equal(0, report[1]["1-NN"]);
        Assert.Equal(0, report[2]["NearestCentroid"]);
    }

    [Fact]
    public void Evaluate_MoreRowsThanAChunk_CountsThemAll()
    {
        EmbeddingMatrix reference = SampleMatrices.Of([1, 0], [0, 1]);
        EmbeddingMatrix rows = SampleMatrices.Of(
            [.. Enumerable.Range(0, 5000).Select(i => i % 2 == 0 ? new float[] { 1, 0.1f } : [0.1f, 1])]);
        int[] labels = [.. Enumerable.Range(0, 5000).Select(i => i % 2)];
        DimensionReport report = ClassificationEvaluation.Evaluate(rows, labels, reference, [0, 1], 2, new MatryoshkaDimensions(2));
        Assert.Equal(5000, report.Count);
        Assert.Equal(1, report[2]["1-NN"]);
        Assert.Equal(1, report[2]["NearestCentroid"]);
    }

    private static void AssertWithin((double Least, double Greatest) expected, double actual)
        => Assert.InRange(actual, expected.Least - 1e-6, expected.Greatest + 1e-6);

    private static int[] Labels(int seed, int count, int classes)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(classes))];
    }
}
