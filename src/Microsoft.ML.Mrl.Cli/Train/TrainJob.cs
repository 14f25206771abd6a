using System.Diagnostics;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl.Cli;

/// <summary>Reads, trains, measures, writes, reports.</summary>
internal sealed class TrainJob(TrainRequest request, MrlConsole console, CancellationToken cancellation)
{
    private readonly HeardWarnings _warnings = new();

    /// <summary>Does all of it.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="CommandException">It cannot be done.</exception>
    public int Run()
    {
        var clock = Stopwatch.StartNew();
        ProjectFolder folder = ProjectFolder.Claim(request);
        TrainingData data = TrainingData.Load(request);
        var report = new TrainReport(request, console, data, folder);
        report.Begin();
        TrainResult result;
        try
        {
            result = JobDisplay.Run(console, request.Verbosity, progress => Train(data, folder, progress), cancellation);
        }
        catch (OperationCanceledException)
        {
            throw new CommandException("Stopped before there was anything to keep. No model was written.", ExitCode.Interrupted);
        }
        report.End(result, clock.Elapsed);
        return ExitCode.Ok;
    }

    private TrainResult Train(TrainingData data, ProjectFolder folder, IJobProgress progress)
    {
        var mlContext = new MLContext(request.Seed);
        _warnings.ListenTo(mlContext);
        if (request.Verbosity == Verbosity.Diagnostic)
        {
            mlContext.Log += (_, e) => Tell(e, progress);
        }

        progress.Stage(data.Columns.IsText ? "Turning text into features" : "Reading the vectors");
        var views = new TrainingViews(mlContext, data);
        ThrowIfTooWide(views.Width);
        cancellation.ThrowIfCancellationRequested();

        var clock = Stopwatch.StartNew();
        MrlTransformer embedding = mlContext.Transforms.MrlFineTune(Options(data, views, progress)).Fit(views.Training);
        TimeSpan trainingTime = clock.Elapsed;

        progress.Stage("Saving the model");
        // First: the configuration is what tells a folder of ours, even one that was left half written.
        folder.WriteText(folder.ConfigFile, ConfigMaker.Make(request, data, folder, null).ToJson());
        ITransformer model = views.Featurizer is { } featurizer ? featurizer.Append(embedding) : embedding;
        folder.SaveModel(mlContext, model, ExampleView.Of(mlContext, [], data.Source.Width, data.Columns.Input).Schema);

        progress.Stage(views.Test is null ? "Collecting the scores" : "Measuring on the test rows");
        Comparison? comparison = Comparison.Measure(mlContext, embedding.Head, views, data);

        progress.Stage("Writing the project");
        var result = new TrainResult(embedding.Head, comparison, trainingTime, _warnings.All);
        new ProjectWriter(request, data, result, folder).WriteAll(mlContext);
        return result;
    }

    // ML.NET speaks at length of every cursor.
    private static void Tell(LoggingEventArgs e, IJobProgress progress)
    {
        if (e.Kind != ChannelMessageKind.Trace)
        {
            progress.Log(e.Message);
        }
    }

    private MrlFineTuneOptions Options(TrainingData data, TrainingViews views, IJobProgress progress)
    {
        TaskColumns columns = data.Columns;
        var options = new MrlFineTuneOptions
        {
            OutputColumnName = TaskColumns.Embedding,
            InputColumnName = columns.Features,
            Objective = data.Task switch
            {
                TaskKind.Classification => MrlObjective.Classification(columns.Target!),
                TaskKind.Pairs => MrlObjective.Pairs(columns.PositiveFeatures!, columns.NegativeFeatures),
                TaskKind.ScoredPairs => MrlObjective.ScoredPairs(columns.PositiveFeatures!, columns.Target!),
                _ => MrlObjective.Unsupervised(),
            },
            Dimensions = request.Dimensions,
            Seed = request.Seed,
            TrainTime = request.TrainTime,
            ValidationData = views.Validation,
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
                $"Cannot use --dimensions {dimensions}: the input of the training rows has {width} features, and no embedding is wider. Choose 1..{width}.",
                ExitCode.Usage);
        }
    }
}
