using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl.Evaluation;

/// <summary>Chooses the dimensions at which a column is evaluated.</summary>
internal static class EvaluatedDimensions
{
    /// <summary>
    /// Returns the requested dimensions, or else the trained dimensions of the column together with the full width, or else the full width
    /// and its halves down to 8.
    /// </summary>
    /// <param name="dimensions">The dimensions asked for, if any.</param>
    /// <param name="column">The embedding column.</param>
    /// <param name="width">Its width D.</param>
    /// <exception cref="ArgumentOutOfRangeException">A dimension asked for is above D.</exception>
    public static MatryoshkaDimensions Choose(MatryoshkaDimensions? dimensions, DataViewSchema.Column column, int width)
    {
        if (dimensions is not null)
        {
            return dimensions.Largest <= width
                ? dimensions
                : throw new ArgumentOutOfRangeException(
                    nameof(dimensions),
                    dimensions.Largest,
                    $"Cannot evaluate at {dimensions.Largest}: column '{column.Name}' has {width} values. Choose 1..{width}.");
        }
        return EmbeddingAnnotations.TryGetTrainedDimensions(column, out MatryoshkaDimensions? trained)
            ? new MatryoshkaDimensions(trained.Where(m => m < width).Append(width))
            : MatryoshkaDimensions.HalvedFrom(width);
    }
}
