using System.Globalization;
using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Evaluate;
using Microsoft.ML.Mrl.Cli.Learning;
using Microsoft.ML.Mrl.Cli.Models;
using Microsoft.ML.Mrl.Cli.Output;
using Microsoft.ML.Mrl.Cli.Project;

namespace Microsoft.ML.Mrl.Cli.Train;

/// <summary>Finds the rows that a training held out.</summary>
internal static class HeldOutRows
{
    /// <summary>
    /// Returns the rows that a training held out to test with, and those that it learned from to classify by, from the configuration that
    /// <c>mrl train</c> wrote beside the model.
    /// </summary>
    /// <exception cref="CommandException">
    /// The model is an encoder alone, there is no such configuration, its data cannot be read any more, or the training held out nothing.
    /// </exception>
    public static MeasuredRows Of(ModelFile model)
    {
        if (model.IsBare)
        {
            throw new CommandException(
                $"Cannot measure '{model.Name}' without rows: it is an encoder alone, so there are no rows that a training held out. "
                + "Name a file of rows with --dataset.", ExitCode.Usage);
        }
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
        string rows = string.Create(CultureInfo.InvariantCulture, $"{data.Test.Count:#,0} rows of '{name}'");
        string held = data.TestName is null ? " that the training held out" : "";
        string by = data.Task == TaskKind.Classification
            ? string.Create(CultureInfo.InvariantCulture, $", classified by the {data.Training.Count:#,0} that it learned from")
            : "";
        return new MeasuredRows(
            data.Source.Roles, data.Test, data.Task == TaskKind.Classification ? data.Training : null, [$"Measured with the " +
                $"{rows}{held}{by}."]);
    }
}
