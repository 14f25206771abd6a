namespace Microsoft.ML.Mrl;

/// <summary>Represents the options of <c>MrlFineTune</c>, which trains a head on a column of embeddings.</summary>
public sealed record MrlFineTuneOptions : MrlTrainingOptions
{
    /// <summary>
    /// Gets what the training may do to the vectors. <see langword="null"/> (default) leaves it open: a rotation, which keeps the full vectors as they
    /// are, where the objective is measured by the input vectors themselves and the output is as wide as the input; a linear and a residual head,
    /// of which the better is kept, for classes; a linear one otherwise.
    /// </summary>
    public HeadKind? Head { get; init; }

    /// <summary>
    /// Gets the width H of the hidden layer of a <see cref="HeadKind.Residual"/> head, at least 1; <see langword="null"/> (default) for
    /// twice the output width, at most 512. No other head has one.
    /// </summary>
    public int? HiddenDimensions { get; init; }
}
