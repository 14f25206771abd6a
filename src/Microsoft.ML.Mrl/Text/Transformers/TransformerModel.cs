namespace Microsoft.ML.Mrl;

/// <summary>An encoder of a sentence-transformers or Hugging Face folder: configuration, weights, what follows the encoder, and the small files as they were. Immutable.</summary>
internal sealed class TransformerModel
{
    private TransformerModel(ModelFiles files, TransformerConfig config, TransformerWeights weights, SentenceModules modules)
    {
        Files = files;
        Config = config;
        Weights = weights;
        Modules = modules;
        Dimensions = modules.Width(config.Hidden);
        MaxLength = Math.Min(TransformerTokenizerReader.MaxLength(files, modules.TransformerPath) ?? int.MaxValue, config.LongestText);
    }

    public ModelFiles Files { get; }

    public TransformerConfig Config { get; }

    public TransformerWeights Weights { get; }

    public SentenceModules Modules { get; }

    /// <summary>The width of an embedding.</summary>
    public int Dimensions { get; }

    /// <summary>The longest text in tokens, with the two special ones; what is longer is cut.</summary>
    public int MaxLength { get; }

    /// <summary>Reads a folder.</summary>
    /// <exception cref="IOException">The folder or a file is not there, or cannot be read.</exception>
    /// <exception cref="NotSupportedException">The model is of a kind that is not known, or its weights are a pickle.</exception>
    /// <exception cref="InvalidDataException">A file is damaged or contradicts another.</exception>
    /// <exception cref="SafetensorsException">The weights are damaged or those of another model.</exception>
    public static TransformerModel Read(string folder)
    {
        ModelFiles files = ModelFiles.Read(folder);
        SentenceModules modules = SentenceModules.Read(files, path => DenseTensors(Path.Combine(folder, path)));
        TransformerConfig config = TransformerConfig.Read(files.RequireJson(SentenceModules.Join(modules.TransformerPath, "config.json"), "It describes the encoder; give the folder that holds it."));
        return new TransformerModel(files, config, TransformerWeights.Read(Path.Combine(folder, modules.TransformerPath), config), modules);
    }

    /// <summary>The tokenizer that the files describe.</summary>
    public TransformerTokenizer ReadTokenizer() => TransformerTokenizerReader.Read(Files, Modules.TransformerPath, Config);

    /// <summary>The same model with trained numbers.</summary>
    /// <param name="encoder">The encoder's tensors that changed, by the architecture's names.</param>
    /// <param name="steps">What follows the pooling.</param>
    public TransformerModel With(IReadOnlyDictionary<string, float[]> encoder, IReadOnlyList<SentenceStep> steps) =>
        new(Files, Config, Weights.With(encoder), Modules with { Steps = steps });

    /// <summary>The same encoder with something else after it.</summary>
    public TransformerModel With(SentenceModules modules) => new(Files, Config, Weights, modules);

    /// <summary>Writes the folder: the small files as they were, the weights with the types that they have.</summary>
    public void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        Files.Write(folder);
        string encoder = Path.Combine(folder, Modules.TransformerPath);
        Directory.CreateDirectory(encoder);
        Weights.Write(encoder);
        foreach (DenseStep dense in Modules.Steps.OfType<DenseStep>())
        {
            SafetensorsWriter.Write(Path.Combine(folder, dense.Path, "model.safetensors"), [.. dense.File.Tensors.Select(t => (t.Name, t.Type, t.Shape))],
                (i, stream) => stream.Write(dense.File.Tensors[i].Bytes), dense.File.Metadata);
        }
    }

    private static DenseFile DenseTensors(string folder)
    {
        string path = Path.Combine(folder, "model.safetensors");
        if (!File.Exists(path))
        {
            throw File.Exists(Path.Combine(folder, "pytorch_model.bin"))
                ? new NotSupportedException($"'{folder}' has its weights only as a pickle (pytorch_model.bin). Pickles are never read: loading one can run any code that its maker put in. Convert it once in Python: model.save_pretrained(path, safe_serialization=True).")
                : new FileNotFoundException($"There is no model.safetensors in '{folder}'. Save the model in safetensors form (model.save_pretrained(path, safe_serialization=True)).", path);
        }
        using SafetensorsFile file = SafetensorsFile.Open(path);
        return new DenseFile([.. file.Tensors.Select(t => StoredTensor.Read(file, t))], file.Metadata);
    }
}
