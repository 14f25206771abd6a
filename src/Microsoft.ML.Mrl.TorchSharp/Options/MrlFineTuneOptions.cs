namespace Microsoft.ML.Mrl;

/// <summary>Represents the options of <c>MrlFineTune</c>, which trains a head on a column of embeddings.</summary>
public sealed record MrlFineTuneOptions : MrlTrainingOptions
{
    /// <summary>Gets what the training may do to the vectors. Default <see cref="HeadKind.Linear"/>, any linear map.</summary>
    public HeadKind Head { get; init; }

    /// <summary>
    /// Gets the width H of the hidden layer of a <see cref="HeadKind.Residual"/> head, at least 1; <see langword="null"/> (default) for
    /// twice the output width, at most 512. No other head has one.
    /// </summary>
    public int? HiddenDimensions { get; init; }
}
