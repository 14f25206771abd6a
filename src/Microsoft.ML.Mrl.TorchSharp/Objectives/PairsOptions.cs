using Microsoft.ML.Mrl.TorchSharp.Losses;

namespace Microsoft.ML.Mrl;

/// <summary>Everything that can be said about learning from pairs.</summary>
public sealed record PairsOptions
{
    /// <summary>An embedding column of the input's width that belongs to the input.</summary>
    public required string PositiveColumnName { get; init; }

    /// <summary>Embedding columns of the input's width that must not be near the input (hard negatives). Default none.</summary>
    public IReadOnlyList<string> NegativeColumnNames { get; init; } = [];

    /// <summary>Divides the cosines; above 0. Default 0.05.</summary>
    public double Temperature { get; init; } = 0.05;

    /// <summary>Whether inputs look for their positives (default) or each side for the other.</summary>
    public ContrastDirection Direction { get; init; } = ContrastDirection.OneWay;

    /// <summary>
    /// A column that marks what belongs together: the positive of a row with the same label is no negative. A key, text, integer or boolean column; rows without a label are left
    /// out. <see langword="null"/> (default) for none.
    /// </summary>
    public string? LabelColumnName { get; init; }

    /// <summary>
    /// Whether equal vectors are told apart from chance (default): a candidate equal to the row's own positive or to its input, and the positive of an equal input, are no
    /// negatives, and batches are put together so that such rows rarely meet.
    /// </summary>
    public bool ExcludesEqualVectors { get; init; } = true;

    /// <summary>
    /// Candidates whose cosine with the input exceeds that of the row's own positive by more than this are no negatives; cosines of the embeddings at full width decide for
    /// all dimensions. −2..2; below 0 also leaves out candidates nearly as near as the positive. <see langword="null"/> (default) leaves out none.
    /// </summary>
    public double? SimilarityMargin { get; init; }
}
