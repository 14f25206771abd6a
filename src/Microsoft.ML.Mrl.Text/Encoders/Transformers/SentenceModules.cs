using Microsoft.ML.Mrl.Files;

namespace Microsoft.ML.Mrl.Text.Encoders.Transformers;

/// <summary>Represents the modules that turn token vectors into the embedding. They are read from <c>modules.json</c>.</summary>
/// <param name="TransformerPath">The folder of the encoder, relative; empty for the model's own.</param>
/// <param name="Pooling">How token vectors become one; several are set side by side in their order. None where the graph does it.</param>
/// <param name="Steps">The steps that are then applied to the vector, in order.</param>
internal sealed record SentenceModules(string TransformerPath, IReadOnlyList<PoolingMode> Pooling, IReadOnlyList<SentenceStep> Steps)
{
    /// <summary>Gets a value indicating whether the tokens of a prompt are pooled with those of the text.</summary>
    public bool IncludesPrompt { get; init; } = true;

    private const string Supported = "Supported are Transformer first, then Pooling, then Dense and Normalize in any order and number";

    /// <summary>
    /// Reads the modules; a folder without <c>modules.json</c> is a plain encoder, which is pooled by its mean, as sentence-transformers
    /// does.
    /// </summary>
    /// <exception cref="NotSupportedException">A module is not supported, or is not supported at its position.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or the widths of two modules do not fit.</exception>
    public static SentenceModules Read(ModelFiles files, Func<string, TensorFile> readDense, bool allowsLastToken = false)
    {
        if (files.Find(EncoderModule.FileName) is not { } bytes)
        {
            return new SentenceModules("", [PoolingMode.Mean], []);
        }
        string name = $"{files.Source}/{EncoderModule.FileName}";
        EncoderModule[] modules = EncoderModule.ReadAll(name, bytes);
        if (modules is not [("Transformer", var transformer), ("Pooling", var pooling), ..])
        {
            throw new NotSupportedException(
                $"'{name}' lists {(modules.Length == 0 ? "no modules" : string.Join(", ", modules.Select(m => m.Type)))}. {Supported}.");
        }
        IReadOnlyList<SentenceStep> steps = SentenceStep.ReadAll(files, modules.Skip(2), readDense, name, Supported);
        ModelJson config = files.RequireJson(Join(pooling, "config.json"), "It says how token vectors are pooled.");
        return new SentenceModules(
            transformer, PoolingModesReader.Read(config, allowsLastToken), steps) { IncludesPrompt = config.Flag("include_prompt", true) };
    }

    /// <summary>Returns the width of the embedding.</summary>
    /// <param name="hidden">The width of a token's vector.</param>
    /// <exception cref="InvalidDataException">The widths of two modules do not fit.</exception>
    public int Width(int hidden)
    {
        return SentenceStep.Width(Steps, hidden * Pooling.Count);
    }

    public static string Join(string folder, string file) => folder.Length == 0 ? file : $"{folder}/{file}";
}

/// <summary>Represents a step that is applied to a pooled vector.</summary>
internal abstract record SentenceStep
{
    /// <summary>Gets the step x / max(|x|, 1e-12).</summary>
    public static SentenceStep Normalize { get; } = new NormalizeStep();

    /// <summary>Returns the width that some steps give.</summary>
    /// <param name="steps">The steps.</param>
    /// <param name="width">The width of what they are given.</param>
    /// <exception cref="InvalidDataException">The widths of two modules do not fit.</exception>
    public static int Width(IEnumerable<SentenceStep> steps, int width)
    {
        foreach (DenseStep dense in steps.OfType<DenseStep>())
        {
            if (dense.Inputs != width)
            {
                throw new InvalidDataException(
                    $"Module '{dense.Path}' takes {dense.Inputs} values, but what comes before it gives {width}.");
            }
            width = dense.Outputs;
        }
        return width;
    }

    /// <summary>Reads the modules that follow the pooled vector.</summary>
    /// <param name="files">The model's files.</param>
    /// <param name="modules">The modules.</param>
    /// <param name="readDense">Reads the weights of a folder.</param>
    /// <param name="name">The file that lists them, for messages.</param>
    /// <param name="supported">What is supported, for messages.</param>
    /// <exception cref="NotSupportedException">A module or a setting is not supported.</exception>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    public static IReadOnlyList<SentenceStep> ReadAll(
        ModelFiles files, IEnumerable<EncoderModule> modules, Func<string, TensorFile> readDense, string name, string supported)
    {
        var steps = new List<SentenceStep>();
        foreach ((string kind, string path) in modules)
        {
            switch (kind)
            {
                case "Normalize":
                    ModuleKeys.CheckFile(
                        files, path, [], ("module_input_name", "sentence_embedding"), ("module_output_name", "sentence_embedding"));
                    steps.Add(Normalize);
                    break;
                case "Dense":
                    steps.Add(DenseStep.Read(files, path, readDense));
                    break;
                case "Dropout":
                    // Of use in training only.
                    ModuleKeys.CheckFile(files, path, ["dropout"]);
                    break;
                default:
                    throw new NotSupportedException($"'{name}' has a module {kind}, which is not supported. {supported}.");
            }
        }
        return steps;
    }

    private sealed record NormalizeStep : SentenceStep;
}
