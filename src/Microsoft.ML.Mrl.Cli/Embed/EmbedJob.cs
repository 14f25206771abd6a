using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Models;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Embed;

/// <summary>Embeds a file row by row, in order.</summary>
internal sealed class EmbedJob(EmbedRequest request, MrlConsole console, CancellationToken cancellation)
{
    private const int RowsAtOnce = 2_000;
    private const int RowsBetweenReports = 100_000;
    private const string Cut = "Cut";

    private readonly HeardWarnings _warnings = new();
    private long _rows;
    private long _emptyTexts;
    private string _firstEmpty = "";

    /// <summary>Does all of it.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="CommandException">It cannot be done; no file is written then.</exception>
    public int Run()
    {
        var clock = Stopwatch.StartNew();
        EmbeddingWriter.CheckFormat(request.Output, request.Kept is not null);
        OutputFile output = OutputFile.Claim(request.Output, "the embeddings");
        var mlContext = new MLContext();
        _warnings.ListenTo(mlContext);
        ModelFile model = ModelFile.Load(mlContext, request.Model);
        int dimensions = request.Dimensions ?? model.Model.Dimensions;
        model.CheckDimensions(dimensions);
        (Field input, int[] kept) = Columns(model, out string? guess);
        if (request.Verbosity != Verbosity.Quiet && guess is not null)
        {
            console.Output.WriteLine(guess);
        }
        try
        {
            JobDisplay.Run(console, request.Verbosity, progress =>
            {
                output.Write(path => Embed(mlContext, model, dimensions, input, kept, path, progress));
                return true;
            }, cancellation);
        }
        catch (OperationCanceledException)
        {
            throw new CommandException($"Stopped. '{request.Output}' was not written.", ExitCode.Interrupted);
        }
        Report(model, dimensions, output, clock.Elapsed);
        return ExitCode.Ok;
    }

    private (Field Input, int[] Kept) Columns(ModelFile model, out string? guess)
    {
        using RowReader file = RowReader.OpenFile(request.Dataset, request.HasHeader);
        TableSample sample = TableSample.Of(file);
        if (sample.IsEmpty)
        {
            throw new CommandException($"'{file.Name}' has columns ({RowReader.Shown(file.Columns)}) but no rows. Add rows.");
        }
        if (model.TakesText ? request.Columns.Vector is not null : request.Columns.Text is not null)
        {
            throw new CommandException(
                $"Cannot use {(model.TakesText ? "--vector-col" : "--text-col")}: '{model.Name}' embeds {(model.TakesText ? "text. Name it with --text-col" : "vectors. Name them with --vector-col")}.", ExitCode.Usage);
        }
        // A column that is carried along is not a part of the vector unless it was named as one.
        int[] kept = request.Kept is null ? [] : new ColumnFinder(sample).FindAll("--keep-cols", request.Kept);
        if (kept.FirstOrDefault(sample.IsVector, -1) is >= 0 and int vector)
        {
            throw new CommandException($"Cannot carry along column '{sample.Columns[vector]}': it holds vectors. Leave it out of --keep-cols.");
        }
        RoleNames asked = request.Columns;
        if (asked is { Text: null, Vector: null } && kept.Length > 0 && !model.TakesText)
        {
            string carried = string.Join(',', kept.Select(column => sample.Columns[column]));
            asked = asked with { Ignored = asked.Ignored is null ? carried : $"{asked.Ignored},{carried}" };
        }
        Field input = RoleFinder.FindInput(sample, asked, model.TakesText);
        bool isNamed = asked.Text is not null || asked.Vector is not null;
        guess = isNamed ? null : $"Guessed from '{file.Name}': {(input.IsText ? "text" : "vector")} is {input.Shown}. Name another with {(input.IsText ? "--text-col" : "--vector-col")}.";
        return (input, kept);
    }

    private void Embed(MLContext mlContext, ModelFile model, int dimensions, Field input, int[] kept, string path, IJobProgress progress)
    {
        progress.Stage("Embedding");
        using RowReader file = RowReader.OpenFile(request.Dataset, request.HasHeader);
        using var writer = EmbeddingWriter.Create(path, Path.GetExtension(request.Output), dimensions, [.. kept.Select(column => file.Columns[column])]);
        var columns = new TaskColumns(input.IsText ? nameof(ExampleRow.Text) : nameof(ExampleRow.Vector), null, null, null, input.IsText);
        ITransformer? cut = null;
        var rows = new List<ExampleRow>(RowsAtOnce);
        var carried = new List<string[]>(RowsAtOnce);
        bool more = true;
        while (more)
        {
            cancellation.ThrowIfCancellationRequested();
            rows.Clear();
            carried.Clear();
            while (rows.Count < RowsAtOnce && (more = file.Read()))
            {
                rows.Add(Row(model, input, file));
                carried.Add([.. kept.Select(file.Text)]);
            }
            if (rows.Count == 0)
            {
                break;
            }
            IDataView embedded = model.Embed(rows, columns);
            cut ??= request.Dimensions is null ? null : mlContext.Transforms.TruncateEmbedding(Cut, TaskColumns.Embedding, dimensions).Fit(embedded);
            IDataView result = cut?.Transform(embedded) ?? embedded;
            int next = 0;
            foreach (float[] vector in result.GetColumn<float[]>(cut is null ? TaskColumns.Embedding : Cut))
            {
                writer.Write(carried[next++], vector);
            }
            long before = _rows;
            _rows += rows.Count;
            if (before / RowsBetweenReports != _rows / RowsBetweenReports)
            {
                progress.Stage(string.Create(CultureInfo.InvariantCulture, $"Embedding, {_rows:#,0} rows so far"));
            }
        }
        writer.Complete();
    }

    private ExampleRow Row(ModelFile model, Field input, RowReader file)
    {
        if (!input.IsText)
        {
            float[] vector = input.ReadVector(file, 0);
            return vector.Length == model.Width
                ? new ExampleRow { Vector = vector }
                : throw new CommandException(string.Create(
                    CultureInfo.InvariantCulture, $"'{file.Name}', {file.Place}, {input.Shown}: the vector has {vector.Length} values, and '{model.Name}' takes {model.Width}. Give vectors of the kind that it was trained on."));
        }
        string text = input.ReadText(file);
        if (text.Length == 0 && _emptyTexts++ == 0)
        {
            _firstEmpty = file.Place;
        }
        return new ExampleRow { Text = text };
    }

    private void Report(ModelFile model, int dimensions, OutputFile output, TimeSpan time)
    {
        _warnings.WriteTo(console.Output);
        if (_emptyTexts > 0)
        {
            Line($"Warning: {_emptyTexts:#,0} texts are empty (the first: {_firstEmpty}); their embeddings say nothing.");
        }
        if (request.Verbosity != Verbosity.Quiet)
        {
            string length = request.Dimensions is null ? "as the model makes them" : "at unit length";
            Line($"Wrote {_rows:#,0} embeddings of {dimensions} of {model.Model.Dimensions} values, {length}, to {output.FullPath} in {ProgressText.Duration(time)}");
        }
    }

    private void Line(FormattableString text) => console.Output.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
