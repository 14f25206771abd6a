using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Models;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Evaluate;

/// <summary>Measures a saved model on a file and, if asked to, recommends a dimension.</summary>
/// <param name="request">The request.</param>
/// <param name="heldOut">Finds the rows that the training of a model held out.</param>
/// <param name="console">The console.</param>
/// <param name="cancellation">Ends the job.</param>
internal sealed class EvaluateJob(
    EvaluateRequest request, Func<ModelFile, MeasuredRows> heldOut, MrlConsole console, CancellationToken cancellation)
{
    private readonly CollectedWarnings _warnings = new();

    /// <summary>Runs the job.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="CommandException">The model cannot be measured on the file.</exception>
    public int Run()
    {
        OutputFile? output = null;
        if (request.Report is { } path)
        {
            ReportFile.CheckFormat(path);
            output = OutputFile.Claim(path, "the report");
        }
        var mlContext = new MLContext();
        _warnings.ListenTo(mlContext);
        ModelFile model = Stoppable.Run(
            () => ModelFile.Load(mlContext, request.Model, LineProgress.Of(console, request.Verbosity), cancellation, request.Pooling),
            cancellation);
        _warnings.Add(model.Warning);
        if (request.Dimensions is { } dimensions)
        {
            model.CheckDimensions(dimensions.Largest);
        }
        MeasuredRows rows = Stoppable.Run(() => request.Dataset is { } file ? Named(model, file) : HeldOut(model), cancellation);
        if (request.Verbosity != Verbosity.Quiet)
        {
            rows.Notes.ToList().ForEach(console.Output.WriteLine);
        }
        DimensionReport report = JobDisplay.Run(console, request.Verbosity, progress =>
        {
            progress.Stage("Measuring");
            return Stoppable.Run(() => Measure(mlContext, model, rows), cancellation)
                .WithName(Path.GetFileNameWithoutExtension(model.Name));
        }, cancellation);
        DimensionRecommendation? advice = request.Keep is { } keep ? mlContext.Mrl().RecommendDimensions(report, keep) : null;
        _warnings.WriteTo(console.Output);
        console.Output.Write(advice?.ToString() ?? report.ToString());
        if (output is not null)
        {
            output.Write(stream => ReportFile.Write(mlContext, report, request.Report!, stream));
            if (request.Verbosity != Verbosity.Quiet)
            {
                console.Output.WriteLine($"Report: {output.FullPath}");
            }
        }
        return ExitCode.Ok;
    }

    private MeasuredRows HeldOut(ModelFile model)
    {
        string? given = request.Reference is not null ? "--reference-dataset" : request.Columns != new RoleNames()
            ? "the option of a column"
            : request.Format != new TextFormat() ? "the option of a file's format" : null;
        return given is null
            ? heldOut(model)
            : throw new CommandException(
                $"Cannot use {given} without --dataset: the rows of the training are read as they were then. Name a file with --dataset.",
                ExitCode.Usage);
    }

    private MeasuredRows Named(ModelFile model, string path)
    {
        RowReader.CheckFormat(request.Format, path, request.Reference);
        SourceTable data = Read(model, path, request.Columns);
        return new MeasuredRows(data.Roles, data.Rows, Reference(model, data)?.Rows, [.. Notes(data)]);
    }

    private SourceTable Read(ModelFile model, string path, RoleNames names)
    {
        SourceTable table = SourceTable.Read(() => RowReader.OpenFile(path, request.Format), names, model.TakesText);
        if (table.Roles.Task == TaskKind.Unsupervised)
        {
            throw new CommandException(
                $"Cannot measure with '{path}': it is not known which column is the label or the positive. "
                + $"Name one of these with --label-col or --positive-col: {RowReader.Shown(table.Columns)}.");
        }
        if (table.Roles.Input.IsText != model.TakesText)
        {
            string advice = model.TakesText ? "text. Name it with --text-col" : "vectors. Name them with --vector-col";
            throw new CommandException(
                $"Cannot measure '{model.Name}' with {table.Roles.Input.Shown} of '{path}': the model embeds {advice}.");
        }
        model.CheckWidth(path, table.Width);
        return table;
    }

    private SourceTable? Reference(ModelFile model, SourceTable data)
    {
        if (request.Reference is not { } path)
        {
            return null;
        }
        return data.Roles.Task == TaskKind.Classification
            ? Read(model, path, data.Roles.Names)
            : throw new CommandException(
                $"Cannot use --reference-dataset {path}: only classification has rows to classify by, and the task is "
                + $"{TaskText.Name(data.Roles.Task)}. Leave it out.", ExitCode.Usage);
    }

    private static IEnumerable<string> Notes(SourceTable data)
    {
        if (data.Roles.Guesses is { } guesses)
        {
            yield return $"Guessed from '{data.Name}': {guesses}.";
        }
        if (data.Skipped > 0)
        {
            int all = data.Rows.Count + data.Skipped;
            yield return FormattableString.Invariant(
                $"Left out of '{data.Name}': {data.Skipped:#,0} of {all:#,0} rows, in which one of the columns is empty.");
        }
    }

    private DimensionReport Measure(MLContext mlContext, ModelFile model, MeasuredRows rows)
    {
        MatryoshkaDimensions? wanted = request.Dimensions ?? (model.Model is { Head: null, Encoder: { TrainedDimensions: null } untrained }
            ? MatryoshkaDimensions.DoubledUpTo(untrained.Dimensions)
            : null);
        // A recommendation compares with the full width, whatever the list says.
        MatryoshkaDimensions? dimensions = wanted is { } asked && request.Keep is not null && !asked.Contains(model.Model.Dimensions)
            ? new MatryoshkaDimensions(asked.Append(model.Model.Dimensions))
            : wanted;
        TaskColumns columns = TaskColumns.Of(rows.Roles);
        return TaskEvaluation.Evaluate(
            mlContext,
            rows.Roles.Task,
            Embedded(rows.Rows),
            columns.Target,
            rows.Reference is null ? null : Embedded(rows.Reference),
            dimensions);

        IDataView Embedded(IReadOnlyList<ExampleRow> embedded) => model.Embed([.. embedded], columns with { Negative = null });
    }
}

/// <summary>Represents the rows that a model is measured with.</summary>
/// <param name="Roles">The roles of their columns.</param>
/// <param name="Rows">The rows.</param>
/// <param name="Reference">The rows to classify by, or <see langword="null"/> to classify each row by all others.</param>
/// <param name="Notes">Lines that tell the user which rows they are.</param>
internal sealed record MeasuredRows(
    ColumnRoles Roles, IReadOnlyList<ExampleRow> Rows, IReadOnlyList<ExampleRow>? Reference, IReadOnlyList<string> Notes);
