using Microsoft.ML.Mrl.Files;

namespace Microsoft.ML.Mrl.Text.Encoders.Transformers;

/// <summary>What sentence-transformers does around the modules: a prompt before each text, a cut of the embedding.</summary>
/// <param name="Prompts">What may be put before texts.</param>
/// <param name="Width">The width of embeddings after the cut.</param>
internal sealed record SentenceSettings(EncoderPrompts Prompts, int Width)
{
    /// <exception cref="NotSupportedException">The default prompt is to be left out of the mean, or a setting is not known.</exception>
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
