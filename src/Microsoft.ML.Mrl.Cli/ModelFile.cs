using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl.Cli;

/// <summary>A saved model that embeds texts or vectors with a trained head.</summary>
internal sealed class ModelFile
{
    private readonly MLContext _mlContext;
    private readonly ITransformer _model;
    private readonly string _output;

    private ModelFile(MLContext mlContext, ITransformer model, string path, DataViewSchema.Column input, EmbeddingHead head, string output)
    {
        _mlContext = mlContext;
        _model = model;
        _output = output;
        Name = path;
        Input = input.Name;
        TakesText = input.Type is TextDataViewType;
        Width = input.Type is VectorDataViewType vector ? vector.Size : 0;
        Head = head;
    }

    /// <summary>What the user calls it.</summary>
    public string Name { get; }

    /// <summary>The column that it embeds.</summary>
    public string Input { get; }

    /// <summary>Whether that is text.</summary>
    public bool TakesText { get; }

    /// <summary>The width of the vectors that it takes; 0 for text.</summary>
    public int Width { get; }

    /// <summary>The head.</summary>
    public EmbeddingHead Head { get; }

    /// <summary>Loads a model.</summary>
    /// <exception cref="CommandException">It is not there, is none, or does not embed one column with one head.</exception>
    public static ModelFile Load(MLContext mlContext, string path)
    {
        if (!File.Exists(path))
        {
            throw new CommandException($"Cannot load model '{path}': there is no such file (looked for {Path.GetFullPath(path)}). Check the path.");
        }
        ITransformer model;
        DataViewSchema schema;
        EmbeddingHead head;
        try
        {
            model = mlContext.Model.Load(path, out schema);
        }
        // ML.NET throws whatever its reader meets in a file that is none of its own.
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new CommandException($"Cannot load model '{path}': it is not a model that ML.NET saved ({e.Message.Split('\n')[0].TrimEnd()}). Give the .zip that mrl train wrote.", inner: e);
        }
        try
        {
            head = mlContext.Mrl().FindHead(model);
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
        DataViewSchema after = model.GetOutputSchema(schema);
        DataViewSchema.Column? output = after.GetColumnOrNull(TaskColumns.Embedding)
            ?? after.Cast<DataViewSchema.Column?>().LastOrDefault(column => column!.Value.Type is VectorDataViewType vector && vector.Size == head.OutputDimensions);
        return output is { } embedding
            ? new ModelFile(mlContext, model, path, input, head, embedding.Name)
            : throw new CommandException($"Cannot use model '{path}': it makes no column '{TaskColumns.Embedding}' of {head.OutputDimensions} values.");
    }

    /// <summary>Rows as a view with embeddings.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="columns">The columns that they have.</param>
    /// <returns>The view, with <see cref="TaskColumns.Embedding"/>, and that of the positive where there is one.</returns>
    public IDataView Embed(IReadOnlyCollection<ExampleRow> rows, TaskColumns columns)
    {
        IDataView view = ExampleView.Of(_mlContext, rows, Width, columns.OfRows);
        view = Copy(view, Input, columns.Input);
        view = SharedModel.Apply(_mlContext, _model, view, Input, _output, columns.Positive is { } positive ? [(positive, TaskColumns.PositiveEmbedding)] : []);
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
        if (dimensions > Head.OutputDimensions)
        {
            throw new CommandException(
                $"Cannot use --dimensions {dimensions}: the embedding of '{Name}' has {Head.OutputDimensions} values. Choose 1..{Head.OutputDimensions} (trained: {Head.TrainedDimensions}).", ExitCode.Usage);
        }
    }

    private static bool IsInput(DataViewSchema.Column column) => column.Type is TextDataViewType
        || (column.Type is VectorDataViewType { IsKnownSize: true } vector && vector.ItemType == NumberDataViewType.Single);

    private static CommandException NoInput(string path) => new($"Cannot use model '{path}': its saved schema has no text and no vector to embed. Save the model with the schema of its input.");

    private IDataView Copy(IDataView view, string to, string from) => to == from ? view : _mlContext.Transforms.CopyColumns(to, from).Fit(view).Transform(view);
}
