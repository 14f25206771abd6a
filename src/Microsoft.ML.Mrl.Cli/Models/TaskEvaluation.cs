using Microsoft.ML.Mrl.Cli.Data;

namespace Microsoft.ML.Mrl.Cli.Models;

/// <summary>Measures embeddings at what they are for.</summary>
internal static class TaskEvaluation
{
    /// <summary>The share of the full width's quality that a recommended dimension keeps, unless another is asked for.</summary>
    public const double DefaultShareToKeep = 0.99;

    /// <summary>Evaluates at every dimension.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="task">The task; not <see cref="TaskKind.Unsupervised"/>.</param>
    /// <param name="test">The rows, with the embedding, and that of the positive for pairs.</param>
    /// <param name="target">The label's or the score's column.</param>
    /// <param name="reference">The rows to classify by; <see langword="null"/> to leave one out.</param>
    /// <param name="dimensions">The dimensions; <see langword="null"/> for those that were trained.</param>
    public static DimensionReport Evaluate(MLContext mlContext, TaskKind task, IDataView test, string? target, IDataView? reference, MatryoshkaDimensions? dimensions)
    {
        MrlOperations operations = mlContext.Mrl();
        return task switch
        {
            TaskKind.Classification => operations.EvaluateClassification(test, TaskColumns.Embedding, target!, reference, dimensions),
            TaskKind.ScoredPairs => operations.EvaluateSimilarity(test, TaskColumns.Embedding, TaskColumns.PositiveEmbedding, target!, dimensions),
            _ => operations.EvaluateRetrieval(test, TaskColumns.Embedding, TaskColumns.PositiveEmbedding, dimensions),
        };
    }
}
