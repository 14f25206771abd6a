using CsCheck;
using Microsoft.ML.Mrl.Evaluation;
using Microsoft.ML.Mrl.Evaluation.Probe;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Tests.Evaluation;

public sealed class ClassificationOptionsTests
{
    [Fact]
    public void Evaluate_SeveralNumbersOfNeighbors_EachAgreesWithSlowLoops()
        => Gen.Select(SampleMatrices.Sizes(40), Gen.Int[1, 4]).Sample(
            (size, classes) =>
            {
                EmbeddingMatrix rows = SampleMatrices.Awkward(size.Seed, size.Rows, size.Width);
                EmbeddingMatrix reference = SampleMatrices.Awkward(size.Seed + 1, size.Others, size.Width);
                var random = new Random(size.Seed);
                int[] labels = [.. Enumerable.Range(0, size.Rows).Select(_ => random.Next(classes))];
                int[] referenceLabels = [.. Enumerable.Range(0, size.Others).Select(_ => random.Next(classes))];
                MatryoshkaDimensions dimensions = SampleMatrices.SomeDimensions(size.Seed, size.Width);

                DimensionReport report = ClassificationEvaluation.Evaluate(
                    rows, labels, reference, referenceLabels, classes, dimensions, new ClassificationOptions { Neighbors = [3, 1, 100] });

                Assert.Equal(["NearestCentroid", "3-NN", "1-NN", "100-NN"], report.Metrics);
                Assert.Equal("3-NN", report.PrimaryMetric);
                foreach (int m in dimensions)
                {
                    foreach (int k in new[] { 3, 1, 100 })
                    {
                        Assert.Equal(
                            SlowEvaluation.NeighborAccuracy(rows, labels, reference, referenceLabels, dimensions, m, k, leaveOneOut: false),
                            report[m][$"{k}-NN"], 1e-6);
                    }
                }
            },
            iter: 40);

    [Fact]
    public void EvaluateClassification_OptionsThatMakeNoSense_AllAreToldAtOnce()
    {
        var mlContext = new MLContext(1);
        IDataView data = mlContext.Data.LoadFromEnumerable(new[] { new Row(), new Row() });
        var error = Assert.Throws<ArgumentException>(
            () => mlContext.Mrl().EvaluateClassification(
                data, "Embedding", options: new ClassificationOptions { Neighbors = [0, 1], ProbeL2Regularization = double.NaN }));
        Assert.Equal("options", error.ParamName);
        Assert.StartsWith(
            "ClassificationOptions are invalid: Neighbors are 0, 1; choose numbers of 1 or more, each once. ProbeL2Regularization is NaN; choose 1E-06 or more", error.Message);
        Assert.Throws<ArgumentException>(
            () => mlContext.Mrl().EvaluateClassification(data, "Embedding", options: new ClassificationOptions { Neighbors = [] }));
        Assert.Throws<ArgumentException>(
            () => mlContext.Mrl().EvaluateClassification(data, "Embedding", options: new ClassificationOptions { Neighbors = [2, 2] }));
        Assert.Throws<ArgumentException>(
            () => mlContext.Mrl()
            .EvaluateClassification(data, "Embedding", options: new ClassificationOptions { ProbeL2Regularization = 0 }));
    }

    [Fact]
    public void EvaluateClassification_Options_ReachTheReport()
    {
        var mlContext = new MLContext(1);
        IDataView data = mlContext.Data.LoadFromEnumerable(
            new[] { new Row(), new Row(), new Row { Label = "b", Embedding = [0, 1] }, new Row { Label = "b", Embedding = [0, 1] } });
        DimensionReport report = mlContext.Mrl().EvaluateClassification(
            data, "Embedding", dimensions: new MatryoshkaDimensions(1, 2),
            options: new ClassificationOptions { Neighbors = [2], ProbeL2Regularization = 0.1 });
        Assert.Equal(["NearestCentroid", "2-NN", "LinearProbe"], report.Metrics);
        Assert.Equal(1, report[2]["LinearProbe"]);
    }

    private sealed class Row
    {
        public string Label { get; set; } = "a";

        [Microsoft.ML.Data.VectorType(2)]
        public float[] Embedding { get; set; } = [1, 0];
    }
}
