using System.Globalization;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Evaluation;

/// <summary>Evaluates similarity from columns of a view.</summary>
internal static class SimilarityView
{
    public static DimensionReport Evaluate(
        IDataView data,
        string embeddingColumnName,
        string otherEmbeddingColumnName,
        string scoreColumnName,
        MatryoshkaDimensions? dimensions,
        IReadOnlyList<EmbeddingType> types,
        IDataView? calibration)
    {
        SimilarityRows rows = Read(data, embeddingColumnName, otherEmbeddingColumnName, scoreColumnName, dimensions);
        return TypedEvaluation.Run(
            rows.Left,
            rows.Right,
            () => calibration is null
                ? new EmbeddingMatrix((float[])[.. rows.Left.Values.Span, .. rows.Right.Values.Span], 2 * rows.Left.Count, rows.Left.Width)
                : TypedEvaluation.ReadCalibration(calibration, embeddingColumnName, rows.Left.Width),
            calibration is null ? "the evaluated pairs themselves" : "other rows",
            quantizeQueries: true,
            rows.Dimensions,
            types,
            (left, right, at) => rows.Evaluate(left, right!.Value, at));
    }

    private static SimilarityRows Read(
        IDataView data,
        string embeddingColumnName,
        string otherEmbeddingColumnName,
        string scoreColumnName,
        MatryoshkaDimensions? dimensions)
    {
        var left = new EmbeddingColumnReader(data.Schema, embeddingColumnName, "embedding", nameof(embeddingColumnName));
        var right = new EmbeddingColumnReader(data.Schema, otherEmbeddingColumnName, "other embedding", nameof(otherEmbeddingColumnName));
        var score = new NumberColumnReader(data.Schema, scoreColumnName, "score", nameof(scoreColumnName));
        if (left.Width != right.Width)
        {
            throw SchemaErrors.Mismatch(
                nameof(otherEmbeddingColumnName),
                "other embedding",
                otherEmbeddingColumnName,
                left.Column.Type.ToString()!,
                right.Column.Type.ToString()!);
        }
        MatryoshkaDimensions chosen = EvaluatedDimensions.Choose(dimensions, left.Column, left.Width);

        var scores = new List<float>();
        int missing = 0;
        using DataViewRowCursor cursor = data.GetRowCursor([left.Column, right.Column, score.Column]);
        left.Open(cursor, data.GetRowCount());
        right.Open(cursor, data.GetRowCount());
        score.Open(cursor);
        while (cursor.MoveNext())
        {
            float value = score.Read();
            if (float.IsNaN(value))
            {
                missing++;
                continue;
            }
            if (float.IsInfinity(value))
            {
                throw new InvalidOperationException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"The score column '{scoreColumnName}' has {value} in row {cursor.Position} (counted from 0). " +
                    $"Repair or filter out such rows."));
            }
            scores.Add(value);
            left.Append();
            right.Append();
        }
        if (scores.Count == 0)
        {
            throw new InvalidOperationException(
                $"Nothing to evaluate: data has no row with a value in score column '{scoreColumnName}' ({missing} without). " +
                "Check the view and its filters.");
        }
        return new SimilarityRows(left.ToMatrix(), right.ToMatrix(), [.. scores], chosen, missing);
    }
}

/// <summary>Represents the rows of an evaluation of similarity.</summary>
/// <param name="Left">One side of the pairs, <c>[N, D]</c>.</param>
/// <param name="Right">The other side, <c>[N, D]</c>.</param>
/// <param name="Scores">N scores.</param>
/// <param name="Dimensions">The dimensions to evaluate at.</param>
/// <param name="Unscored">The pairs without a score, which were left out.</param>
internal sealed record SimilarityRows(
    EmbeddingMatrix Left, EmbeddingMatrix Right, float[] Scores, MatryoshkaDimensions Dimensions, int Unscored)
{
    /// <summary>Evaluates these pairs with other vectors, such as quantized ones.</summary>
    public DimensionReport Evaluate(EmbeddingMatrix left, EmbeddingMatrix right, MatryoshkaDimensions dimensions)
        => SimilarityEvaluation.Evaluate(left, right, Scores, dimensions)
            .WithSkipped(Unscored, string.Create(CultureInfo.InvariantCulture, $"{Unscored} without a score"));
}
