using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Text;

namespace Microsoft.ML.Mrl.Cli;

/// <summary>Reads, trains, saves, measures, reports.</summary>
internal sealed class TrainJob(TrainRequest request, MrlConsole console, CancellationToken cancellation)
{
    /// <summary>The column that the model makes.</summary>
    public const string EmbeddingColumn = "Embedding";

    private const string FeaturesColumn = "Features";

    private readonly ConcurrentQueue<string> _warnings = new();

    /// <summary>Does all of it.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="CommandException">It cannot be done.</exception>
    public int Run()
    {
        var clock = Stopwatch.StartNew();
        OutputFile output = OutputFile.Claim(request.Output);
        TrainingData data = TrainingData.Load(request);
        var report = new TrainReport(request, console, data);
        report.Begin();
        TrainResult result;
        try
        {
            result = JobDisplay.Run(console, request.Verbosity, progress => Train(data, output, progress), cancellation);
        }
        catch (OperationCanceledException)
        {
            throw new CommandException("Stopped before there was anything to keep. No model was written.", ExitCode.Interrupted);
        }
        report.End(result, output, clock.Elapsed);
        return ExitCode.Ok;
    }

    private TrainResult Train(TrainingData data, OutputFile output, IJobProgress progress)
    {
        var mlContext = new MLContext(request.Seed);
        mlContext.Log += (_, e) => Hear(e, progress);

        progress.Stage("Turning text into features");
        IDataView trainingRows = mlContext.Data.LoadFromEnumerable(data.Training);
        ITransformer featurizer = mlContext.Transforms.Text.FeaturizeText(FeaturesColumn, TextFeatures(), nameof(LabelledText.Text)).Fit(trainingRows);
        IDataView training = Featurized(trainingRows);
        ThrowIfTooWide(training.Schema[FeaturesColumn].Type is Data.VectorDataViewType vector ? vector.Size : 0);
        cancellation.ThrowIfCancellationRequested();

        var clock = Stopwatch.StartNew();
        MrlTransformer embedding = mlContext.Transforms.MrlFineTune(Options(progress)).Fit(training);
        TimeSpan trainingTime = clock.Elapsed;

        progress.Stage("Saving the model");
        Save(mlContext, featurizer.Append(embedding), output);

        progress.Stage("Measuring on the test rows");
        IDataView test = Featurized(mlContext.Data.LoadFromEnumerable(data.Test));
        var comparison = Comparison.Measure(mlContext, embedding, training, test, FeaturesColumn, nameof(LabelledText.Label));
        return new(embedding.Head, comparison, trainingTime, [.. _warnings.Distinct()]);

        IDataView Featurized(IDataView rows) => mlContext.Data.Cache(featurizer.Transform(rows), FeaturesColumn, nameof(LabelledText.Label));
    }

    // ML.NET's defaults, single words and runs of three letters, but weighted by how rare they are: better for every system in the table.
    private static TextFeaturizingEstimator.Options TextFeatures() => new()
    {
        WordFeatureExtractor = new WordBagEstimator.Options { Weighting = NgramExtractingEstimator.WeightingCriteria.TfIdf },
        CharFeatureExtractor = new WordBagEstimator.Options { NgramLength = 3, UseAllLengths = false, Weighting = NgramExtractingEstimator.WeightingCriteria.TfIdf },
    };

    // ML.NET speaks on many threads, and at length of every cursor.
    private void Hear(LoggingEventArgs e, IJobProgress progress)
    {
        if (e.Kind is ChannelMessageKind.Warning or ChannelMessageKind.Error)
        {
            _warnings.Enqueue(e.RawMessage);
        }
        if (request.Verbosity == Verbosity.Diagnostic && e.Kind != ChannelMessageKind.Trace)
        {
            progress.Log(e.Message);
        }
    }

    private MrlFineTuneOptions Options(IJobProgress progress)
    {
        var options = new MrlFineTuneOptions
        {
            OutputColumnName = EmbeddingColumn,
            InputColumnName = FeaturesColumn,
            Objective = MrlObjective.Classification(nameof(LabelledText.Label)),
            Dimensions = request.Dimensions,
            Seed = request.Seed,
            Progress = progress,
            CancellationToken = cancellation,
        };
        return request.Epochs is { } epochs ? options with { Epochs = epochs } : options;
    }

    private void ThrowIfTooWide(int width)
    {
        if (request.Dimensions is { } dimensions && dimensions.Largest > width)
        {
            throw new CommandException(
                $"Cannot use --dimensions {dimensions}: the text of the training rows has {width} features, and no embedding is wider. Choose 1..{width}.",
                ExitCode.Usage);
        }
    }

    // The schema that is saved asks for the text alone: a label is not needed to embed.
    private static void Save(MLContext mlContext, ITransformer model, OutputFile output)
    {
        DataViewSchema input = mlContext.Data.LoadFromEnumerable(Array.Empty<TextInput>()).Schema;
        output.Write(path => mlContext.Model.Save(model, input, path));
    }

    private sealed class TextInput
    {
        public string Text { get; set; } = "";
    }
}
