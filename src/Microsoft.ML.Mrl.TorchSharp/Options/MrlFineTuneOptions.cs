namespace Microsoft.ML.Mrl;

/// <summary>Provides options for <c>MrlFineTune</c>, which trains a head on a column of embeddings.</summary>
public sealed record MrlFineTuneOptions : MrlTrainingOptions
{
    /// <summary>
    /// Gets the kind of head to train. The default, <see langword="null"/>, chooses it. If the objective is measured by the input vectors
    /// themselves and the output is as wide as the input, it is a rotation, which keeps the cosines of the full vectors. For classes, a
    /// linear and a residual head are trained and the better one is kept. Otherwise it is a linear head.
    /// </summary>
    public HeadKind? Head { get; init; }

    /// <summary>
    /// Gets the width H of the hidden layer of a <see cref="HeadKind.Residual"/> head, at least 1. The default, <see langword="null"/>, is
    /// twice the output width, but at most 512. Other heads have no hidden layer.
    /// </summary>
    public int? HiddenDimensions { get; init; }
}
