using System.Globalization;
using System.Numerics.Tensors;

namespace Microsoft.ML.Mrl.Postgres.Tables;

/// <summary>Checks whether pgvector accepts a vector and can compute cosines of its prefix and of the whole vector.</summary>
internal static class VectorValidation
{
    /// <summary>
    /// The smallest normal number of single precision, in which pgvector sums squares: below it the cosine loses its digits, at zero it is
    /// NaN.
    /// </summary>
    private const float SmallestSquare = 1.17549435E-38f;

    /// <summary>
    /// Describes what is wrong with a vector as a row of half precision, as the end of a sentence about it, or null if nothing is.
    /// </summary>
    /// <param name="vector">The original vector.</param>
    /// <param name="rounded">The vector, rounded to half precision.</param>
    /// <param name="shortDimensions">The prefix length.</param>
    public static string? Problem(ReadOnlySpan<float> vector, ReadOnlySpan<Half> rounded, int shortDimensions)
    {
        for (int slot = 0; slot < vector.Length; slot++)
        {
            if (float.IsFinite(vector[slot]) && !Half.IsFinite(rounded[slot]))
            {
                return string.Create(CultureInfo.InvariantCulture,
                    $"has {vector[slot]} in slot {slot}, counted from 0, beyond the {(float)Half.MaxValue} of half precision");
            }
        }
        var widened = new float[rounded.Length];
        TensorPrimitives.ConvertToSingle(rounded, widened);
        return Problem(widened, shortDimensions);
    }

    /// <summary>Describes what is wrong with a vector, as the end of a sentence about it, or null if nothing is.</summary>
    public static string? Problem(ReadOnlySpan<float> vector, int shortDimensions)
    {
        for (int slot = 0; slot < vector.Length; slot++)
        {
            if (!float.IsFinite(vector[slot]))
            {
                return string.Create(CultureInfo.InvariantCulture,
                    $"has {vector[slot]} in slot {slot}, counted from 0, which pgvector does not take");
            }
        }
        float square = TensorPrimitives.SumOfSquares(vector[..shortDimensions]);
        if (square < SmallestSquare)
        {
            return string.Create(CultureInfo.InvariantCulture,
                $"has only zeros or nearly so in its first {shortDimensions} values, and so no cosine there");
        }
        return float.IsFinite(TensorPrimitives.SumOfSquares(vector)) ? null : "is too long for a cosine in single precision";
    }
}
