using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Text.Encoders.Onnx;
using Microsoft.ML.Mrl.Text.Encoders.Static;
using Microsoft.ML.Mrl.Text.Encoders.Transformers;

namespace Microsoft.ML.Mrl.Text.Encoders;

/// <summary>Loads the encoder of a folder according to its kind.</summary>
internal static class EncoderFolder
{
    public const string ConfigFile = "config.json";
    public const string SentenceConfigFile = "config_sentence_transformers.json";
    public const string WeightsFile = "model.safetensors";
    public const string PickleFile = "pytorch_model.bin";
    public const string Model2Vec = "model2vec";

    public static TextEncoder Load(string folder)
    {
        AtomicFolder.Recover(folder);
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException(File.Exists(folder)
                ? $"'{folder}' is a file. Give the folder of a saved model, or load an .onnx file with {nameof(TextEncoder.LoadOnnx)}."
                : $"There is no folder '{folder}'. Give the folder of a saved model.");
        }
        string modules = Path.Combine(folder, EncoderModule.FileName);
        if (!File.Exists(modules))
        {
            return ModelType(folder) is { } type
                ? type == Model2Vec ? StaticEncoderFolder.Read(folder, folder, after: null) : LoadTransformer(folder, "")
                : StaticEncoderFolder.FindModule(folder) is { } table ? StaticEncoderFolder.Read(folder, table, after: null)
                : OnnxEncoderFolder.FindModel(folder, "") is not null ? LoadTransformer(folder, "")
                : throw new FileNotFoundException(
                    $"There is neither {EncoderModule.FileName} (sentence-transformers) nor {ConfigFile} with a model_type (model2vec, " +
                    $"Hugging Face) in '{folder}'. Give the folder of a saved model.", modules);
        }
        EncoderModule[] chain = EncoderModule.ReadAll(modules, ModelJson.ReadBytes(modules));
        if (chain.Length == 0)
        {
            throw new InvalidDataException($"'{modules}' names no module. Save the model again.");
        }
        if (chain[0].Type == "Transformer")
        {
            return LoadTransformer(folder, chain[0].Path);
        }
        if (chain[0].Type != "StaticEmbedding")
        {
            throw Unsupported(folder, $"a model that starts with the module {chain[0].Type}");
        }
        return StaticEncoderFolder.Read(folder, chain[0].FolderIn(folder), chain[1..]);
    }

    /// <summary>Loads a transformer from its weights, or from its graph if there are no weights.</summary>
    private static TextEncoder LoadTransformer(string folder, string transformer)
    {
        string path = Path.Combine(folder, transformer);
        bool hasWeights = File.Exists(Path.Combine(path, WeightsFile)) || File.Exists(Path.Combine(path, TensorFile.IndexName));
        return !hasWeights && OnnxEncoderFolder.FindModel(folder, transformer) is { } model
            ? TextEncoder.LoadOnnx(model, folder)
            : TransformerTextEncoder.ReadFolder(folder);
    }

    /// <summary>Returns the model_type of a config.json, or null if there is no such file or entry.</summary>
    public static string? ModelType(string folder) => Find(folder, ConfigFile)?.FindText("model_type");

    /// <summary>Returns the width that sentence-transformers cuts the model's embeddings to, or null if it does not.</summary>
    public static int? TruncateDimensions(string folder) => Settings(folder)?.FindCount("truncate_dim");

    /// <summary>Returns the settings of sentence-transformers, or null if there are none.</summary>
    public static ModelJson? Settings(string folder) => Find(folder, SentenceConfigFile);

    public static Exception NoWeights(string folder) => File.Exists(Path.Combine(folder, PickleFile))
        ? new NotSupportedException(
            $"'{folder}' has its weights only as a pickle ({PickleFile}). Pickles are never read: loading one can run any code that its " +
                $"maker put in. Save the model in safetensors form (model.save_pretrained(path, safe_serialization=True)).")
        : new FileNotFoundException(
            $"There is no {WeightsFile} in '{folder}'. Save the model in safetensors form (model.save_pretrained(path, " +
            $"safe_serialization=True)).", Path.Combine(folder, WeightsFile));

    /// <summary>Returns a small file of a folder, or <see langword="null"/> if there is none.</summary>
    public static ModelJson? Find(string folder, string name) =>
        Path.Combine(folder, name) is var path && File.Exists(path) ? ModelJson.Read(path) : null;

    private static NotSupportedException Unsupported(string folder, string what) =>
        new($"'{folder}' is {what}. Models of a Transformer, Pooling and what follows it, StaticEmbedding models, followed by Normalize " +
            $"or not, and model2vec models can be loaded.");
}
