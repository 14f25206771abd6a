using System.Diagnostics;
using Microsoft.ML.Mrl.Benchmarks.Quality;

namespace Microsoft.ML.Mrl.Benchmarks.FineTune;

/// <summary>The trainings that are compared.</summary>
internal static class FineTuneWay
{
    public const string Defaults = "MrlFineTune, defaults";
    public const string One = "MrlFineTune, residual head at rate 0.02";
    public const string Plain = "plain TorchSharp, the same once";

    /// <summary>The learning rate of the training that the defaults end with.</summary>
    private const double LearningRate = 0.02;

    private const int Seed = 1;

    public static IReadOnlyList<string> Names { get; } = [Defaults, One, Plain];

    /// <summary>Trains, and measures on the test rows.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="task">The rows.</param>
    /// <param name="epochs">The most epochs.</param>
    public static FineTuneResult Train(string name, LabelledTask task, int epochs)
    {
        MatryoshkaDimensions dimensions = MatryoshkaDimensions.HalvedFrom(task.Dimensions.Largest);
        TimeSpan before = Environment.CpuUsage.TotalTime;
        var clock = Stopwatch.StartNew();
        if (name == Plain)
        {
            using var plain = new PlainTraining(task.Labelled, dimensions, LearningRate, Seed);
            plain.Run(epochs);
            Measured measured = Stop(epochs);
            return Result(measured, PlainReport(plain, task, dimensions));
        }
        var options = new MrlFineTuneOptions
        {
            OutputColumnName = "Embedding",
            InputColumnName = nameof(Example.Vector),
            Objective = MrlObjective.Classification(nameof(Example.Label)),
            Head = name == One ? HeadKind.Residual : null,
            LearningRate = name == One ? LearningRate : null,
            Epochs = epochs,
            Seed = Seed,
        };
        EmbeddingHead head = new MLContext(Seed).Transforms.MrlFineTune(options).Fit(task.Vectors).Head;
        Measured ours = Stop(head.Training!.Epochs);
        return Result(ours, task.Evaluate(head, dimensions));

        Measured Stop(int made) => new(
            made, clock.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - before).TotalSeconds,
            PeakMemory.Resident() / (double)(1 << 20));

        FineTuneResult Result(Measured measured, DimensionReport report) => new(
            measured.Epochs, measured.Seconds, measured.ProcessorSeconds, measured.Mebibytes, [.. dimensions],
            [.. dimensions.Select(m => report[m][report.PrimaryMetric])]);
    }

    private static DimensionReport PlainReport(PlainTraining plain, LabelledTask task, MatryoshkaDimensions dimensions)
    {
        var mlContext = new MLContext(Seed);
        return mlContext.Mrl().EvaluateClassification(
            View(task.Test), nameof(Example.Vector), nameof(Example.Label), View(task.Labelled), dimensions);

        IDataView View(IReadOnlyList<Example> rows)
        {
            float[][] vectors = plain.Apply(rows);
            return Example.View(mlContext, [.. rows.Select((row, i) => new Example { Vector = vectors[i], Label = row.Label })]);
        }
    }

    private sealed record Measured(int Epochs, double Seconds, double ProcessorSeconds, double Mebibytes);
}
