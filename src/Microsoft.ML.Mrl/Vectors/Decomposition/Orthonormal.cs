using System.Numerics.Tensors;

namespace Microsoft.ML.Mrl.Vectors.Decomposition;

/// <summary>
/// Makes vectors orthonormal one after the other (modified Gram-Schmidt, twice over), so that the first ones span what they spanned before.
/// </summary>
internal static class Orthonormal
{
    // What is left of a vector that lay in the span of those before it is rounding.
    private const double Dependent = 1e-10;

    /// <param name="vectors">
    /// The vectors, one in each row, <c>[count, width]</c>. One that depends on those before it becomes zeros.
    /// </param>
    /// <param name="count">The number of them.</param>
    /// <param name="width">The number of values of each.</param>
    public static void Make(double[] vectors, int count, int width)
    {
        double[] lengths = [.. Enumerable.Range(0, count).Select(i => Length(vectors.AsSpan(i * width, width)))];
        for (int pass = 0; pass < 2; pass++)
        {
            for (int i = 0; i < count; i++)
            {
                Span<double> own = vectors.AsSpan(i * width, width);
                double length = Length(own);
                if (!(length > Dependent * lengths[i]))
                {
                    own.Clear();
                    continue;
                }
                TensorPrimitives.Divide(own, length, own);
                lengths[i] = 1;
                int first = i + 1, at = i;
                Parallel.For(first, count, j =>
                {
                    ReadOnlySpan<double> direction = vectors.AsSpan(at * width, width);
                    Span<double> other = vectors.AsSpan(j * width, width);
                    TensorPrimitives.MultiplyAdd(direction, -TensorPrimitives.Dot<double>(direction, other), other, other);
                });
            }
        }
    }

    private static double Length(ReadOnlySpan<double> vector) => Math.Sqrt(TensorPrimitives.SumOfSquares(vector));
}
