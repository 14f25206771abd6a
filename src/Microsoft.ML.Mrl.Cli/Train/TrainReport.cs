using System.Globalization;

namespace Microsoft.ML.Mrl.Cli;

/// <summary>Tells what is trained on and, at the end, what came of it.</summary>
internal sealed class TrainReport(TrainRequest request, MrlConsole console, TrainingData data)
{
    private const int FewTestRows = 100;

    /// <summary>Before training: the data, and what the user should know about it.</summary>
    public void Begin()
    {
        if (request.Verbosity == Verbosity.Quiet)
        {
            return;
        }
        Line($"Data set {data.Source.Name}: text '{data.Source.TextColumn}', {data.Labels:#,0} labels '{data.Source.LabelColumn}'");
        Line($"{data.Training.Count:#,0} rows to train on, {data.Test.Count:#,0} to test with");
        foreach (string note in data.Notes)
        {
            console.Output.WriteLine(note);
        }
    }

    /// <summary>After training: the table, the advice, the model, the summary.</summary>
    public void End(TrainResult result, OutputFile output, TimeSpan time)
    {
        bool isQuiet = request.Verbosity == Verbosity.Quiet;
        if (result.Head.Training is { Cancelled: true } training)
        {
            Line(training.BestEpoch > 0
                ? $"Stopped by request: the best embedding until then was kept, of epoch {training.BestEpoch}."
                : (FormattableString)$"Stopped by request: no epoch was better than the starting point, which was kept.");
        }
        if (!isQuiet)
        {
            console.Output.WriteLine();
        }
        console.Output.WriteLine(ComparisonTable.Text(result.Comparison));
        Caveats(result);
        console.Output.WriteLine(DimensionAdvice.Describe(result.Comparison));
        if (isQuiet)
        {
            return;
        }
        ModelHint(result, output);
        Summary(result, time);
    }

    private void Caveats(TrainResult result)
    {
        foreach (string warning in result.Warnings)
        {
            console.Output.WriteLine($"Warning: {warning}");
        }
        if (result.Head.Training is { Winner: not "learned" } training)
        {
            Line($"Under MRL stands the {training.Winner} embedding: training did not do better on the rows held back, so it was kept.");
        }
        if (data.Test.Count < FewTestRows)
        {
            Line($"There are only {data.Test.Count} test rows: each is worth {100.0 / data.Test.Count:0.0} points, so small differences say little.");
        }
    }

    private void ModelHint(TrainResult result, OutputFile output)
    {
        int dimensions = DimensionAdvice.Choose(result.Comparison).Dimensions;
        Line($"""

            Model: {output.FullPath} (package Microsoft.ML.Mrl loads it)
              var model = mlContext.Model.Load("{Path.GetFileName(output.FullPath)}", out _); // Text -> Embedding
              var cut = mlContext.Transforms.TruncateEmbedding("Short", "Embedding", dimensions: {dimensions});
            """);
    }

    private void Summary(TrainResult result, TimeSpan time)
    {
        string test = data.TestName is { } name ? $"of {name}" : $"({100 * TrainingData.TestShare:0} % of each label)";
        Line($"""

            Summary
              Task      text classification, Matryoshka embedding
              Data set  {data.Source.Name}
              Rows      {data.Training.Count:#,0} to train on, {data.Test.Count:#,0} to test with {test}
              Labels    {data.Labels:#,0} ({data.Source.LabelColumn})
              Training  {Training(result.Head)}
              Time      {ProgressText.Duration(time)}, of which training {ProgressText.Duration(result.TrainingTime)}
            """);
    }

    private string Training(EmbeddingHead head)
    {
        string width = string.Create(CultureInfo.InvariantCulture, $"{head.InputDimensions:#,0} features to {head.OutputDimensions:#,0} values, seed {request.Seed}");
        return head.Training is { } training
            ? string.Create(CultureInfo.InvariantCulture, $"{width}, {training.Epochs} epochs, the best was {training.BestEpoch}")
            : width;
    }

    private void Line(FormattableString text) => console.Output.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
