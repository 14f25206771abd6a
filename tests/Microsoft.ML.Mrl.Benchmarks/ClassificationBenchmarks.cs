using BenchmarkDotNet.Attributes;
using Microsoft.ML.Mrl.Evaluation;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Benchmarks;

/// <summary>
/// What do eight dimensions cost, compared with the full width alone, when 2,000 rows are classified by 10,000 reference rows of 768 values in 50 classes: by neighbours and
/// centroids, and with a linear probe on top? And what do intervals cost?
/// </summary>
[ShortRunJob]
[MemoryDiagnoser]
public class ClassificationBenchmarks
{
    private const int Width = 768;
    private const int Rows = 2_000;
    private const int References = 10_000;
    private const int Classes = 50;

    private EmbeddingMatrix _rows;
    private EmbeddingMatrix _references;
    private int[] _labels = [];
    private int[] _referenceLabels = [];
    private DimensionReport? _report;

    /// <summary>Whether a linear probe is fitted too.</summary>
    [Params(false, true)]
    public bool Probe { get; set; }

    /// <summary>Random vectors around a random centre for each class.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        var random = new Random(7);
        float[][] centers = [.. Enumerable.Range(0, Classes).Select(_ => (float[])[.. Enumerable.Range(0, Width).Select(_ => random.NextSingle() - 0.5f)])];
        (_rows, _labels) = Draw(Rows);
        (_references, _referenceLabels) = Draw(References);
        _report = Evaluate(MatryoshkaDimensions.HalvedFrom(Width, 6));

        (EmbeddingMatrix Vectors, int[] Labels) Draw(int count)
        {
            int[] labels = [.. Enumerable.Range(0, count).Select(_ => random.Next(Classes))];
            float[] values = [.. labels.SelectMany(label => centers[label].Select(value => value + (4 * (random.NextSingle() - 0.5f))))];
            return (new EmbeddingMatrix(values, count, Width), labels);
        }
    }

    /// <summary>The full width alone.</summary>
    [Benchmark(Baseline = true)]
    public double FullWidthAlone() => Evaluate(new MatryoshkaDimensions(Width)).Score;

    /// <summary>Eight dimensions in one pass.</summary>
    [Benchmark]
    public double EightDimensionsAtOnce() => Evaluate(MatryoshkaDimensions.HalvedFrom(Width, 6)).Score;

    /// <summary>The intervals of eight dimensions, 1,000 resamples of the rows.</summary>
    [Benchmark]
    public int? Recommend() => new MLContext(1).Mrl().RecommendDimensions(_report!).Dimensions;

    private DimensionReport Evaluate(MatryoshkaDimensions dimensions) => ClassificationEvaluation.Evaluate(
        _rows, _labels, _references, _referenceLabels, Classes, dimensions, new ClassificationOptions { Neighbors = [1, 10], ProbeL2Regularization = Probe ? 0.1 : null });
}
