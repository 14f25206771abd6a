using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>
/// The inner products of 8 queries with a panel of 32 rows, held against a floor for each query. What does not reach its floor, which is nearly everything in a scan for a short list, never leaves the registers.
/// </summary>
internal static unsafe class PanelKernel
{
    private const int Queries = PrefixDotProducts.TileQueries;
    private const int Panel = PrefixDotProducts.PanelDocuments;

    // As PrefixDotProducts sums, so that both have the same bits.
    private const int ColumnsAtOnce = PrefixDotProducts.ColumnsAtOnce;

    /// <summary>Finds the products above the floors, with the bits of <see cref="TileKernel"/>.</summary>
    /// <param name="query">The queries, <c>[columns, 8]</c>.</param>
    /// <param name="panel">The rows, <c>[columns, 32]</c>.</param>
    /// <param name="columns">The number of columns.</param>
    /// <param name="floors">A floor for each query, <c>[8]</c>.</param>
    /// <param name="scores">Room for the products, <c>[8, 32]</c>; those of a query with none above its floor may be left out.</param>
    /// <param name="above">Room for a bit for each row and query, <c>[8]</c>: whether the product is above the floor.</param>
    /// <returns>A bit for each query that has any.</returns>
    public static uint Above(float* query, float* panel, int columns, float* floors, float* scores, uint* above)
        => Vector512.IsHardwareAccelerated && columns <= ColumnsAtOnce
            ? Above512(query, panel, columns, floors, scores, above)
            : AboveInSteps(query, panel, columns, floors, scores, above);

    internal static uint AboveInSteps(float* query, float* panel, int columns, float* floors, float* scores, uint* above)
    {
        Multiply(query, panel, columns, scores);
        uint any = 0;
        for (int q = 0; q < Queries; q++)
        {
            above[q] = Mask(scores + (q * Panel), floors[q]);
            any |= above[q] == 0 ? 0 : 1u << q;
        }
        return any;
    }

    /// <summary>All products, <c>[8, 32]</c>.</summary>
    public static void Multiply(float* query, float* panel, int columns, float* scores)
    {
        new Span<float>(scores, Queries * Panel).Clear();
        for (int c = 0; c < columns; c += ColumnsAtOnce)
        {
            int part = Math.Min(ColumnsAtOnce, columns - c);
            TileKernel.Accumulate(query, panel, part, scores);
            query += part * Queries;
            panel += part * Panel;
        }
    }

    /// <summary>A bit for each of 32 scores that is above the floor. A NaN never is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Mask(float* scores, float floor) => Mask(Vector512.Load(scores), Vector512.Load(scores + 16), floor);

    internal static uint Above512(float* query, float* panel, int columns, float* floors, float* scores, uint* above)
    {
        Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
        Vector512<float> t0 = default, t1 = default, t2 = default, t3 = default, t4 = default, t5 = default, t6 = default, t7 = default;
        for (int c = 0; c < columns; c++)
        {
            var low = Vector512.Load(panel);
            var high = Vector512.Load(panel + 16);
            var q = Vector512.Create(query[0]);
            s0 = TileKernel.MultiplyAdd(q, low, s0);
            t0 = TileKernel.MultiplyAdd(q, high, t0);
            q = Vector512.Create(query[1]);
            s1 = TileKernel.MultiplyAdd(q, low, s1);
            t1 = TileKernel.MultiplyAdd(q, high, t1);
            q = Vector512.Create(query[2]);
            s2 = TileKernel.MultiplyAdd(q, low, s2);
            t2 = TileKernel.MultiplyAdd(q, high, t2);
            q = Vector512.Create(query[3]);
            s3 = TileKernel.MultiplyAdd(q, low, s3);
            t3 = TileKernel.MultiplyAdd(q, high, t3);
            q = Vector512.Create(query[4]);
            s4 = TileKernel.MultiplyAdd(q, low, s4);
            t4 = TileKernel.MultiplyAdd(q, high, t4);
            q = Vector512.Create(query[5]);
            s5 = TileKernel.MultiplyAdd(q, low, s5);
            t5 = TileKernel.MultiplyAdd(q, high, t5);
            q = Vector512.Create(query[6]);
            s6 = TileKernel.MultiplyAdd(q, low, s6);
            t6 = TileKernel.MultiplyAdd(q, high, t6);
            q = Vector512.Create(query[7]);
            s7 = TileKernel.MultiplyAdd(q, low, s7);
            t7 = TileKernel.MultiplyAdd(q, high, t7);
            query += Queries;
            panel += Panel;
        }
        return Keep(0, s0, t0, floors, scores, above) | Keep(1, s1, t1, floors, scores, above) | Keep(2, s2, t2, floors, scores, above) | Keep(3, s3, t3, floors, scores, above)
            | Keep(4, s4, t4, floors, scores, above) | Keep(5, s5, t5, floors, scores, above) | Keep(6, s6, t6, floors, scores, above) | Keep(7, s7, t7, floors, scores, above);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Keep(int query, Vector512<float> low, Vector512<float> high, float* floors, float* scores, uint* above)
    {
        uint mask = Mask(low, high, floors[query]);
        above[query] = mask;
        if (mask == 0)
        {
            return 0;
        }
        low.Store(scores + (query * Panel));
        high.Store(scores + (query * Panel) + 16);
        return 1u << query;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Mask(Vector512<float> low, Vector512<float> high, float floor)
    {
        var least = Vector512.Create(floor);
        return (uint)Vector512.GreaterThan(low, least).ExtractMostSignificantBits() | ((uint)Vector512.GreaterThan(high, least).ExtractMostSignificantBits() << 16);
    }
}
