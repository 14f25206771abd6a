namespace Microsoft.ML.Mrl;

/// <summary>Represents the options of <c>MrlFineTuneEncoder</c>, which trains the weights of a text encoder.</summary>
public sealed record MrlFineTuneEncoderOptions : MrlTrainingOptions
{
    /// <summary>
    /// Gets the encoder to start from, which is not changed. The input column and the objective's positive and negative columns are text.
    /// </summary>
    public required TextEncoder Encoder { get; init; }

    /// <summary>
    /// Gets how a transformer is fine-tuned, where <see cref="Encoder"/> is one; <see langword="null"/> (default) for all defaults.
    /// </summary>
    public TransformerTrainingOptions? Transformer { get; init; }
}
