using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Models;

/// <summary>A saved model that embeds texts or vectors, with a trained head or a text encoder.</summary>
internal sealed class ModelFile
{
    private readonly MLContext _mlContext;
    private readonly string _output;

    private ModelFile(MLContext mlContext, TrainedModel model, string path, DataViewSchema.Column input, string output)
    {
        _mlContext = mlContext;
        _output = output;
        Name = path;
        Input = input.Name;
        TakesText = input.Type is TextDataViewType;
        Width = input.Type is VectorDataViewType vector ? vector.Size : 0;
        Model = model;
    }

    /// <summary>What the user calls it.</summary>
    public string Name { get; }

    /// <summary>The column that it embeds.</summary>
    public string Input { get; }

    /// <summary>Whether that is text.</summary>
    public bool TakesText { get; }

    /// <summary>The width of the vectors that it takes; 0 for text.</summary>
    public int Width { get; }

    /// <summary>The model, and what makes its embedding.</summary>
    public TrainedModel Model { get; }

    /// <summary>Loads a model.</summary>
    /// <exception cref="CommandException">It is not there, is none, or does not embed one column with one head or encoder.</exception>
    public static ModelFile Load(MLContext mlContext, string path)
    {
        if (!File.Exists(path))
        {
            throw new CommandException($"Cannot load model '{path}': there is no such file (looked for {Path.GetFullPath(path)}). Check the path.");
        }
        ITransformer loaded;
        DataViewSchema schema;
        TrainedModel model;
        try
        {
            loaded = mlContext.Model.Load(path, out schema);
        }
        // ML.NET throws whatever its reader meets in a file that is none of its own.
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new CommandException($"Cannot load model '{path}': it is not a model that ML.NET saved ({e.Message.Split('\n')[0].TrimEnd()}). Give the .zip that mrl train wrote.", inner: e);
        }
        try
        {
            model = TrainedModel.In(mlContext, loaded);
        }
        catch (ArgumentException e)
        {
            throw new CommandException($"Cannot use model '{path}': {e.Message.Split(" (Parameter")[0]}", inner: e);
        }
        DataViewSchema.Column[] inputs = [.. (schema ?? throw NoInput(path)).Where(IsInput)];
        DataViewSchema.Column input = inputs is [var only]
            ? only
            : inputs.FirstOrDefault(column => column.Name is nameof(ExampleRow.Text) or nameof(ExampleRow.Vector), inputs.FirstOrDefault());
        if (inputs.Length == 0)
        {
            throw NoInput(path);
        }
        DataViewSchema after = loaded.GetOutputSchema(schema);
        DataViewSchema.Column? output = after.GetColumnOrNull(TaskColumns.Embedding)
            ?? after.Cast<DataViewSchema.Column?>().LastOrDefault(column => column!.Value.Type is VectorDataViewType vector && vector.Size == model.Dimensions);
        return output is { } embedding
            ? new ModelFile(mlContext, model, path, input, embedding.Name)
            : throw new CommandException($"Cannot use model '{path}': it makes no column '{TaskColumns.Embedding}' of {model.Dimensions} values.");
    }

    /// <summary>Rows as a view with embeddings.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="columns">The columns that they have.</param>
    /// <returns>The view, with <see cref="TaskColumns.Embedding"/>, and that of the positive where there is one.</returns>
    public IDataView Embed(IReadOnlyCollection<ExampleRow> rows, TaskColumns columns)
    {
        IDataView view = ExampleView.Of(_mlContext, rows, Width, columns.OfRows);
        view = Copy(view, Input, columns.Input);
        view = SharedModel.Apply(_mlContext, Model.Transformer, view, Input, _output, columns.Positive is { } positive ? [(positive, TaskColumns.PositiveEmbedding)] : []);
        return Copy(view, TaskColumns.Embedding, _output);
    }

    /// <summary>Makes sure that a vector has the width that the model takes.</summary>
    /// <exception cref="CommandException">It has not.</exception>
    public void CheckWidth(string dataset, int width)
    {
        if (!TakesText && width != Width)
        {
            throw new CommandException($"Cannot embed '{dataset}' with '{Name}': its vectors have {width} values, and the model takes {Width}. Give vectors of the kind that it was trained on.");
        }
    }

    /// <summary>Makes sure that a dimension can be had.</summary>
    /// <exception cref="CommandException">It is above the width.</exception>
    public void CheckDimensions(int dimensions)
    {
        if (dimensions > Model.Dimensions)
        {
            throw new CommandException(
                $"Cannot use --dimensions {dimensions}: the embedding of '{Name}' has {Model.Dimensions} values. Choose 1..{Model.Dimensions} (trained: {Model.TrainedDimensions}).", ExitCode.Usage);
        }
    }

    private static bool IsInput(DataViewSchema.Column column) => column.Type is TextDataViewType
        || (column.Type is VectorDataViewType { IsKnownSize: true } vector && vector.ItemType == NumberDataViewType.Single);

    private static CommandException NoInput(string path) => new($"Cannot use model '{path}': its saved schema has no text and no vector to embed. Save the model with the schema of its input.");

    private IDataView Copy(IDataView view, string to, string from) => to == from ? view : _mlContext.Transforms.CopyColumns(to, from).Fit(view).Transform(view);
}
