using System.Numerics;
using System.Runtime.CompilerServices;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.TorchSharp.Losses;

/// <summary>The inner loops of <see cref="NarrowColumns"/>, on the blocks that it packs.</summary>
/// <remarks>Four rows times two vectors are eight sums: enough to hide the latency of multiply-add, and 16 registers hold them.</remarks>
internal static class NarrowKernel
{
    /// <summary>The rows of a tile.</summary>
    public const int RowsInTile = 2 * Quad;

    /// <summary>Anchors that are packed together.</summary>
    public const int Quad = 4;

    /// <summary>Documents that are packed together where vectors are not of 512 bits.</summary>
    public static int Lanes => 2 * Vector<float>.Count;

    /// <summary>
    /// Products <c>[8 · tiles, Stride]</c> of anchors with all documents in columns <paramref name="from"/> up to <paramref name="to"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Products(
        ref float anchors, ref float documents, ref float products, Shape shape, int from, int to, int tiles)
    {
        int stride = shape.Stride, columns = shape.Columns;
        for (int start = 0; start < stride; start += Lanes)
        {
            for (int quad = 0; quad < tiles * RowsInTile; quad += Quad)
            {
                ref float document = ref Unsafe.Add(ref documents, start * columns + from * Lanes);
                ref float anchor = ref Unsafe.Add(ref anchors, quad * columns + from * Quad);
                Vector<float> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
                Vector<float> sum4 = default, sum5 = default, sum6 = default, sum7 = default;
                for (int c = from; c < to; c++)
                {
                    Vector<float> left = At(ref document, 0);
                    Vector<float> right = At(ref document, Vector<float>.Count);
                    var factor = new Vector<float>(anchor);
                    sum0 = Fused.MultiplyAdd(factor, left, sum0);
                    sum1 = Fused.MultiplyAdd(factor, right, sum1);
                    factor = new Vector<float>(Unsafe.Add(ref anchor, 1));
                    sum2 = Fused.MultiplyAdd(factor, left, sum2);
                    sum3 = Fused.MultiplyAdd(factor, right, sum3);
                    factor = new Vector<float>(Unsafe.Add(ref anchor, 2));
                    sum4 = Fused.MultiplyAdd(factor, left, sum4);
                    sum5 = Fused.MultiplyAdd(factor, right, sum5);
                    factor = new Vector<float>(Unsafe.Add(ref anchor, 3));
                    sum6 = Fused.MultiplyAdd(factor, left, sum6);
                    sum7 = Fused.MultiplyAdd(factor, right, sum7);
                    document = ref Unsafe.Add(ref document, Lanes);
                    anchor = ref Unsafe.Add(ref anchor, Quad);
                }
                ref float target = ref Unsafe.Add(ref products, quad * stride + start);
                Put(ref target, 0, sum0, sum1);
                Put(ref target, stride, sum2, sum3);
                Put(ref target, 2 * stride, sum4, sum5);
                Put(ref target, 3 * stride, sum6, sum7);
            }
        }
    }

    /// <summary>
    /// Adds the documents' gradients of anchors to packed sums, given ∂L/∂products <c>[8 · tiles, Stride]</c>; where these are the first
    /// ones, the sums are overwritten.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void DocumentGradient(
        ref float anchors, ref float gradients, ref float sums, Shape shape, int from, int to, int tiles, bool isFirst)
    {
        int stride = shape.Stride, columns = shape.Columns;
        for (int start = 0; start < stride; start += Lanes)
        {
            for (int quad = 0; quad < tiles * RowsInTile; quad += Quad)
            {
                ref float sum = ref Unsafe.Add(ref sums, start * columns + from * Lanes);
                ref float anchor = ref Unsafe.Add(ref anchors, quad * columns + from * Quad);
                ref float gradient = ref Unsafe.Add(ref gradients, quad * stride + start);
                bool overwrites = isFirst && quad == 0;
                Vector<float> left0 = At(ref gradient, 0), right0 = At(ref gradient, Vector<float>.Count);
                Vector<float> left1 = At(ref gradient, stride), right1 = At(ref gradient, stride + Vector<float>.Count);
                Vector<float> left2 = At(ref gradient, 2 * stride), right2 = At(ref gradient, 2 * stride + Vector<float>.Count);
                Vector<float> left3 = At(ref gradient, 3 * stride), right3 = At(ref gradient, 3 * stride + Vector<float>.Count);
                for (int c = from; c < to; c++)
                {
                    var factor = new Vector<float>(anchor);
                    Vector<float> left = overwrites ? Vector<float>.Zero : At(ref sum, 0);
                    Vector<float> right = overwrites ? Vector<float>.Zero : At(ref sum, Vector<float>.Count);
                    left = Fused.MultiplyAdd(factor, left0, left);
                    right = Fused.MultiplyAdd(factor, right0, right);
                    factor = new Vector<float>(Unsafe.Add(ref anchor, 1));
                    left = Fused.MultiplyAdd(factor, left1, left);
                    right = Fused.MultiplyAdd(factor, right1, right);
                    factor = new Vector<float>(Unsafe.Add(ref anchor, 2));
                    left = Fused.MultiplyAdd(factor, left2, left);
                    right = Fused.MultiplyAdd(factor, right2, right);
                    factor = new Vector<float>(Unsafe.Add(ref anchor, 3));
                    left = Fused.MultiplyAdd(factor, left3, left);
                    right = Fused.MultiplyAdd(factor, right3, right);
                    Put(ref sum, 0, left, right);
                    sum = ref Unsafe.Add(ref sum, Lanes);
                    anchor = ref Unsafe.Add(ref anchor, Quad);
                }
            }
        }
    }

    /// <summary>Writes the gradients of anchors, packed, given ∂L/∂products <c>[8 · tiles, Stride]</c>.</summary>
    public static void AnchorGradient(
        ref float documents, ref float gradients, Span<float> results, Shape shape, int from, int to, int tiles)
    {
        for (int quad = 0; quad < tiles * RowsInTile; quad += Quad)
        {
            QuadGradient(ref documents, ref Unsafe.Add(ref gradients, quad * shape.Stride),
                results.Slice(quad * shape.Columns, Quad * shape.Columns), shape, from, to);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void QuadGradient(ref float documents, ref float gradients, Span<float> results, Shape shape, int from, int to)
    {
        int stride = shape.Stride, columns = shape.Columns;
        for (int c = from; c < to; c += 2)
        {
            // Where the number of columns is odd, the last one is worked out twice.
            int next = Math.Min(c + 1, to - 1);
            Vector<float> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
            Vector<float> sum4 = default, sum5 = default, sum6 = default, sum7 = default;
            for (int start = 0; start < stride; start += Lanes)
            {
                for (int half = 0; half < Lanes; half += Vector<float>.Count)
                {
                    Vector<float> one = At(ref documents, start * columns + c * Lanes + half);
                    Vector<float> other = At(ref documents, start * columns + next * Lanes + half);
                    Vector<float> row = At(ref gradients, start + half);
                    sum0 = Fused.MultiplyAdd(row, one, sum0);
                    sum1 = Fused.MultiplyAdd(row, other, sum1);
                    row = At(ref gradients, start + half + stride);
                    sum2 = Fused.MultiplyAdd(row, one, sum2);
                    sum3 = Fused.MultiplyAdd(row, other, sum3);
                    row = At(ref gradients, start + half + 2 * stride);
                    sum4 = Fused.MultiplyAdd(row, one, sum4);
                    sum5 = Fused.MultiplyAdd(row, other, sum5);
                    row = At(ref gradients, start + half + 3 * stride);
                    sum6 = Fused.MultiplyAdd(row, one, sum6);
                    sum7 = Fused.MultiplyAdd(row, other, sum7);
                }
            }
            Span<float> first = results.Slice(c * Quad, Quad);
            Span<float> second = results.Slice(next * Quad, Quad);
            (first[0], first[1], first[2], first[3]) = (Vector.Sum(sum0), Vector.Sum(sum2), Vector.Sum(sum4), Vector.Sum(sum6));
            (second[0], second[1], second[2], second[3]) = (Vector.Sum(sum1), Vector.Sum(sum3), Vector.Sum(sum5), Vector.Sum(sum7));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> At(ref float source, int place) => Vector.LoadUnsafe(ref source, (nuint)place);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(ref float target, int place, Vector<float> left, Vector<float> right)
    {
        left.StoreUnsafe(ref target, (nuint)place);
        right.StoreUnsafe(ref target, (nuint)(place + Vector<float>.Count));
    }

    /// <summary>How the blocks are packed.</summary>
    /// <param name="Stride">The number of documents, rounded up to whole lanes.</param>
    /// <param name="Columns">The number of packed columns.</param>
    public readonly record struct Shape(int Stride, int Columns);
}
