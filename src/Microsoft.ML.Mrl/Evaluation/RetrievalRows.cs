using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Evaluation;

/// <summary>What a retrieval is evaluated on.</summary>
/// <param name="Queries">The queries, <c>[Q, D]</c>.</param>
/// <param name="Documents">The documents, <c>[N, D]</c>.</param>
/// <param name="Relevant">The documents of each query.</param>
/// <param name="Identical">For each query the document with the same id, or -1.</param>
/// <param name="Dimensions">The dimensions to evaluate at.</param>
/// <param name="Note">What the reader of the numbers must know; empty for nothing.</param>
internal sealed record RetrievalRows(
    EmbeddingMatrix Queries, EmbeddingMatrix Documents, RelevantDocument[][] Relevant, int[] Identical, MatryoshkaDimensions Dimensions, string Note);
