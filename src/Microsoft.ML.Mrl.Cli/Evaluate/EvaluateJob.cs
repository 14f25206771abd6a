using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Models;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Evaluate;

/// <summary>Measures a saved model on a file and, if asked to, recommends a dimension.</summary>
internal sealed class EvaluateJob(EvaluateRequest request, MrlConsole console, CancellationToken cancellation)
{
    private readonly HeardWarnings _warnings = new();

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
            () => ModelFile.Load(mlContext, request.Model, new LineProgress(request.Verbosity == Verbosity.Quiet ? TextWriter.Null : console.Output), cancellation),
            cancellation);
        if (request.Dimensions is { } dimensions)
        {
            model.CheckDimensions(dimensions.Largest);
        }
        SourceTable data = Stoppable.Run(() => Read(model, request.Dataset, request.Columns), cancellation);
        SourceTable? reference = Stoppable.Run(() => Reference(model, data), cancellation);
        Begin(data);
        DimensionReport report = JobDisplay.Run(console, request.Verbosity, progress =>
        {
            progress.Stage("Measuring");
            return Stoppable.Run(() => Measure(mlContext, model, data, reference), cancellation)
                .WithName(Path.GetFileNameWithoutExtension(model.Name));
        }, cancellation);
        DimensionRecommendation? advice = request.Keep is { } keep ? mlContext.Mrl().RecommendDimensions(report, keep) : null;
        _warnings.WriteTo(console.Output);
        console.Output.Write(advice?.ToString() ?? report.ToString());
        if (output is not null)
        {
            output.Write(file => ReportFile.Write(mlContext, report, request.Report!, file));
            if (request.Verbosity != Verbosity.Quiet)
            {
                console.Output.WriteLine($"Report: {output.FullPath}");
            }
        }
        return ExitCode.Ok;
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

    private void Begin(SourceTable data)
    {
        if (request.Verbosity == Verbosity.Quiet)
        {
            return;
        }
        if (data.Roles.Guesses is { } guesses)
        {
            console.Output.WriteLine($"Guessed from '{data.Name}': {guesses}.");
        }
        if (data.Skipped > 0)
        {
            int all = data.Rows.Count + data.Skipped;
            console.Output.WriteLine(FormattableString.Invariant(
                $"Left out of '{data.Name}': {data.Skipped:#,0} of {all:#,0} rows, in which one of the columns is empty."));
        }
    }

    private DimensionReport Measure(MLContext mlContext, ModelFile model, SourceTable data, SourceTable? reference)
    {
        // A recommendation compares with the full width, whatever the list says.
        MatryoshkaDimensions? dimensions = request.Dimensions is { } asked && request.Keep is not null && !asked.Contains(
            model.Model.Dimensions)
            ? new MatryoshkaDimensions(asked.Append(model.Model.Dimensions))
            : request.Dimensions;
        TaskColumns columns = TaskColumns.Of(data.Roles);
        return TaskEvaluation.Evaluate(
            mlContext,
            data.Roles.Task,
            Embedded(data),
            columns.Target,
            reference is null ? null : Embedded(reference),
            dimensions);

        IDataView Embedded(SourceTable table) => model.Embed([.. table.Rows], columns with { Negative = null });
    }
}
