using System.Text.Json;
using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Text.Encoders.Transformers.Tokenizers;

namespace Microsoft.ML.Mrl.Text.Encoders.Transformers;

/// <summary>Represents the configuration of sentence-transformers' Transformer module: <c>sentence_bert_config.json</c>.</summary>
/// <param name="MaxLength">The maximum number of tokens of a text, or <see langword="null"/> if the file names none.</param>
/// <param name="LowerCase">Whether texts are converted to lower case first.</param>
internal sealed record SentenceConfig(int? MaxLength, bool LowerCase)
{
    public const string FileName = "sentence_bert_config.json";

    /// <summary>The minimum number of tokens of a text: the two special tokens.</summary>
    private const int MinTokens = 2;

    /// <summary>The names that the file has in folders of early versions.</summary>
    public static readonly string[] FileNames =
    [
        FileName, "sentence_roberta_config.json", "sentence_distilbert_config.json", "sentence_camembert_config.json",
        "sentence_albert_config.json", "sentence_xlm-roberta_config.json", "sentence_xlnet_config.json",
    ];

    /// <summary>Reads the file of a folder, or <see langword="null"/> if there is none.</summary>
    /// <exception cref="InvalidDataException">A value is damaged.</exception>
    /// <exception cref="NotSupportedException">The file has a setting that is not supported.</exception>
    public static SentenceConfig? Find(ModelFiles files, string folder)
    {
        ModelJson? found = FileNames.Select(name => files.FindJson(SentenceModules.Join(folder, name)))
            .FirstOrDefault(json => json is not null);
        if (found is not { } file)
        {
            return null;
        }
        ModuleKeys.Check(
            file, ["max_seq_length", "do_lower_case", "unpad_inputs", "modality_config"],
            ("transformer_task", "feature-extraction"), ("module_output_name", "token_embeddings"), ("message_format", "auto"));
        if (file.Has("modality_config") && !IsText(file.Root.GetProperty("modality_config")))
        {
            throw new NotSupportedException(
                $"'{file.Name}': modality_config is {file.Root.GetProperty("modality_config")}. Supported are texts, of which the " +
                $"last layer is taken.");
        }
        return new SentenceConfig(file.FindCount("max_seq_length", MinTokens), file.Flag("do_lower_case", false));
    }

    /// <summary>Determines whether the file of a folder says that texts are converted to lower case first.</summary>
    public static bool Lowers(ModelFiles files, string folder) => Find(files, folder)?.LowerCase ?? false;

    /// <summary>Returns the length limit that a folder's files name, or <see langword="null"/> for none.</summary>
    public static int? FindMaxLength(ModelFiles files, string folder)
    {
        if (Find(files, folder)?.MaxLength is { } limit)
        {
            return limit;
        }
        // "No limit" is written as a number of thirty digits.
        ModelJson? settings = files.FindJson(SentenceModules.Join(folder, TransformerTokenizerReader.Settings));
        return settings?.FindNumber("model_max_length") is { } model
            && model >= MinTokens && model <= int.MaxValue
            ? (int)model
            : null;
    }

    private static bool IsText(JsonElement modalities) => modalities.ValueKind == JsonValueKind.Object
        && modalities.EnumerateObject().All(modality => modality.Name == "text" && modality.Value.ValueKind == JsonValueKind.Object
            && modality.Value.EnumerateObject().All(part => (part.Name, part.Value.ToString()) is ("method", "forward")
                or ("method_output_name", "last_hidden_state")));
}

/// <summary>
/// Represents what sentence-transformers does around the modules: it puts a prompt before each text, and cuts the embedding.
/// </summary>
/// <param name="Prompts">The prompts that can be put before texts.</param>
/// <param name="Width">The width of embeddings after the cut.</param>
internal sealed record SentenceSettings(EncoderPrompts Prompts, int Width)
{
    /// <exception cref="NotSupportedException">The tokens of the default prompt are not pooled, or a setting is not supported.</exception>
    /// <exception cref="InvalidDataException">A value is damaged.</exception>
    public static SentenceSettings Read(TransformerModel model)
    {
        ModelFiles files = model.Files;
        ModelJson? settings = files.FindJson(EncoderFolder.SentenceConfigFile);
        EncoderPrompts prompts = EncoderPrompts.Read(settings, model.Modules.IncludesPrompt);
        prompts.CheckDefault();
        return new SentenceSettings(prompts, Math.Min(settings?.FindCount("truncate_dim") ?? int.MaxValue, model.Dimensions));
    }
}
