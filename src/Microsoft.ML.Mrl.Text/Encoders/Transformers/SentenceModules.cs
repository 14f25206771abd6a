using Microsoft.ML.Mrl.Files;

namespace Microsoft.ML.Mrl.Text.Encoders.Transformers;

/// <summary>What follows the encoder: from token vectors to the embedding. Read from <c>modules.json</c>.</summary>
/// <param name="TransformerPath">The folder of the encoder, relative; empty for the model's own.</param>
/// <param name="Pooling">How token vectors become one.</param>
/// <param name="Steps">What then happens to it, in order.</param>
internal sealed record SentenceModules(string TransformerPath, PoolingModes Pooling, IReadOnlyList<SentenceStep> Steps)
{
    /// <summary>Whether the tokens of a prompt are pooled with those of the text.</summary>
    public bool IncludesPrompt { get; init; } = true;

    private const string Supported = "Supported are Transformer first, then Pooling, then Dense and Normalize in any order and number";

    /// <summary>Reads the modules; a folder without <c>modules.json</c> is a plain encoder, which is pooled by its mean, as
    /// sentence-transformers does.</summary>
    /// <exception cref="NotSupportedException">There is a module that is not known, or one at another place.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or the widths of two modules do not fit.</exception>
    public static SentenceModules Read(ModelFiles files, Func<string, TensorFile> readDense, bool allowsLastToken = false)
    {
        if (files.Find(EncoderModule.FileName) is not { } bytes)
        {
            return new SentenceModules("", PoolingModes.Mean, []);
        }
        string name = $"{files.Source}/{EncoderModule.FileName}";
        EncoderModule[] modules = EncoderModule.ReadAll(name, bytes);
        if (modules is not [("Transformer", var transformer), ("Pooling", var pooling), ..])
        {
            throw new NotSupportedException(
                $"'{name}' lists {(modules.Length == 0 ? "no modules" : string.Join(", ", modules.Select(m => m.Type)))}. {Supported}.");
        }
        var steps = new List<SentenceStep>();
        foreach ((string kind, string path) in modules.Skip(2))
        {
            switch (kind)
            {
                case "Normalize":
                    steps.Add(SentenceStep.Normalize);
                    break;
                case "Dense":
                    steps.Add(DenseStep.Read(files, path, readDense));
                    break;
                case "Dropout":
                    // Of use in training only.
                    break;
                default:
                    throw new NotSupportedException($"'{name}' has a module {kind}, which is not supported. {Supported}.");
            }
        }
        ModelJson config = files.RequireJson(Join(pooling, "config.json"), "It says how token vectors are pooled.");
        return new SentenceModules(
            transformer, PoolingModesReader.Read(config, allowsLastToken), steps) { IncludesPrompt = config.Flag("include_prompt", true) };
    }

    /// <summary>The width of the embedding.</summary>
    /// <param name="hidden">The width of a token's vector.</param>
    /// <exception cref="InvalidDataException">The widths of two modules do not fit.</exception>
    public int Width(int hidden)
    {
        int width = hidden * Pooling.Count();
        foreach (DenseStep dense in Steps.OfType<DenseStep>())
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

    public static string Join(string folder, string file) => folder.Length == 0 ? file : $"{folder}/{file}";
}

/// <summary>Something that is done to a pooled vector.</summary>
internal abstract record SentenceStep
{
    /// <summary>x / max(|x|, 1e-12).</summary>
    public static SentenceStep Normalize { get; } = new NormalizeStep();

    private sealed record NormalizeStep : SentenceStep;
}
