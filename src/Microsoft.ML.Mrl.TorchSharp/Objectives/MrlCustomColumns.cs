namespace Microsoft.ML.Mrl;

/// <summary>Provides the names of the columns that a custom loss needs besides the input. See <see cref="MrlObjective.Custom"/>.</summary>
/// <remarks>Columns that are not named are not read.</remarks>
public sealed class MrlCustomColumns
{
    /// <summary>
    /// Gets the name of the column that becomes <see cref="EmbeddingBatch.Positives"/>, embeddings of the input's width. The default,
    /// <see langword="null"/>, means none.
    /// </summary>
    public string? PositiveColumnName { get; init; }

    /// <summary>
    /// Gets the names of the columns that become <see cref="EmbeddingBatch.Negatives"/>, embeddings of the input's width. The default is
    /// none.
    /// </summary>
    public IReadOnlyList<string> NegativeColumnNames { get; init; } = [];

    /// <summary>
    /// Gets the name of the column of classes that becomes <see cref="EmbeddingBatch.Labels"/>: a key, text, integer or Boolean column.
    /// Rows without a label are skipped. The default, <see langword="null"/>, means none.
    /// </summary>
    public string? LabelColumnName { get; init; }

    /// <summary>
    /// Gets the name of the numeric column that becomes <see cref="EmbeddingBatch.Scores"/>. Rows without a score are skipped. The default,
    /// <see langword="null"/>, means none.
    /// </summary>
    public string? ScoreColumnName { get; init; }

    /// <summary>
    /// Gets the name of the column that becomes <see cref="EmbeddingBatch.Teachers"/>, embeddings of any width. The head is not applied to
    /// it. The default, <see langword="null"/>, means none.
    /// </summary>
    public string? TeacherColumnName { get; init; }

    /// <summary>
    /// Gets a value indicating whether batches also contain the input vectors, as <see cref="EmbeddingBatch.Originals"/>. The default is
    /// <see langword="false"/>.
    /// </summary>
    public bool IncludeOriginals { get; init; }
}
