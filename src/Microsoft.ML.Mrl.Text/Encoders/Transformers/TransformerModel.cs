using Microsoft.ML.Mrl.Heads;
using Microsoft.ML.Mrl.Text.Encoders.Transformers.Tokenizers;

namespace Microsoft.ML.Mrl.Text.Encoders.Transformers;

/// <summary>
/// Represents an encoder of a sentence-transformers or Hugging Face folder: configuration, weights, the modules after the encoder, and the
/// unchanged small files. This type is immutable.
/// </summary>
internal sealed class TransformerModel
{
    private TransformerModel(ModelFiles files, TransformerConfig config, TransformerWeights weights, SentenceModules modules)
    {
        Files = files;
        Config = config;
        Weights = weights;
        Modules = modules;
        Dimensions = modules.Width(config.Hidden);
        MaxLength = Math.Min(SentenceConfig.FindMaxLength(files, modules.TransformerPath) ?? int.MaxValue, config.MaxTextLength);
    }

    public ModelFiles Files { get; }

    public TransformerConfig Config { get; }

    public TransformerWeights Weights { get; }

    public SentenceModules Modules { get; }

    /// <summary>Gets the width of an embedding.</summary>
    public int Dimensions { get; }

    /// <summary>Gets the maximum number of tokens of a text, including the two special tokens. Longer texts are cut.</summary>
    public int MaxLength { get; }

    /// <summary>Gets the files of weights, by their folders.</summary>
    public IEnumerable<(string Path, TensorFile File)> TensorFiles =>
        [(Modules.TransformerPath, Weights.File), .. Modules.Steps.OfType<DenseStep>().Select(dense => (dense.Path, dense.File))];

    /// <summary>Reads a folder.</summary>
    /// <exception cref="IOException">The folder or a file is missing or cannot be read.</exception>
    /// <exception cref="NotSupportedException">The kind of model is not supported, or its weights are a pickle.</exception>
    /// <exception cref="InvalidDataException">A file is damaged or contradicts another.</exception>
    /// <exception cref="FormatException">The weights are damaged or those of another model.</exception>
    public static TransformerModel Read(string folder) =>
        From(ModelFiles.Read(folder), path => TensorFile.Read(Path.Combine(folder, path)));

    /// <summary>Creates a model from its files.</summary>
    /// <param name="files">The small files.</param>
    /// <param name="readTensors">Reads the weights of a folder.</param>
    public static TransformerModel From(ModelFiles files, Func<string, TensorFile> readTensors)
    {
        SentenceModules modules = SentenceModules.Read(files, readTensors);
        TransformerConfig config = TransformerConfig.Read(
            files.RequireJson(
            SentenceModules.Join(modules.TransformerPath, "config.json"), "It describes the encoder; give the folder that holds it."));
        var weights = TransformerWeights.Checked($"{files.Source}/{SentenceModules.Join(modules.TransformerPath, TensorFile.Name)}", config,
            readTensors(modules.TransformerPath));
        return new TransformerModel(files, config, weights, modules);
    }

    /// <summary>Returns the tokenizer that the files describe.</summary>
    public TextTokenizer ReadTokenizer() => TransformerTokenizerReader.Read(Files, Modules.TransformerPath, Config);

    /// <summary>Returns the same model with trained weights.</summary>
    /// <param name="encoder">The encoder's tensors that changed, by the architecture's names.</param>
    /// <param name="steps">What follows the pooling.</param>
    public TransformerModel With(IReadOnlyDictionary<string, float[]> encoder, IReadOnlyList<SentenceStep> steps) =>
        new(Files, Config, Weights.With(encoder), Modules with { Steps = steps });

    /// <summary>Returns the same encoder with other modules after it.</summary>
    public TransformerModel With(SentenceModules modules) => new(Files, Config, Weights, modules);

    /// <summary>Returns the same model with other files.</summary>
    public TransformerModel With(ModelFiles files) => new(files, Config, Weights, Modules);

    /// <summary>Returns the same model with other metadata of the encoder's weights.</summary>
    public TransformerModel With(IReadOnlyList<KeyValuePair<string, string>> metadata) =>
        new(Files, Config, Weights.With(metadata), Modules);

    /// <summary>Returns the same model without trained dimensions in the metadata of its weights.</summary>
    public TransformerModel WithoutTrainedDimensions() => With([.. Weights.File.Metadata.Where(pair => !TrainedDimensionsEntry.Is(pair))]);

    /// <summary>Writes the folder: the small files as they were, the weights with the types that they have.</summary>
    public void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach ((string path, TensorFile file) in TensorFiles)
        {
            string target = Path.Combine(folder, path);
            Directory.CreateDirectory(target);
            file.Write(target);
        }
        // Last: a folder with modules.json is a whole model.
        Files.Write(folder);
    }
}
