namespace Microsoft.ML.Mrl;

/// <summary>Provides options for <c>MrlFineTuneEncoder</c>, which trains the weights of a text encoder.</summary>
public sealed record MrlFineTuneEncoderOptions : MrlTrainingOptions
{
    /// <summary>
    /// Gets the encoder to start from, which stays unchanged. The input column and the objective's positive and negative columns are text.
    /// </summary>
    public required TextEncoder Encoder { get; init; }

    /// <summary>
    /// Gets the options that only the training of a transformer has. The default, <see langword="null"/>, means their defaults. If
    /// <see cref="Encoder"/> is not a transformer, this must be <see langword="null"/>.
    /// </summary>
    public TransformerTrainingOptions? Transformer { get; init; }
}
