namespace Microsoft.ML.Mrl;

/// <summary>Provides options for <see cref="MrlObjective.Pairs(PairsOptions)"/>.</summary>
public sealed class PairsOptions
{
    /// <summary>Gets the name of the column of positives, embeddings of the input's width.</summary>
    public required string PositiveColumnName { get; init; }

    /// <summary>Gets the names of the columns of hard negatives, embeddings of the input's width. The default is none.</summary>
    public IReadOnlyList<string> NegativeColumnNames { get; init; } = [];

    /// <summary>Gets the number that the cosines are divided by, above 0. The default is 0.05.</summary>
    public double Temperature { get; init; } = 0.05;

    /// <summary>Gets the direction of the loss. By default, inputs must find their positives.</summary>
    public ContrastDirection Direction { get; init; } = ContrastDirection.OneWay;

    /// <summary>
    /// Gets the name of a column of classes: a key, text, integer or Boolean column. The positives of rows with the same label are not
    /// negatives. Rows without a label are skipped. The default, <see langword="null"/>, means none.
    /// </summary>
    public string? LabelColumnName { get; init; }

    /// <summary>
    /// Gets a value indicating whether equal vectors are excluded from the negatives. A candidate that equals the row's input or positive,
    /// and the positive of an equal input, is then not a negative, and such rows are rarely put into the same batch. The default is
    /// <see langword="true"/>.
    /// </summary>
    public bool ExcludeEqualVectors { get; init; } = true;

    /// <summary>
    /// Gets the margin, −2..2, by which a candidate's cosine with the input may exceed that of the row's own positive. Candidates beyond it
    /// are excluded as false negatives. Cosines at the full width decide for all dimensions. A margin below 0 also excludes candidates that
    /// are nearly as similar as the positive. The default, <see langword="null"/>, excludes no candidate.
    /// </summary>
    public double? SimilarityMargin { get; init; }
}
