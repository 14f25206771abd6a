using CsCheck;
using Microsoft.ML.Mrl.Evaluation;
using Microsoft.ML.Mrl.Evaluation.Probe;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Tests.Evaluation.Probe;

public sealed class LinearProbeTests
{
    [Fact]
    public void Evaluate_AnyRows_AgreesWithARidgeRegressionOfEachPrefix()
        => Gen.Select(SampleMatrices.Sizes(40), Gen.Int[1, 5], Gen.Int[0, 2]).Sample(
            (size, classes, strength) =>
            {
                double penalty = new[] { 1e-2, 0.1, 10 }[strength];
                EmbeddingMatrix rows = SampleMatrices.Awkward(size.Seed, size.Rows, size.Width);
                EmbeddingMatrix reference = SampleMatrices.Awkward(size.Seed + 1, size.Others, size.Width);
                MatryoshkaDimensions dimensions = SampleMatrices.SomeDimensions(size.Seed, size.Width);
                int[] labels = Labels(size.Seed, size.Rows, classes), referenceLabels = Labels(size.Seed + 1, size.Others, classes);

                DimensionReport report = ClassificationEvaluation.Evaluate(
                    rows, labels, reference, referenceLabels, classes, dimensions,
                    new ClassificationOptions { ProbeL2Regularization = penalty });

                foreach (int m in dimensions)
                {
                    double slow = SlowProbe.Accuracy(rows, labels, reference, referenceLabels, classes, m, penalty, leaveOneOut: false);
                    Assert.Equal(slow, report[m]["LinearProbe"], 1e-6);
                }
            },
            iter: 60);

    [Fact]
    public void EvaluateLeaveOneOut_AnyRows_AgreesWithARefitForEachRow()
        => Gen.Select(SampleMatrices.Sizes(16), Gen.Int[1, 4], Gen.Int[0, 2]).Sample(
            (size, classes, strength) =>
            {
                double penalty = new[] { 1e-2, 0.1, 10 }[strength];
                int count = size.Rows + 1;
                EmbeddingMatrix rows = SampleMatrices.Random(size.Seed, count, Math.Min(size.Width, 12));
                MatryoshkaDimensions dimensions = SampleMatrices.SomeDimensions(size.Seed, rows.Width);
                int[] labels = Labels(size.Seed, count, classes);

                DimensionReport report = ClassificationEvaluation.EvaluateLeaveOneOut(
                    rows, labels, classes, dimensions, new ClassificationOptions { ProbeL2Regularization = penalty });

                foreach (int m in dimensions)
                {
                    Assert.Equal(
                        SlowProbe.Accuracy(rows, labels, rows, labels, classes, m, penalty, leaveOneOut: true), report[m]["LinearProbe"],
                        1e-6);
                }
            },
            iter: 60);

    [Fact]
    public void Evaluate_RowsAlikeButForTheirLength_GoToTheGreatestClass()
    {
        // Copies of other lengths, whose unit vectors differ by the rounding of single precision: nothing to fit to, so each row goes to
        // the class with most rows.
        float[] row = [0.3f, -0.7f, 0.11f, 0.9f, -0.23f];
        EmbeddingMatrix reference = SampleMatrices.Of(
            row, [.. row.Select(v => v * 3)], [.. row.Select(v => v * 1e30f)], [.. row.Select(v => v * 7)]);
        EmbeddingMatrix rows = SampleMatrices.Random(5, 20, 5);
        DimensionReport report = ClassificationEvaluation.Evaluate(
            rows, [.. Enumerable.Range(0, 20).Select(i => i % 2)], reference, [1, 1, 0, 1], 2, new MatryoshkaDimensions(2, 5),
            new ClassificationOptions { ProbeL2Regularization = 0.1 });
        Assert.Equal(0.5, report[2]["LinearProbe"]);
        Assert.Equal(0.5, report[5]["LinearProbe"]);
    }

    [Fact]
    public void Evaluate_ClassesThatALineParts_IsRight()
    {
        // The first value alone says nothing; the second tells the classes apart.
        EmbeddingMatrix rows = SampleMatrices.Of([1, 0.5f], [-1, 0.5f], [1, -0.5f], [-1, -0.5f]);
        int[] labels = [0, 0, 1, 1];
        DimensionReport report = ClassificationEvaluation.Evaluate(
            rows, labels, rows, labels, 2, new MatryoshkaDimensions(1, 2), new ClassificationOptions { ProbeL2Regularization = 0.1 });
        Assert.Equal(1, report[2]["LinearProbe"]);
        // Equal scores go to the class that was seen first.
        Assert.Equal(0.5, report[1]["LinearProbe"]);
    }

    [Fact]
    public void Evaluate_RowsThatAreAllAlike_GiveTheCommonestClass()
    {
        EmbeddingMatrix rows = SampleMatrices.Of([1, 2], [1, 2], [1, 2]);
        DimensionReport report = ClassificationEvaluation.Evaluate(
            rows, [0, 1, 1], rows, [0, 1, 1], 2, new MatryoshkaDimensions(1, 2), new ClassificationOptions { ProbeL2Regularization = 0.1 });
        Assert.Equal(2 / 3.0, report[2]["LinearProbe"], 1e-12);
    }

    [Fact]
    public void Evaluate_DuplicateColumnsAndZeroRows_HaveAnAnswer()
    {
        EmbeddingMatrix rows = SampleMatrices.Of([1, 1, 0], [0.9f, 0.9f, 0], [-1, -1, 0], [0, 0, 0]);
        int[] labels = [0, 0, 1, 1];
        DimensionReport report = ClassificationEvaluation.Evaluate(
            rows, labels, rows, labels, 2, new MatryoshkaDimensions(1, 2, 3), new ClassificationOptions { ProbeL2Regularization = 1e-6 });
        foreach (int m in new[] { 1, 2, 3 })
        {
            Assert.Equal(SlowProbe.Accuracy(rows, labels, rows, labels, 2, m, 1e-6, leaveOneOut: false), report[m]["LinearProbe"], 1e-12);
        }
    }

    [Fact]
    public void Evaluate_LabelThatNoReferenceRowHas_IsWrong()
    {
        DimensionReport report = ClassificationEvaluation.Evaluate(
            SampleMatrices.Of([1, 0]), [2], SampleMatrices.Of([1, 0], [0, 1]), [0, 1], 3, new MatryoshkaDimensions(2),
            new ClassificationOptions { ProbeL2Regularization = 1 });
        Assert.Equal(0, report[2]["LinearProbe"]);
    }

    [Fact]
    public void Evaluate_MoreRowsThanABlock_AgreesAndDoesNotDependOnThreads()
    {
        EmbeddingMatrix rows = SampleMatrices.Random(3, 333, 37);
        int[] labels = [.. Enumerable.Range(0, 333).Select(i => (rows.Row(i)[0] > 0 ? 1 : 0) + (rows.Row(i)[5] > 0 ? 2 : 0))];
        var dimensions = new MatryoshkaDimensions(1, 5, 6, 37);
        var options = new ClassificationOptions { ProbeL2Regularization = 0.1, Neighbors = [5, 1] };
        DimensionReport one = ClassificationEvaluation.EvaluateLeaveOneOut(rows, labels, 4, dimensions, options, threads: 1);
        DimensionReport many = ClassificationEvaluation.EvaluateLeaveOneOut(rows, labels, 4, dimensions, options, threads: 8);
        Assert.Equal(one.ToString(), many.ToString());
        Assert.Equal(
            SlowProbe.Accuracy(rows, labels, rows, labels, 4, 6, 0.1, leaveOneOut: false),
            ClassificationEvaluation.Evaluate(rows, labels, rows, labels, 4, dimensions, options)[6]["LinearProbe"], 1e-12);
        Assert.True(one[37]["LinearProbe"] > 0.8);
    }

    private static int[] Labels(int seed, int count, int classes)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(classes))];
    }
}
