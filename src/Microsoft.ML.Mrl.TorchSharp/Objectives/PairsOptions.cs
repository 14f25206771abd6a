namespace Microsoft.ML.Mrl;

/// <summary>Represents the options of <see cref="MrlObjective.Pairs(PairsOptions)"/>.</summary>
public sealed class PairsOptions
{
    /// <summary>Gets the embedding column of the input's width that belongs to the input.</summary>
    public required string PositiveColumnName { get; init; }

    /// <summary>Gets the embedding columns of the input's width that must not be near the input: hard negatives. Default: none.</summary>
    public IReadOnlyList<string> NegativeColumnNames { get; init; } = [];

    /// <summary>Gets the number that the cosines are divided by, above 0. Default 0.05.</summary>
    public double Temperature { get; init; } = 0.05;

    /// <summary>Gets which side of a pair must find the other. Default: inputs their positives.</summary>
    public ContrastDirection Direction { get; init; } = ContrastDirection.OneWay;

    /// <summary>
    /// Gets the column that marks what belongs together: the positive of a row with the same label is not a negative. A key, text, integer
    /// or Boolean column; rows without a label are left out. Default <see langword="null"/>: none.
    /// </summary>
    public string? LabelColumnName { get; init; }

    /// <summary>
    /// Gets whether equal vectors are recognised. A candidate equal to the row's own positive or to its input, and the positive of an equal
    /// input, is then not a negative, and batches are put together so that such rows rarely meet. Default <see langword="true"/>.
    /// </summary>
    public bool ExcludeEqualVectors { get; init; } = true;

    /// <summary>
    /// Gets by how much, −2..2, a candidate's cosine with the input may exceed that of the row's own positive before the candidate is taken
    /// for a false negative and left out. Cosines at the full width decide for all dimensions. A number below 0 also leaves out candidates
    /// that are nearly as near as the positive. Default <see langword="null"/>: no candidate is left out.
    /// </summary>
    public double? SimilarityMargin { get; init; }
}
