using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Models;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Embed;

/// <summary>Embeds the rows of a file in order.</summary>
internal sealed class EmbedJob(EmbedRequest request, MrlConsole console, CancellationToken cancellation)
{
    private const int RowsBetweenReports = 100_000;
    private const string Cut = "Cut";

    private readonly CollectedWarnings _warnings = new();
    private long _rows;
    private long _emptyTexts;
    private string _firstEmpty = "";
    private string _prompt = "";

    /// <summary>Runs the job.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="CommandException">The rows cannot be embedded. No file is written then.</exception>
    public int Run()
    {
        var clock = Stopwatch.StartNew();
        EmbeddingWriter.CheckFormat(request.Output, request.Kept is not null);
        OutputFile output = OutputFile.Claim(request.Output, "the embeddings");
        var mlContext = new MLContext();
        _warnings.ListenTo(mlContext);
        ModelFile model = Stoppable.Run(
            () => ModelFile.Load(mlContext, request.Model, LineProgress.Of(console, request.Verbosity), cancellation, request.Pooling),
            cancellation);
        _warnings.Add(model.Warning);
        int dimensions = request.Dimensions ?? model.Model.Dimensions;
        model.CheckDimensions(dimensions);
        _prompt = model.PromptText(request.Prompt);
        (Field input, int[] kept, string? guess) = Stoppable.Run(() => Columns(model), cancellation);
        if (request.Shard is { } shard)
        {
            string part = Stoppable.Run(() => PartFile.PathOf(request, model.Identify()), cancellation);
            if (File.Exists(part))
            {
                Tell($"Part {shard.Index} of {shard.Count} already exists: {part}");
                return ExitCode.Ok;
            }
            output = OutputFile.Claim(part, "the embeddings");
        }
        if (request.Verbosity != Verbosity.Quiet && guess is not null)
        {
            console.Output.WriteLine(guess);
        }
        try
        {
            JobDisplay.Run(console, request.Verbosity, progress =>
            {
                output.Write(stream => Embed(mlContext, model, dimensions, input, kept, stream, progress));
                return true;
            }, cancellation);
        }
        catch (OperationCanceledException)
        {
            throw new CommandException($"Stopped. '{output.FullPath}' was not written.", ExitCode.Interrupted);
        }
        Report(model, dimensions, output, clock.Elapsed);
        return ExitCode.Ok;
    }

    private (Field Input, int[] Kept, string? Guess) Columns(ModelFile model)
    {
        RowReader.CheckFormat(request.Format, request.Dataset);
        using RowReader file = RowReader.OpenFile(request.Dataset, request.Format);
        TableSample sample = TableSample.Of(file);
        if (sample.IsEmpty)
        {
            throw new CommandException($"'{file.Name}' has columns ({RowReader.Shown(file.Columns)}) but no rows. Add rows.");
        }
        if (model.TakesText ? request.Columns.Vector is not null : request.Columns.Text is not null)
        {
            (string wrong, string right) = model.TakesText
                ? ("--vector-col", "text. Name it with --text-col")
                : ("--text-col", "vectors. Name them with --vector-col");
            throw new CommandException($"Cannot use {wrong}: '{model.Name}' embeds {right}.", ExitCode.Usage);
        }
        // A column that is copied to the output is not a part of the vector, unless it was named as one.
        int[] kept = request.Kept is null ? [] : new ColumnFinder(sample).FindAll("--keep-cols", request.Kept);
        if (kept.FirstOrDefault(sample.IsVector, -1) is >= 0 and int vector)
        {
            throw new CommandException($"Cannot copy column '{sample.Columns[vector]}': it holds vectors. Leave it out of --keep-cols.");
        }
        RoleNames asked = request.Columns;
        if (asked is { Text: null, Vector: null } && kept.Length > 0 && !model.TakesText)
        {
            asked = asked with { IgnoredNames = [.. kept.Select(column => sample.Columns[column])] };
        }
        Field input = RoleFinder.FindInput(sample, asked, model.TakesText);
        bool isNamed = asked.Text is not null || asked.Vector is not null;
        (string role, string option) = input.IsText ? ("text", "--text-col") : ("vector", "--vector-col");
        return (input, kept, isNamed ? null : $"Guessed from '{file.Name}': {role} is {input.Shown}. Name another with {option}.");
    }

    private void Embed(MLContext mlContext, ModelFile model, int dimensions, Field input, int[] kept, Stream output, IJobProgress progress)
    {
        progress.Stage("Embedding");
        using RowReader file = Stoppable.Run(() => RowReader.OpenFile(request.Dataset, request.Format), cancellation);
        using var writer = EmbeddingWriter.Create(
            output, Path.GetExtension(request.Output), dimensions, [.. kept.Select(column => file.Columns[column])]);
        var columns = new TaskColumns(input.IsText ? nameof(ExampleRow.Text) : nameof(ExampleRow.Vector), null, null, null, input.IsText);
        ITransformer? cut = null;
        var rows = new List<ExampleRow>(PartFile.RowsOfBlock);
        var copied = new List<string[]>(PartFile.RowsOfBlock);
        bool more = true;
        for (long block = 0; more; block++)
        {
            rows.Clear();
            copied.Clear();
            bool isOfShard = request.Shard is not { } shard || block % shard.Count == shard.Index - 1;
            more = Stoppable.Run(() => ReadBlock(model, file, input, kept, isOfShard, rows, copied), cancellation);
            if (rows.Count == 0)
            {
                continue;
            }
            IDataView embedded = model.Embed(rows, columns);
            cut ??= request.Dimensions is null ? null : mlContext.Transforms.TruncateEmbedding(Cut, TaskColumns.Embedding, dimensions)
                .Fit(embedded);
            IDataView result = cut?.Transform(embedded) ?? embedded;
            int next = 0;
            foreach (float[] vector in result.GetColumn<float[]>(cut is null ? TaskColumns.Embedding : Cut))
            {
                cancellation.ThrowIfCancellationRequested();
                writer.Write(copied[next++], vector);
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

    /// <returns>Whether the file may have more rows.</returns>
    private bool ReadBlock(
        ModelFile model, RowReader file, Field input, int[] kept, bool isOfShard, List<ExampleRow> rows, List<string[]> copied)
    {
        for (int i = 0; i < PartFile.RowsOfBlock; i++)
        {
            if (!file.Read())
            {
                return false;
            }
            if (isOfShard)
            {
                rows.Add(Row(model, input, file));
                copied.Add([.. kept.Select(file.Text)]);
            }
        }
        return true;
    }

    private ExampleRow Row(ModelFile model, Field input, RowReader file)
    {
        if (!input.IsText)
        {
            float[] vector = input.ReadVector(file, 0);
            return vector.Length == model.Width
                ? new ExampleRow { Vector = vector }
                : throw new CommandException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"'{file.Name}', {file.Place}, {input.Shown}: the vector has {vector.Length} values, "
                    + $"and '{model.Name}' takes {model.Width}. ")
                    + "Give vectors of the kind that the model was trained on.");
        }
        string text = input.ReadText(file);
        if (text.Length == 0 && _emptyTexts++ == 0)
        {
            _firstEmpty = file.Place;
        }
        return new ExampleRow { Text = _prompt + text };
    }

    private void Report(ModelFile model, int dimensions, OutputFile output, TimeSpan elapsed)
    {
        _warnings.WriteTo(console.Output);
        if (_emptyTexts > 0)
        {
            Line($"Warning: {_emptyTexts:#,0} texts are empty (the first: {_firstEmpty}). Their embeddings carry no meaning.");
        }
        if (request.Verbosity != Verbosity.Quiet)
        {
            string length = request.Dimensions is null ? "as the model makes them" : "at unit length";
            string place = $"{output.FullPath} in {ProgressText.Duration(elapsed)}";
            Line($"Wrote {_rows:#,0} embeddings of {dimensions} of {model.Model.Dimensions} values, {length}, to {place}");
        }
    }

    private void Tell(FormattableString text)
    {
        if (request.Verbosity != Verbosity.Quiet)
        {
            Line(text);
        }
    }

    private void Line(FormattableString text) => console.Output.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
