using System.Globalization;
using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Learning;
using Microsoft.ML.Mrl.Cli.Models;
using Microsoft.ML.Mrl.Cli.Output;
using Microsoft.ML.Mrl.Cli.Project;
using Microsoft.ML.Mrl.Export.Onnx;
using Microsoft.ML.Mrl.Text.Encoders;

namespace Microsoft.ML.Mrl.Cli.Train;

/// <summary>Tells what is trained on and, at the end, what came of it.</summary>
internal sealed class TrainReport(TrainRequest request, MrlConsole console, TrainingData data, ProjectFolder folder)
{
    private const int FewTestRows = 100;

    private readonly string _source = request.Dataset ?? ShippedData.Name;

    /// <summary>Before training: the data, and what the user should know about it.</summary>
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

    /// <summary>After training: the table, the advice, what was written, the summary.</summary>
    public void End(TrainResult result, TimeSpan time)
    {
        bool isQuiet = request.Verbosity == Verbosity.Quiet;
        if (result.Model.Training is { Cancelled: true } training)
        {
            Line(training.BestEpoch > 0
                ? $"Stopped by request: the best embedding until then was kept, of epoch {training.BestEpoch}."
                : (FormattableString)$"Stopped by request: no epoch was better than the starting point, which was kept.");
        }
        if (!isQuiet)
        {
            console.Output.WriteLine();
        }
        console.Output.WriteLine(result.Comparison is { } comparison
            ? ComparisonTable.Text(comparison, data.Task)
            : "Nothing was measured: there are too few rows to hold some back.");
        Caveats(result);
        if (result.Comparison?.Advice is { } advice)
        {
            console.Output.WriteLine(advice.Summary);
            if (!isQuiet && data.Task != TaskKind.Unsupervised)
            {
                Line($"Another share than {100 * advice.Keep:0} %: mrl recommend {Path.Combine(request.Output, folder.Name.FileName, folder.ModelFile)} --dataset FILE --keep 0.95");
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
            Line($"Under MRL stands the {kept} embedding: training did not do better on the rows held back, so it was kept.");
        }
        if (data.Test.Count is > 0 and < FewTestRows)
        {
            Line($"There are only {data.Test.Count} test rows: each is worth {100.0 / data.Test.Count:0.0} points, so small differences say little.");
        }
    }

    private void Summary(TrainResult result, TimeSpan time)
    {
        string name = folder.Name.FileName;
        Line($"""

            Summary
              Task      {TaskText.Name(data.Task)}: Matryoshka embedding of {(data.Columns.IsText ? "text" : "vectors")}
              Data set  {_source}
              Columns   {Columns()}
              Rows      {Rows()}
              Training  {Training(result.Model)}
              Time      {ProgressText.Duration(time)}, of which training {ProgressText.Duration(result.TrainingTime)}

            Written to {folder.FullPath}
              {folder.ModelFile,-24}  the model: mlContext.Model.Load("{folder.ModelFile}", out _) gives {data.Columns.Input} -> {TaskColumns.Embedding}
              {(result.Model.Encoder is null ? folder.OnnxFile : SavedEncoder.FolderName + "/"),-24}  {(result.Model.Encoder is null ? "the trained head for ONNX Runtime" : "the fine-tuned encoder in the form of sentence-transformers")}
              {name + ".csproj",-24}  a project that embeds: dotnet run --project "{Path.Combine(request.Output, name)}"
              {name + ".*.cs",-24}  its code: consumption, training, evaluate
              {folder.ConfigFile,-24}  this training, to repeat: mrl train --training-config FILE
            """);
        if (result.Comparison is not null)
        {
            Line($"  {"report.html",-24}  the table as charts");
        }
        if (data.Columns.IsText && request.Encoder is null)
        {
            Line($"\nTo fine-tune a text encoder instead of a head on text features: mrl train{(request.Dataset is null ? "" : " …")} --encoder static");
        }
    }

    private string Rows()
    {
        string validation = data.Validation is { } own ? Text($", {own.Rows.Count:#,0} to choose by of {own.Name}") : "";
        string test = data.Task == TaskKind.Unsupervised ? ""
            : Text($", {data.Test.Count:#,0} to test with {(data.TestName is { } name ? $"of {name}" : data.Task == TaskKind.Classification ? $"({100 * TrainingData.TestShare:0} % of each label)" : $"({100 * TrainingData.TestShare:0} %)")}");
        return Text($"{data.Training.Count:#,0} to train on{validation}{test}");
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

    private string Training(TrainedModel model)
    {
        string width = Text($"{model.Description}, seed {request.Seed}");
        return model.Training is { } training ? Text($"{width}, {training.Epochs} epochs, the best was {training.BestEpoch}") : width;
    }

    private void Line(FormattableString text) => console.Output.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
