namespace Microsoft.ML.Mrl;

/// <summary>Represents the columns that a loss of your own needs besides the input, for <see cref="MrlObjective.Custom"/>.</summary>
/// <remarks>Columns that are not named are not read.</remarks>
public sealed class MrlCustomColumns
{
    /// <summary>
    /// Gets the embedding column of the input's width that becomes <see cref="EmbeddingBatch.Positives"/>. Default <see langword="null"/>:
    /// none.
    /// </summary>
    public string? PositiveColumnName { get; init; }

    /// <summary>
    /// Gets the embedding columns of the input's width that become <see cref="EmbeddingBatch.Negatives"/>. Default: none.
    /// </summary>
    public IReadOnlyList<string> NegativeColumnNames { get; init; } = [];

    /// <summary>
    /// Gets the column of classes that becomes <see cref="EmbeddingBatch.Labels"/>: a key, text, integer or Boolean. Rows without a label
    /// are left out. Default <see langword="null"/>: none.
    /// </summary>
    public string? LabelColumnName { get; init; }

    /// <summary>
    /// Gets the numeric column that becomes <see cref="EmbeddingBatch.Scores"/>. Rows without a score are left out. Default
    /// <see langword="null"/>: none.
    /// </summary>
    public string? ScoreColumnName { get; init; }

    /// <summary>
    /// Gets the embedding column of any width that becomes <see cref="EmbeddingBatch.Teachers"/> and is never given to the head.
    /// Default <see langword="null"/>: none.
    /// </summary>
    public string? TeacherColumnName { get; init; }

    /// <summary>
    /// Gets whether batches also carry the input vectors, as <see cref="EmbeddingBatch.Originals"/>. Default <see langword="false"/>.
    /// </summary>
    public bool IncludeOriginals { get; init; }
}
