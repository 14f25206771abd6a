using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.TorchSharp.Losses;

/// <summary>
/// The loops of <see cref="NarrowKernel"/> for processors with vectors of 512 bits and 32 registers for them: 8 rows times 2 vectors at
/// once.
/// </summary>
internal static class NarrowKernel512
{
    /// <summary>Documents that are packed together.</summary>
    public const int Lanes = 2 * Half;

    private const int Half = 16;
    private const int Quad = NarrowKernel.Quad;

    /// <inheritdoc cref="NarrowKernel.Products"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Products(
        ref float anchors, ref float documents, ref float products, NarrowKernel.Shape shape, int from, int to, int tiles)
    {
        int stride = shape.Stride, columns = shape.Columns;
        for (int i = 0; i < stride / Lanes * tiles; i++)
        {
            // All rows with a block of documents while it is in cache.
            int start = i / tiles * Lanes, firstRow = i % tiles * NarrowKernel.RowsInTile;
            ref float document = ref Unsafe.Add(ref documents, (start * columns) + (from * Lanes));
            ref float anchor = ref Unsafe.Add(ref anchors, (firstRow * columns) + (from * Quad));
            Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
            Vector512<float> t0 = default, t1 = default, t2 = default, t3 = default, t4 = default, t5 = default, t6 = default, t7 = default;
            for (int c = from; c < to; c++)
            {
                Vector512<float> left = At(ref document, 0), right = At(ref document, Half);
                ref float other = ref Unsafe.Add(ref anchor, Quad * columns);
                var factor = Vector512.Create(anchor);
                s0 = Fused.MultiplyAdd(factor, left, s0);
                t0 = Fused.MultiplyAdd(factor, right, t0);
                factor = Vector512.Create(Unsafe.Add(ref anchor, 1));
                s1 = Fused.MultiplyAdd(factor, left, s1);
                t1 = Fused.MultiplyAdd(factor, right, t1);
                factor = Vector512.Create(Unsafe.Add(ref anchor, 2));
                s2 = Fused.MultiplyAdd(factor, left, s2);
                t2 = Fused.MultiplyAdd(factor, right, t2);
                factor = Vector512.Create(Unsafe.Add(ref anchor, 3));
                s3 = Fused.MultiplyAdd(factor, left, s3);
                t3 = Fused.MultiplyAdd(factor, right, t3);
                factor = Vector512.Create(other);
                s4 = Fused.MultiplyAdd(factor, left, s4);
                t4 = Fused.MultiplyAdd(factor, right, t4);
                factor = Vector512.Create(Unsafe.Add(ref other, 1));
                s5 = Fused.MultiplyAdd(factor, left, s5);
                t5 = Fused.MultiplyAdd(factor, right, t5);
                factor = Vector512.Create(Unsafe.Add(ref other, 2));
                s6 = Fused.MultiplyAdd(factor, left, s6);
                t6 = Fused.MultiplyAdd(factor, right, t6);
                factor = Vector512.Create(Unsafe.Add(ref other, 3));
                s7 = Fused.MultiplyAdd(factor, left, s7);
                t7 = Fused.MultiplyAdd(factor, right, t7);
                document = ref Unsafe.Add(ref document, Lanes);
                anchor = ref Unsafe.Add(ref anchor, Quad);
            }
            ref float target = ref Unsafe.Add(ref products, (firstRow * stride) + start);
            Put(ref target, 0, s0, t0);
            Put(ref target, stride, s1, t1);
            Put(ref target, 2 * stride, s2, t2);
            Put(ref target, 3 * stride, s3, t3);
            Put(ref target, 4 * stride, s4, t4);
            Put(ref target, 5 * stride, s5, t5);
            Put(ref target, 6 * stride, s6, t6);
            Put(ref target, 7 * stride, s7, t7);
        }
    }

    /// <inheritdoc cref="NarrowKernel.DocumentGradient"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void DocumentGradient(
        ref float anchors, ref float gradients, ref float sums, NarrowKernel.Shape shape, int from, int to, int tiles, bool isFirst)
    {
        int stride = shape.Stride, columns = shape.Columns;
        for (int i = 0; i < stride / Lanes * tiles; i++)
        {
            int start = i / tiles * Lanes, firstRow = i % tiles * NarrowKernel.RowsInTile;
            ref float sum = ref Unsafe.Add(ref sums, (start * columns) + (from * Lanes));
            ref float anchor = ref Unsafe.Add(ref anchors, (firstRow * columns) + (from * Quad));
            ref float gradient = ref Unsafe.Add(ref gradients, (firstRow * stride) + start);
            bool overwrites = isFirst && firstRow == 0;
            Vector512<float> g0 = At(ref gradient, 0), h0 = At(ref gradient, Half);
            Vector512<float> g1 = At(ref gradient, stride), h1 = At(ref gradient, stride + Half);
            Vector512<float> g2 = At(ref gradient, 2 * stride), h2 = At(ref gradient, (2 * stride) + Half);
            Vector512<float> g3 = At(ref gradient, 3 * stride), h3 = At(ref gradient, (3 * stride) + Half);
            Vector512<float> g4 = At(ref gradient, 4 * stride), h4 = At(ref gradient, (4 * stride) + Half);
            Vector512<float> g5 = At(ref gradient, 5 * stride), h5 = At(ref gradient, (5 * stride) + Half);
            Vector512<float> g6 = At(ref gradient, 6 * stride), h6 = At(ref gradient, (6 * stride) + Half);
            Vector512<float> g7 = At(ref gradient, 7 * stride), h7 = At(ref gradient, (7 * stride) + Half);
            for (int c = from; c < to; c++)
            {
                ref float other = ref Unsafe.Add(ref anchor, Quad * columns);
                var factor = Vector512.Create(anchor);
                Vector512<float> left = overwrites ? Vector512<float>.Zero : At(ref sum, 0);
                Vector512<float> right = overwrites ? Vector512<float>.Zero : At(ref sum, Half);
                left = Fused.MultiplyAdd(factor, g0, left);
                right = Fused.MultiplyAdd(factor, h0, right);
                factor = Vector512.Create(Unsafe.Add(ref anchor, 1));
                left = Fused.MultiplyAdd(factor, g1, left);
                right = Fused.MultiplyAdd(factor, h1, right);
                factor = Vector512.Create(Unsafe.Add(ref anchor, 2));
                left = Fused.MultiplyAdd(factor, g2, left);
                right = Fused.MultiplyAdd(factor, h2, right);
                factor = Vector512.Create(Unsafe.Add(ref anchor, 3));
                left = Fused.MultiplyAdd(factor, g3, left);
                right = Fused.MultiplyAdd(factor, h3, right);
                factor = Vector512.Create(other);
                left = Fused.MultiplyAdd(factor, g4, left);
                right = Fused.MultiplyAdd(factor, h4, right);
                factor = Vector512.Create(Unsafe.Add(ref other, 1));
                left = Fused.MultiplyAdd(factor, g5, left);
                right = Fused.MultiplyAdd(factor, h5, right);
                factor = Vector512.Create(Unsafe.Add(ref other, 2));
                left = Fused.MultiplyAdd(factor, g6, left);
                right = Fused.MultiplyAdd(factor, h6, right);
                factor = Vector512.Create(Unsafe.Add(ref other, 3));
                left = Fused.MultiplyAdd(factor, g7, left);
                right = Fused.MultiplyAdd(factor, h7, right);
                Put(ref sum, 0, left, right);
                sum = ref Unsafe.Add(ref sum, Lanes);
                anchor = ref Unsafe.Add(ref anchor, Quad);
            }
        }
    }

    /// <inheritdoc cref="NarrowKernel.AnchorGradient"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AnchorGradient(
        ref float documents, ref float gradients, Span<float> results, NarrowKernel.Shape shape, int from, int to, int tiles)
    {
        int stride = shape.Stride, columns = shape.Columns;
        for (int i = 0; i < (to - from + 1) / 2 * tiles; i++)
        {
            // Where the number of columns is odd, the last one is worked out twice.
            int c = from + (i / tiles * 2), next = Math.Min(c + 1, to - 1), firstRow = i % tiles * NarrowKernel.RowsInTile;
            Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
            Vector512<float> t0 = default, t1 = default, t2 = default, t3 = default, t4 = default, t5 = default, t6 = default, t7 = default;
            for (int start = 0; start < stride; start += Half)
            {
                ref float document = ref Unsafe.Add(ref documents, (start / Lanes * Lanes * columns) + (start % Lanes));
                ref float gradient = ref Unsafe.Add(ref gradients, (firstRow * stride) + start);
                Vector512<float> one = At(ref document, c * Lanes), other = At(ref document, next * Lanes);
                Vector512<float> row = At(ref gradient, 0);
                s0 = Fused.MultiplyAdd(row, one, s0);
                t0 = Fused.MultiplyAdd(row, other, t0);
                row = At(ref gradient, stride);
                s1 = Fused.MultiplyAdd(row, one, s1);
                t1 = Fused.MultiplyAdd(row, other, t1);
                row = At(ref gradient, 2 * stride);
                s2 = Fused.MultiplyAdd(row, one, s2);
                t2 = Fused.MultiplyAdd(row, other, t2);
                row = At(ref gradient, 3 * stride);
                s3 = Fused.MultiplyAdd(row, one, s3);
                t3 = Fused.MultiplyAdd(row, other, t3);
                row = At(ref gradient, 4 * stride);
                s4 = Fused.MultiplyAdd(row, one, s4);
                t4 = Fused.MultiplyAdd(row, other, t4);
                row = At(ref gradient, 5 * stride);
                s5 = Fused.MultiplyAdd(row, one, s5);
                t5 = Fused.MultiplyAdd(row, other, t5);
                row = At(ref gradient, 6 * stride);
                s6 = Fused.MultiplyAdd(row, one, s6);
                t6 = Fused.MultiplyAdd(row, other, t6);
                row = At(ref gradient, 7 * stride);
                s7 = Fused.MultiplyAdd(row, one, s7);
                t7 = Fused.MultiplyAdd(row, other, t7);
            }
            Span<float> own = results[(firstRow * columns)..];
            Span<float> later = own[(Quad * columns)..];
            RowKernel.Sum(s0, s1, s2, s3).CopyTo(own.Slice(c * Quad, Quad));
            RowKernel.Sum(s4, s5, s6, s7).CopyTo(later.Slice(c * Quad, Quad));
            RowKernel.Sum(t0, t1, t2, t3).CopyTo(own.Slice(next * Quad, Quad));
            RowKernel.Sum(t4, t5, t6, t7).CopyTo(later.Slice(next * Quad, Quad));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> At(ref float source, int place) => Vector512.LoadUnsafe(ref source, (nuint)place);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(ref float target, int place, Vector512<float> left, Vector512<float> right)
    {
        left.StoreUnsafe(ref target, (nuint)place);
        right.StoreUnsafe(ref target, (nuint)(place + Half));
    }
}
