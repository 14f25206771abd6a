namespace Microsoft.ML.Mrl;

/// <summary>Represents the options of <c>MrlFineTune</c>, which trains a head on a column of embeddings.</summary>
public sealed record MrlFineTuneOptions : MrlTrainingOptions
{
    /// <summary>
    /// Gets what the training may do to the vectors. <see langword="null"/> (default) leaves it open: a rotation, which keeps the full
    /// vectors as they are, where the objective is measured by the input vectors themselves and the output is as wide as the input; a
    /// residual and a linear head, of which the better is kept, for classes, pairs and triplets; a linear one otherwise.
    /// </summary>
    public HeadKind? Head { get; init; }

    /// <summary>
    /// Gets the width H of the hidden layer of a <see cref="HeadKind.Residual"/> head, at least 1; <see langword="null"/> (default) for
    /// twice the output width, at most 512. No other head has one.
    /// </summary>
    public int? HiddenDimensions { get; init; }

    /// <summary>
    /// Gets a value that indicates whether the full vectors shall stay good for other uses than the one that is trained for. A head that is
    /// trained with labels or pairs brings together what they say belongs together, and forgets what else the vectors could tell apart.
    /// With <see langword="true"/> no more than the first quarter of the output is learned and short; the start, by default the principal
    /// components, follows behind it and decides most of the cosine at the full width. Short prefixes gain as much as without, long ones
    /// less. Default <see langword="false"/>. A rotation keeps the full vectors in any case.
    /// </summary>
    public bool Transfer { get; init; }
}
