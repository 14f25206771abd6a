namespace Microsoft.ML.Mrl;

/// <summary>Provides options for <c>MrlFineTune</c>, which trains a head on a column of embeddings.</summary>
public sealed record MrlFineTuneOptions : MrlTrainingOptions
{
    /// <summary>
    /// Gets the kind of head to train. The default, <see langword="null"/>, chooses it. If the objective is measured by the input vectors
    /// themselves and the output is as wide as the input, it is a rotation, which keeps the cosines of the full vectors. For classes, pairs
    /// and triplets, a residual and a linear head are trained and the better one is kept. Otherwise it is a linear head.
    /// </summary>
    public HeadKind? Head { get; init; }

    /// <summary>
    /// Gets the width H of the hidden layer of a <see cref="HeadKind.Residual"/> head, at least 1. The default, <see langword="null"/>, is
    /// twice the output width, but at most 512. Other heads have no hidden layer.
    /// </summary>
    public int? HiddenDimensions { get; init; }

    /// <summary>
    /// Gets a value that indicates whether the full vectors must stay good for other uses than the one that is trained for. A head that is
    /// trained with labels or pairs moves together what belongs together by them, and loses what else the vectors could tell apart. If the
    /// value is <see langword="true"/>, at most the first quarter of the output is learned. The starting point, by default the principal
    /// components, follows behind it and dominates the cosine at the full width. Short prefixes gain as much as they do otherwise, long
    /// ones less. The default is <see langword="false"/>. A rotation keeps the full vectors in any case.
    /// </summary>
    public bool Transfer { get; init; }
}
