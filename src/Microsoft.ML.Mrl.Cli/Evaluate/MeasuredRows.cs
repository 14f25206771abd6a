using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Learning;
using Microsoft.ML.Mrl.Cli.Models;
using Microsoft.ML.Mrl.Cli.Output;
using Microsoft.ML.Mrl.Cli.Project;

namespace Microsoft.ML.Mrl.Cli.Evaluate;

/// <summary>The rows that a model is measured with.</summary>
/// <param name="Roles">The roles of their columns.</param>
/// <param name="Rows">The rows.</param>
/// <param name="Reference">The rows to classify by, or <see langword="null"/> to classify each row by all others.</param>
/// <param name="Notes">Lines that tell the user which rows they are.</param>
internal sealed record MeasuredRows(
    ColumnRoles Roles, IReadOnlyList<ExampleRow> Rows, IReadOnlyList<ExampleRow>? Reference, IReadOnlyList<string> Notes)
{
    /// <summary>
    /// Returns the rows that a training held out to test with, and those that it learned from to classify by, from the configuration that
    /// <c>mrl train</c> wrote beside the model.
    /// </summary>
    /// <exception cref="CommandException">
    /// There is no such configuration, its data cannot be read any more, or the training held out nothing.
    /// </exception>
    public static MeasuredRows HeldOut(ModelFile model)
    {
        string config = Path.ChangeExtension(Path.GetFullPath(model.Name), TrainingConfig.Extension);
        if (!File.Exists(config) || !TrainingConfig.IsOurs(config))
        {
            throw new CommandException(
                $"Cannot measure '{model.Name}' without rows: no configuration of a training lies beside it (looked for {config}). "
                + "Name a file of rows that it was not trained on with --dataset.", ExitCode.Usage);
        }
        TrainingData data = TrainingData.Load(TrainingConfig.Read(config).ToRequest(config));
        if (data.Test.Count == 0)
        {
            throw new CommandException(
                $"Cannot measure '{model.Name}' with the rows of its training: it learned without labels or pairs, so that none were held "
                + "out. Name a file with a label or a positive with --dataset.", ExitCode.Usage);
        }
        string name = data.TestName ?? data.Source.Name;
        string what = data.TestName is null ? $"{data.Test.Count:#,0} rows of '{name}' that the training held out"
            : $"{data.Test.Count:#,0} rows of '{name}'";
        string by = data.Task == TaskKind.Classification ? $", classified by the {data.Training.Count:#,0} that it learned from" : "";
        return new MeasuredRows(
            data.Source.Roles, data.Test, data.Task == TaskKind.Classification ? data.Training : null, [$"Measured with the {what}{by}."]);
    }
}
