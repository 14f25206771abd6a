using System.Diagnostics;
using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Learning;
using Microsoft.ML.Mrl.Cli.Models;
using Microsoft.ML.Mrl.Cli.Output;
using Microsoft.ML.Mrl.Cli.Project;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl.Cli.Train;

/// <summary>Reads the data, trains and measures a model, and writes its project.</summary>
internal sealed class TrainJob(TrainRequest asked, MrlConsole console, CancellationToken cancellation)
{
    // Reading leaves at least this share of the time to the training.
    private const double MinShareOfTime = 0.1;

    private readonly CollectedWarnings _warnings = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private TrainRequest _request = asked;

    /// <summary>Runs the job.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="CommandException">The data cannot be used, or the model cannot be trained.</exception>
    public int Run()
    {
        _request.Check();
        ProjectFolder folder = Stoppable.Run(() => ProjectFolder.Claim(_request), cancellation);
        _request.Encoder?.Check(folder.FullPath);
        TrainResult result;
        TrainReport report;
        try
        {
            TrainingData data = Stoppable.Run(() => TrainingData.Load(_request), cancellation);
            if (data.Columns.IsText && !_request.TextFeatures)
            {
                _request = _request with { Encoder = _request.Encoder ?? StartingEncoder.Default };
                _request.Check();
                data = data with { IsEncoded = true };
            }
            report = new TrainReport(_request, console, data, folder);
            report.Begin();
            result = JobDisplay.Run(console, _request.Verbosity, progress => Train(data, folder, progress), cancellation);
        }
        catch (OperationCanceledException)
        {
            throw new CommandException("Stopped before there was anything to keep. No model was written.", ExitCode.Interrupted);
        }
        report.End(result, _clock.Elapsed);
        return ExitCode.Ok;
    }

    private TrainResult Train(TrainingData data, ProjectFolder folder, IJobProgress progress)
    {
        var mlContext = new MLContext(_request.Seed);
        _warnings.ListenTo(mlContext);
        if (_request.Verbosity == Verbosity.Diagnostic)
        {
            mlContext.Log += (_, e) => Tell(e, progress);
        }

        progress.Stage(_request.Encoder is { } named ? named.IsNew ? "Making an encoder of the texts" : $"Loading the encoder {named.Title}"
            : data.Columns.IsText ? "Turning text into features"
            : "Reading the vectors");
        TextEncoder? encoder = Stoppable.Run(() => _request.Encoder?.Make(data, _request, progress, cancellation), cancellation);
        _warnings.Add(encoder is null || _request.Encoder!.IsNew ? null : _request.Encoder.Source.PoolingWarning(encoder));
        TrainingViews views = TrainingViews.Make(mlContext, data, encoder, progress, cancellation);
        ThrowIfTooWide(views.Width);
        TorchPackage.Load(progress, cancellation);
        cancellation.ThrowIfCancellationRequested();

        var clock = Stopwatch.StartNew();
        TrainedModel model = Fit(mlContext, data, views, encoder, progress);
        TimeSpan trainingTime = clock.Elapsed;

        progress.Stage("Saving the model");
        // The configuration comes first, since it tells a folder of this tool, even one that was left half written.
        folder.WriteText(folder.ConfigFile, ConfigMaker.Make(_request, data, folder, null).ToJson());
        DataViewSchema input = ExampleView.Of(mlContext, [], data.Source.Width, data.Columns.Input).Schema;
        folder.SaveModel(mlContext, model.Transformer, input);

        progress.Stage(views.Test is null ? "Collecting the scores" : "Measuring on the test rows");
        Comparison? comparison = Comparison.Measure(mlContext, model, views, data, _request);

        progress.Stage("Writing the project");
        var result = new TrainResult(model, comparison, trainingTime, _warnings.All);
        new ProjectWriter(_request, data, result, folder).WriteAll(mlContext);
        return result;
    }

    private TrainedModel Fit(MLContext mlContext, TrainingData data, TrainingViews views, TextEncoder? encoder, IJobProgress progress)
    {
        LearnedColumns columns = data.Columns.Learned(_request.Tunes == TunedPart.Encoder);
        MrlObjective objective = data.Task switch
        {
            TaskKind.Classification => MrlObjective.Classification(data.Columns.Target!),
            TaskKind.Pairs => MrlObjective.Pairs(columns.Positive!, columns.Negative),
            TaskKind.ScoredPairs => MrlObjective.ScoredPairs(columns.Positive!, data.Columns.Target!),
            _ => MrlObjective.Unsupervised(),
        };
        TimeSpan? time = _request.TrainTime is { } limit ? TimeLeft(limit) : null;
        if (_request.Tunes == TunedPart.Head)
        {
            MrlFineTuneOptions options = HeadOptions.Of(_request, columns.Input, objective, encoder?.Dimensions) with { TrainTime = time };
            MrlTransformer head = mlContext.Transforms.MrlFineTune(options).Fit(views.Training, views.Validation, progress, cancellation);
            return TrainedModel.OfHead(
                views.Featurizer is { } featurizer ? featurizer.Append(head) : head, head.Head, encoder);
        }
        try
        {
            MrlFineTuneEncoderOptions options = EncoderOptions.Of(_request, columns.Input, objective, encoder!) with { TrainTime = time };
            return TrainedModel.OfEncoder(
                mlContext.Transforms.MrlFineTuneEncoder(options).Fit(views.Training, views.Validation, progress, cancellation));
        }
        catch (Exception e) when (e is NotSupportedException or InvalidOperationException)
        {
            throw new CommandException($"Cannot fine-tune --encoder {_request.Encoder!.Name}: {e.Message}", inner: e);
        }
    }

    // ML.NET's traces tell of every cursor.
    private static void Tell(LoggingEventArgs e, IJobProgress progress)
    {
        if (e.Kind != ChannelMessageKind.Trace)
        {
            progress.Log(e.Message);
        }
    }

    private TimeSpan TimeLeft(TimeSpan limit) =>
        _clock.Elapsed < limit * (1 - MinShareOfTime) ? limit - _clock.Elapsed : limit * MinShareOfTime;

    private void ThrowIfTooWide(int width)
    {
        if (_request.Dimensions is { } dimensions && dimensions.Largest > width)
        {
            string found = _request.Encoder is { } encoder
                ? $"the encoder '{encoder.Name}' gives {width} values"
                : $"the input of the training rows has {width} features";
            throw new CommandException(
                $"Cannot use --dimensions {dimensions}: {found}, and no embedding is wider. Choose 1..{width}.", ExitCode.Usage);
        }
    }
}
