using System.Globalization;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Evaluation;

/// <summary>Represents the rows of an evaluation of classification.</summary>
/// <param name="Rows">The rows to classify, <c>[N, D]</c>.</param>
/// <param name="Labels">Their classes.</param>
/// <param name="Reference">The rows to classify by, <c>[R, D]</c>, or null if one row is left out.</param>
/// <param name="ReferenceLabels">Their classes.</param>
/// <param name="Classes">The number of classes C.</param>
/// <param name="Dimensions">The dimensions to evaluate at.</param>
/// <param name="Unlabelled">The rows without a label, which were left out.</param>
internal sealed record ClassificationRows(
    EmbeddingMatrix Rows,
    int[] Labels,
    EmbeddingMatrix? Reference,
    int[] ReferenceLabels,
    int Classes,
    MatryoshkaDimensions Dimensions,
    int Unlabelled)
{
    /// <summary>Evaluates these rows with other vectors, such as quantized ones.</summary>
    /// <param name="rows">The vectors of the rows.</param>
    /// <param name="reference">The vectors of the reference rows, null where one row is left out.</param>
    /// <param name="dimensions">The dimensions to evaluate at.</param>
    /// <param name="options">The metrics to compute.</param>
    public DimensionReport Evaluate(
        EmbeddingMatrix rows, EmbeddingMatrix? reference, MatryoshkaDimensions dimensions, ClassificationOptions options)
        => (reference is null
            ? ClassificationEvaluation.EvaluateLeaveOneOut(rows, Labels, Classes, dimensions, options)
            : ClassificationEvaluation.Evaluate(rows, Labels, reference.Value, ReferenceLabels, Classes, dimensions, options))
            .WithSkipped(Unlabelled, string.Create(CultureInfo.InvariantCulture, $"{Unlabelled} without a label"));
}
