using System.Globalization;
using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Learning;
using Microsoft.ML.Mrl.Cli.Models;
using Microsoft.ML.Mrl.Cli.Output;
using Microsoft.ML.Mrl.Cli.Project;
using Microsoft.ML.Mrl.Export.Onnx;
using Microsoft.ML.Mrl.Text.Encoders;

namespace Microsoft.ML.Mrl.Cli.Train;

/// <summary>Writes what is trained on and, at the end, the result.</summary>
internal sealed class TrainReport(TrainRequest request, MrlConsole console, TrainingData data, ProjectFolder folder)
{
    private const int FewTestRows = 100;

    private readonly string _source = request.Dataset ?? ShippedData.Name;

    /// <summary>Writes the lines before the training: the data and how it was read.</summary>
    public void Begin()
    {
        if (request.Verbosity == Verbosity.Quiet)
        {
            return;
        }
        Line($"Data set {_source}: {Columns()}");
        Line($"{Rows()}");
        foreach (string note in data.Notes)
        {
            console.Output.WriteLine(note);
        }
        if (folder.Replaces)
        {
            console.Output.WriteLine($"Replaces what an earlier training left in {folder.FullPath}");
        }
    }

    /// <summary>Writes the lines after the training: the table, the recommendation, the summary and the files.</summary>
    public void End(TrainResult result, TimeSpan time)
    {
        bool isQuiet = request.Verbosity == Verbosity.Quiet;
        if (result.Model.Training is { Cancelled: true } training)
        {
            string kept = IsFrozen(result.Model)
                ? "what the encoder had learned was not surely better than the head on its vectors, so that was kept"
                : training.BestEpoch > 0
                    ? Text($"the best embedding so far was kept, that of epoch {training.BestEpoch}")
                    : "no epoch was better than the starting point, so that was kept";
            Line($"Stopped by request: {kept}.");
        }
        if (!isQuiet)
        {
            console.Output.WriteLine();
        }
        console.Output.WriteLine(result.Comparison is { } comparison
            ? ComparisonTable.Text(comparison, data.Task)
            : "Nothing was measured: there are too few rows to hold some out.");
        Caveats(result);
        if (result.Comparison?.Advice is { } advice)
        {
            console.Output.WriteLine(advice.Summary);
            if (!isQuiet && data.Task != TaskKind.Unsupervised)
            {
                string model = Path.Combine(request.Output, folder.Name.FileName, folder.ModelFile);
                Line($"For a share other than {100 * advice.Keep:0} %: {CommandName.Value} recommend {model} --keep 0.95");
            }
        }
        if (!isQuiet)
        {
            Summary(result, time);
        }
    }

    private void Caveats(TrainResult result)
    {
        foreach (string warning in result.Warnings)
        {
            console.Output.WriteLine($"Warning: {warning}");
        }
        if (result.Model.Training is { Winner: not TrainingWinner.Learned } training)
        {
            string kept = training.Winner == TrainingWinner.Raw ? "raw" : "PCA";
            Line($"The column MRL is the {kept} embedding: what was learned was not surely better on the rows held out.");
        }
        if (data.Test.Count is > 0 and < FewTestRows)
        {
            double points = 100.0 / data.Test.Count;
            Line($"There are only {data.Test.Count} test rows: each is {points:0.0} points, so small differences say little.");
        }
    }

    private void Summary(TrainResult result, TimeSpan time)
    {
        string name = folder.Name.FileName;
        (string exported, string what) = result.Model.Encoder is null
            ? (folder.OnnxFile, $"{HeadName(result.Model)} for ONNX Runtime")
            : (SavedEncoder.FolderName + "/", $"{EncoderName(result.Model)}, as a sentence-transformers folder");
        Line($"""

            Summary
              Task      {TaskText.Name(data.Task)}: Matryoshka embedding of {(data.Columns.IsText ? "text" : "vectors")}
              Data set  {_source}
              Columns   {Columns()}
              Rows      {Rows()}
              {Encoder()}Training  {Training(result.Model)}
              Time      {ProgressText.Duration(time)}, of which training {ProgressText.Duration(result.TrainingTime)}

            Written to {folder.FullPath}
              {folder.ModelFile,-24}  the model: mlContext.Model.Load("{folder.ModelFile}", out _) turns {data.Columns.Input} into {TaskColumns.Embedding}
              {exported,-24}  {what}
              {name + ".csproj",-24}  a project that embeds: dotnet run --project "{Path.Combine(request.Output, name)}"
              {name + ".*.cs",-24}  its code: consumption, training, evaluation
              {LibraryPackages.FolderName + "/",-24}  the libraries that the project needs, as NuGet packages
              {folder.ConfigFile,-24}  this training, to repeat with {CommandName.Value} train --training-config FILE
            """);
        if (result.Comparison is not null)
        {
            Line($"  {"report.html",-24}  the table as charts");
        }
        string same = request.Dataset is null ? "" : " …";
        if (data.Columns.IsText && request.Encoder is null)
        {
            Line($"\nTo train on the vectors of a pretrained encoder instead of text features: {CommandName.Value} train{same}");
        }
        else if (data.Columns.IsText && request.Tunes == TunedPart.Head)
        {
            Line($"\nTo train the encoder as well, which takes far longer: {CommandName.Value} train{same} --tune encoder");
        }
    }

    // The result need not be the trained candidate.
    private static string HeadName(TrainedModel model) => model.Training?.Winner switch
    {
        TrainingWinner.Raw => "a head that does not change the vectors",
        TrainingWinner.Pca => "the rotation to the principal components",
        _ => "the trained head",
    };

    private static string EncoderName(TrainedModel model) => model.Training?.Winner switch
    {
        TrainingWinner.Raw => "the unchanged encoder, since fine-tuning did not help",
        TrainingWinner.Pca => "the unchanged encoder followed by its principal components, since fine-tuning did not help",
        _ when IsFrozen(model) => "the unchanged encoder followed by a head that was trained on its vectors",
        _ => "the fine-tuned encoder",
    };

    // No epoch of the encoder is the best one then; what was learned is the head behind it.
    private static bool IsFrozen(TrainedModel model) =>
        model.Encoder is not null && model.Training is { Winner: TrainingWinner.Learned, BestEpoch: 0, Epochs: > 0 };

    private string Rows()
    {
        string validation = data.Validation is { } own ? Text($", {own.Rows.Count:#,0} for validation from {own.Name}") : "";
        string source = data.TestName is { } name ? $"from {name}"
            : data.Task == TaskKind.Classification ? Text($"({100 * TrainingData.TestShare:0} % of each label)")
            : Text($"({100 * TrainingData.TestShare:0} %)");
        string test = data.Task == TaskKind.Unsupervised ? "" : Text($", {data.Test.Count:#,0} for testing {source}");
        return Text($"{data.Training.Count:#,0} for training{validation}{test}");
    }

    private string Columns()
    {
        ColumnRoles roles = data.Source.Roles;
        var parts = new List<string> { $"{(roles.Input.IsText ? "text" : "vector")} {roles.Input.Shown}" };
        if (!roles.Input.IsText && roles.Input.Kind != FieldKind.Numbers)
        {
            parts[0] += Text($", {data.Source.Width:#,0} values");
        }
        if (roles.Positive is { } positive)
        {
            parts.Add($"positive {positive.Shown}");
        }
        if (roles.Negative is { } negative)
        {
            parts.Add($"negative {negative.Shown}");
        }
        if (roles.Label is not null)
        {
            parts.Add(Text($"{data.Source.CountLabels():#,0} labels '{roles.TargetName}'"));
        }
        if (roles.Score is not null)
        {
            parts.Add($"score '{roles.TargetName}'");
        }
        return string.Join(", ", parts);
    }

    private string Encoder() => request.Encoder is { IsNew: false } encoder
        ? $"Encoder   {encoder.Title}{(request.Tunes == TunedPart.Head ? ", which is not trained" : "")}\n  "
        : "";

    private string Training(TrainedModel model)
    {
        string width = Text($"{model.Description}, seed {request.Seed}");
        return model.Training switch
        {
            null => width,
            { Winner: TrainingWinner.Learned, Epochs: var epochs } when IsFrozen(model) =>
                Text($"{width}; what {epochs} {(epochs == 1 ? "epoch" : "epochs")} taught the encoder was not surely better than the head"),
            { Winner: TrainingWinner.Learned } training =>
                Text($"{width}, {training.Epochs} {(training.Epochs == 1 ? "epoch" : "epochs")}, the best was {training.BestEpoch}"),
            { Epochs: var epochs } => Text($"{width}; what {epochs} {(epochs == 1 ? "epoch" : "epochs")} learned was not kept"),
        };
    }

    private void Line(FormattableString text) => console.Output.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
