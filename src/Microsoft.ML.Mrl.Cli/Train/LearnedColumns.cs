namespace Microsoft.ML.Mrl.Cli.Train;

/// <summary>The columns that a trainer reads: vectors for a head, texts for an encoder.</summary>
/// <param name="Input">The input's.</param>
/// <param name="Positive">The other side's.</param>
/// <param name="Negative">The negatives'.</param>
internal sealed record LearnedColumns(string Input, string? Positive, string? Negative)
{
    /// <summary>The columns that embeddings are made of to measure them, and those of the embeddings.</summary>
    public InputOutputColumnPair[] Embedded => Positive is null
        ? [new(TaskColumns.Embedding, Input)]
        : [new(TaskColumns.Embedding, Input), new(TaskColumns.PositiveEmbedding, Positive)];
}
