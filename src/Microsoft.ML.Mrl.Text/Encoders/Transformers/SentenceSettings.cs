using Microsoft.ML.Mrl.Files;

namespace Microsoft.ML.Mrl.Text.Encoders.Transformers;

/// <summary>What sentence-transformers does around the modules: a prompt before each text, lower case, a cut of the embedding.</summary>
/// <param name="Prompts">What may be put before texts.</param>
/// <param name="LowerCase">Whether texts are lower-cased first.</param>
/// <param name="Width">The width of embeddings after the cut.</param>
internal sealed record SentenceSettings(EncoderPrompts Prompts, bool LowerCase, int Width)
{
    /// <exception cref="NotSupportedException">Prompts are to be left out of the mean.</exception>
    /// <exception cref="InvalidDataException">A value is damaged.</exception>
    public static SentenceSettings Read(TransformerModel model)
    {
        ModelFiles files = model.Files;
        ModelJson? settings = files.FindJson(EncoderFolder.SentenceConfigFile);
        EncoderPrompts prompts = EncoderPrompts.Read(settings);
        if (prompts.Text(null).Length > 0 && !model.Modules.IncludesPrompt)
        {
            throw new NotSupportedException(
                $"'{files.Source}' leaves its default prompt out of the mean (include_prompt is false), which is not supported. " +
                $"Set default_prompt_name to null in {EncoderFolder.SentenceConfigFile}.");
        }
        string path = SentenceModules.Join(model.Modules.TransformerPath, "sentence_bert_config.json");
        bool lower = files.FindJson(path)?.Flag("do_lower_case", false) ?? false;
        return new SentenceSettings(prompts, lower, Math.Min(settings?.FindCount("truncate_dim") ?? int.MaxValue, model.Dimensions));
    }

    public string Prepare(string text) => LowerCase ? text.ToLowerInvariant() : text;
}
