using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Mrl.Vectors;

/// <summary>
/// Computes dot products of queries with rows whose columns are contiguous. A pair is summed in 16 lanes, column c in lane c mod 16, across
/// all blocks, and the lanes are added up at the end in one order; so a pair has the same bits alone, among four rows, and in a tile.
/// </summary>
/// <remarks>
/// Columns come in multiples of 16.
/// </remarks>
internal static unsafe class RowKernel
{
    public const int Lanes = 16;

    /// <summary>Adds the products of one query and four rows to their lanes.</summary>
    /// <param name="query">The query's columns.</param>
    /// <param name="r0">A row's columns, and so on.</param>
    /// <param name="r1">A row's columns.</param>
    /// <param name="r2">A row's columns.</param>
    /// <param name="r3">A row's columns.</param>
    /// <param name="columns">The number of columns, a multiple of 16.</param>
    /// <param name="lanes">The lanes, <c>[4, 16]</c>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(float* query, float* r0, float* r1, float* r2, float* r3, int columns, float* lanes)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Add512(query, r0, r1, r2, r3, columns, lanes);
        }
        else
        {
            Add256(query, r0, r1, r2, r3, columns, lanes);
        }
    }

    /// <summary>The sums of the lanes of four rows.</summary>
    /// <param name="lanes">The lanes, <c>[4, 16]</c>.</param>
    /// <param name="sums">Room for 4.</param>
    public static void Sum(float* lanes, float* sums)
        => Sum(Fold(lanes), Fold(lanes + Lanes), Fold(lanes + (2 * Lanes)), Fold(lanes + (3 * Lanes))).Store(sums);

    /// <summary>The dot products of four queries and four rows that follow each other, over several blocks.</summary>
    /// <param name="queries">The columns of the four queries in all blocks.</param>
    /// <param name="blocks">For each block where the columns of the first row are.</param>
    /// <param name="strides">For each block the columns of a row.</param>
    /// <param name="count">The number of blocks.</param>
    /// <param name="sums">Room for 4 rows of 4, each <see cref="PrefixDotProducts.PanelDocuments"/> after the other.</param>
    public static void Tile(float** queries, float** blocks, int* strides, int count, float* sums)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Tile512(queries[0], queries[1], queries[2], queries[3], blocks, strides, count, sums);
            return;
        }
        Tile256(queries, blocks, strides, count, sums);
    }

    internal static void Add512(float* query, float* r0, float* r1, float* r2, float* r3, int columns, float* lanes)
    {
        Vector512<float> s0 = Vector512.Load(lanes), s1 = Vector512.Load(lanes + 16), s2 = Vector512.Load(lanes + 32),
            s3 = Vector512.Load(lanes + 48);
        for (int c = 0; c < columns; c += Lanes)
        {
            var q = Vector512.Load(query + c);
            s0 = Fused.MultiplyAdd(q, Vector512.Load(r0 + c), s0);
            s1 = Fused.MultiplyAdd(q, Vector512.Load(r1 + c), s1);
            s2 = Fused.MultiplyAdd(q, Vector512.Load(r2 + c), s2);
            s3 = Fused.MultiplyAdd(q, Vector512.Load(r3 + c), s3);
        }
        s0.Store(lanes);
        s1.Store(lanes + 16);
        s2.Store(lanes + 32);
        s3.Store(lanes + 48);
    }

    internal static void Add256(float* query, float* r0, float* r1, float* r2, float* r3, int columns, float* lanes)
    {
        AddOne256(query, r0, columns, lanes);
        AddOne256(query, r1, columns, lanes + Lanes);
        AddOne256(query, r2, columns, lanes + (2 * Lanes));
        AddOne256(query, r3, columns, lanes + (3 * Lanes));
    }

    internal static void Tile256(float** queries, float** blocks, int* strides, int count, float* sums)
    {
        float* lanes = stackalloc float[4 * Lanes];
        for (int q = 0; q < 4; q++)
        {
            new Span<float>(lanes, 4 * Lanes).Clear();
            float* query = queries[q];
            for (int b = 0; b < count; b++)
            {
                int stride = strides[b];
                float* row = blocks[b];
                Add256(query, row, row + stride, row + (2 * stride), row + (3 * stride), stride, lanes);
                query += stride;
            }
            Sum(lanes, sums + (q * PrefixDotProducts.PanelDocuments));
        }
    }

    internal static void Tile512(float* a, float* b, float* c, float* d, float** blocks, int* strides, int count, float* sums)
    {
        Vector512<float> a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
        Vector512<float> c0 = default, c1 = default, c2 = default, c3 = default, d0 = default, d1 = default, d2 = default, d3 = default;
        for (int block = 0; block < count; block++)
        {
            nint stride = strides[block];
            float* row = blocks[block];
            for (float* end = row + stride; row < end; row += Lanes)
            {
                var r0 = Vector512.Load(row);
                var r1 = Vector512.Load(row + stride);
                var r2 = Vector512.Load(row + (2 * stride));
                var r3 = Vector512.Load(row + (3 * stride));
                var q = Vector512.Load(a);
                a0 = Fused.MultiplyAdd(q, r0, a0);
                a1 = Fused.MultiplyAdd(q, r1, a1);
                a2 = Fused.MultiplyAdd(q, r2, a2);
                a3 = Fused.MultiplyAdd(q, r3, a3);
                q = Vector512.Load(b);
                b0 = Fused.MultiplyAdd(q, r0, b0);
                b1 = Fused.MultiplyAdd(q, r1, b1);
                b2 = Fused.MultiplyAdd(q, r2, b2);
                b3 = Fused.MultiplyAdd(q, r3, b3);
                q = Vector512.Load(c);
                c0 = Fused.MultiplyAdd(q, r0, c0);
                c1 = Fused.MultiplyAdd(q, r1, c1);
                c2 = Fused.MultiplyAdd(q, r2, c2);
                c3 = Fused.MultiplyAdd(q, r3, c3);
                q = Vector512.Load(d);
                d0 = Fused.MultiplyAdd(q, r0, d0);
                d1 = Fused.MultiplyAdd(q, r1, d1);
                d2 = Fused.MultiplyAdd(q, r2, d2);
                d3 = Fused.MultiplyAdd(q, r3, d3);
                a += Lanes;
                b += Lanes;
                c += Lanes;
                d += Lanes;
            }
        }
        Sum(a0, a1, a2, a3).Store(sums);
        Sum(b0, b1, b2, b3).Store(sums + PrefixDotProducts.PanelDocuments);
        Sum(c0, c1, c2, c3).Store(sums + (2 * PrefixDotProducts.PanelDocuments));
        Sum(d0, d1, d2, d3).Store(sums + (3 * PrefixDotProducts.PanelDocuments));
    }

    private static void AddOne256(float* query, float* row, int columns, float* lanes)
    {
        Vector256<float> low = Vector256.Load(lanes), high = Vector256.Load(lanes + 8);
        for (int c = 0; c < columns; c += Lanes)
        {
            low = Fused.MultiplyAdd(Vector256.Load(query + c), Vector256.Load(row + c), low);
            high = Fused.MultiplyAdd(Vector256.Load(query + c + 8), Vector256.Load(row + c + 8), high);
        }
        low.Store(lanes);
        high.Store(lanes + 8);
    }

    /// <summary>Returns the sums of the lanes of four vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Sum(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d)
        => Sum(Fold(a), Fold(b), Fold(c), Fold(d));

    private static Vector128<float> Fold(float* lanes) => Fold(Vector256.Load(lanes) + Vector256.Load(lanes + 8));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Fold(Vector512<float> lanes) => Fold(lanes.GetLower() + lanes.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Fold(Vector256<float> lanes) => lanes.GetLower() + lanes.GetUpper();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Sum(Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d)
        => Sse3.IsSupported
            ? Sse3.HorizontalAdd(Sse3.HorizontalAdd(a, b), Sse3.HorizontalAdd(c, d))
            : Vector128.Create(Sum(a), Sum(b), Sum(c), Sum(d));

    private static float Sum(Vector128<float> v) => (v.GetElement(0) + v.GetElement(1)) + (v.GetElement(2) + v.GetElement(3));
}
