using System.Text.Json;
using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Text.Tokenizers;

namespace Microsoft.ML.Mrl.Text.Encoders.Transformers;

/// <summary>What sentence-transformers does around the modules: a default prompt before each text, lower case, a cut of the
/// embedding.</summary>
/// <param name="Prompt">Put before every text.</param>
/// <param name="LowerCase">Whether texts are lower-cased first.</param>
/// <param name="Width">The width of embeddings after the cut.</param>
internal sealed record SentenceSettings(string Prompt, bool LowerCase, int Width)
{
    private const string FileName = "config_sentence_transformers.json";

    /// <exception cref="NotSupportedException">The prompt is to be left out of the mean.</exception>
    /// <exception cref="InvalidDataException">A value is damaged.</exception>
    public static SentenceSettings Read(TransformerModel model)
    {
        ModelFiles files = model.Files;
        ModelJson? settings = files.FindJson(FileName);
        string prompt = "";
        if (settings?.FindText("default_prompt_name") is { } name)
        {
            prompt = settings.Has("prompts") && settings.Root.GetProperty("prompts") is { ValueKind: JsonValueKind.Object } prompts
                && prompts.TryGetProperty(name, out JsonElement text) && text.ValueKind == JsonValueKind.String
                ? text.GetString()!
                : throw new InvalidDataException($"'{settings.Name}' names the default prompt '{name}', but has no prompt of that name.");
        }
        if (prompt.Length > 0 && !model.Modules.IncludesPrompt)
        {
            throw new NotSupportedException(
                $"'{files.Source}' leaves its default prompt out of the mean (include_prompt is false), which is not supported. Set " +
                $"default_prompt_name to null in {FileName}.");
        }
        bool lower = files.FindJson(
            SentenceModules.Join(model.Modules.TransformerPath, "sentence_bert_config.json"))?.Flag("do_lower_case", false) ?? false;
        return new SentenceSettings(prompt, lower, Math.Min(settings?.FindCount("truncate_dim") ?? int.MaxValue, model.Dimensions));
    }

    public string Prepare(string text) => LowerCase ? (Prompt + text).ToLowerInvariant() : Prompt.Length == 0 ? text : Prompt + text;
}
