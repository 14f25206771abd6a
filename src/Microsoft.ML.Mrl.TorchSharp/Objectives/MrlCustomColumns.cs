namespace Microsoft.ML.Mrl;

/// <summary>The columns that a loss of one's own needs besides the input. Those left out are not read.</summary>
public sealed record MrlCustomColumns
{
    /// <summary>An embedding column of the input's width: <see cref="EmbeddingBatch.Positives"/>.</summary>
    public string? PositiveColumnName { get; init; }

    /// <summary>Embedding columns of the input's width: <see cref="EmbeddingBatch.Negatives"/>. Default none.</summary>
    public IReadOnlyList<string> NegativeColumnNames { get; init; } = [];

    /// <summary>The class of each row, a key, text, integer or boolean column: <see cref="EmbeddingBatch.Labels"/>. Rows without a label are left out.</summary>
    public string? LabelColumnName { get; init; }

    /// <summary>A numeric column: <see cref="EmbeddingBatch.Scores"/>. Rows without a score are left out.</summary>
    public string? ScoreColumnName { get; init; }

    /// <summary>An embedding column of any width, never given to the head: <see cref="EmbeddingBatch.Teachers"/>.</summary>
    public string? TeacherColumnName { get; init; }

    /// <summary>Whether batches also carry the input vectors as they came: <see cref="EmbeddingBatch.Originals"/>. Default no.</summary>
    public bool IncludesOriginals { get; init; }
}
