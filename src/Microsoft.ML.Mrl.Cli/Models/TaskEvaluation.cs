using Microsoft.ML.Mrl.Cli.Data;

namespace Microsoft.ML.Mrl.Cli.Models;

/// <summary>Measures embeddings at their task.</summary>
internal static class TaskEvaluation
{
    /// <summary>The share of the full width's quality that a recommended dimension keeps, unless another is asked for.</summary>
    public const double DefaultShareToKeep = 0.98;

    /// <summary>Evaluates embeddings at every dimension.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="task">The task, which is not <see cref="TaskKind.Unsupervised"/>.</param>
    /// <param name="test">The rows with their embeddings and, for pairs, those of the positives.</param>
    /// <param name="target">The column of the label or the score.</param>
    /// <param name="reference">The rows to classify by; <see langword="null"/> to classify each row by all others.</param>
    /// <param name="dimensions">The dimensions, or <see langword="null"/> for those that were trained.</param>
    public static DimensionReport Evaluate(
        MLContext mlContext, TaskKind task, IDataView test, string? target, IDataView? reference, MatryoshkaDimensions? dimensions)
    {
        MrlOperations operations = mlContext.Mrl();
        return task switch
        {
            TaskKind.Classification => operations.EvaluateClassification(test, TaskColumns.Embedding, target!, reference, dimensions),
            TaskKind.ScoredPairs =>
                operations.EvaluateSimilarity(test, TaskColumns.Embedding, TaskColumns.PositiveEmbedding, target!, dimensions),
            _ => operations.EvaluateRetrieval(test, TaskColumns.Embedding, TaskColumns.PositiveEmbedding, dimensions),
        };
    }
}
