using System.Numerics;
using System.Runtime.Intrinsics;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>Compares queries with all rows at one width.</summary>
internal static unsafe class FunnelScan
{
    private const int Panel = FunnelLayout.Panel;
    private const int TileQueries = PrefixDotProducts.TileQueries;

    // As PrefixDotProducts sums, so that both have the same bits.
    private const int ColumnsAtOnce = PrefixDotProducts.ColumnsAtOnce;

    /// <summary>Compares one query with the rows of some panels.</summary>
    /// <param name="snapshot">The rows.</param>
    /// <param name="layout">Their layout.</param>
    /// <param name="queries">The queries.</param>
    /// <param name="query">The query's number.</param>
    /// <param name="stage">The position of the width.</param>
    /// <param name="firstPanel">The first panel.</param>
    /// <param name="lastPanel">The panel after the last.</param>
    /// <param name="step">1 for every panel, n for every n-th of each segment.</param>
    /// <param name="list">What takes the scores.</param>
    public static void One(
        FunnelSnapshot snapshot, FunnelLayout layout, FunnelQueries queries, int query, int stage, int firstPanel, int lastPanel, int step, ShortList list)
    {
        float* buffer = stackalloc float[(3 * Panel) + (4 * RowKernel.Lanes)];
        float* scores = buffer, dots = buffer + Panel, sums = buffer + (2 * Panel), lanes = buffer + (3 * Panel);
        int columns = layout.Strides[0];
        float length = queries.Lengths[query], inverse = queries.Inverses[stage][query];
        fixed (float* allFirst = queries.First, allRest = queries.Rest)
        {
            float* first = allFirst + ((nint)query * columns), rest = allRest + ((nint)query * layout.RestLength);
            foreach (FunnelSegment segment in snapshot.Segments)
            {
                (int from, int to) = PanelsOf(snapshot, segment, firstPanel, lastPanel);
                for (int panel = from; panel < to; panel += step)
                {
                    uint rows = RowsOf(snapshot, segment, panel);
                    if (rows == 0)
                    {
                        continue;
                    }
                    FirstBlock(first, segment.PanelAt(panel), columns, scores);
                    if (stage > 0)
                    {
                        for (int r = 0; r < Panel; r += 4)
                        {
                            new Span<float>(lanes, 4 * RowKernel.Lanes).Clear();
                            for (int b = 1; b <= stage; b++)
                            {
                                int stride = layout.Strides[b];
                                float* row = segment.Row(b, (panel * Panel) + r);
                                RowKernel.Add(rest + layout.Starts[b], row, row + stride, row + (2 * stride), row + (3 * stride), stride, lanes);
                            }
                            RowKernel.Sum(lanes, dots + r);
                        }
                        Combine(scores, dots, segment, panel, stage, length, inverse, scores);
                    }
                    list.Accept(scores, segment.FirstPosition + (panel * Panel), rows);
                }
            }
        }
    }

    /// <summary>Compares some queries with the rows of some panels, eight queries at a time while a panel is in cache.</summary>
    /// <param name="snapshot">The rows.</param>
    /// <param name="layout">Their layout.</param>
    /// <param name="queries">The queries.</param>
    /// <param name="firstQuery">The number of the first one.</param>
    /// <param name="stage">The position of the width.</param>
    /// <param name="firstPanel">The first panel.</param>
    /// <param name="lastPanel">The panel after the last.</param>
    /// <param name="step">1 for every panel, n for every n-th of each segment.</param>
    /// <param name="lists">What takes the scores of each query.</param>
    public static void Many(
        FunnelSnapshot snapshot, FunnelLayout layout, FunnelQueries queries, int firstQuery, int stage, int firstPanel, int lastPanel, int step, ReadOnlySpan<ShortList> lists)
    {
        const int size = TileQueries * Panel;
        int columns = layout.Strides[0], tiles = (lists.Length + TileQueries - 1) / TileQueries;
        float* scores = stackalloc float[2 * size];
        float* dots = scores + size;
        uint* above = stackalloc uint[TileQueries];
        float* floors = stackalloc float[tiles * TileQueries];
        for (int q = 0; q < tiles * TileQueries; q++)
        {
            floors[q] = q < lists.Length ? lists[q].Threshold : float.PositiveInfinity;
        }
        float[] packed = Pack(queries, firstQuery, lists.Length, columns);
        float** rowBlocks = stackalloc float*[Math.Max(stage, 1)];
        float** queryRows = stackalloc float*[TileQueries];
        fixed (float* tileStart = packed, allRest = queries.Rest)
        fixed (int* allStrides = layout.Strides)
        {
            foreach (FunnelSegment segment in snapshot.Segments)
            {
                (int from, int to) = PanelsOf(snapshot, segment, firstPanel, lastPanel);
                for (int panel = from; panel < to; panel += step)
                {
                    uint rows = RowsOf(snapshot, segment, panel);
                    int position = segment.FirstPosition + (panel * Panel);
                    for (int tile = 0; rows != 0 && tile < tiles; tile++)
                    {
                        int start = tile * TileQueries, count = Math.Min(TileQueries, lists.Length - start);
                        float* query = tileStart + ((nint)start * columns);
                        if (stage == 0)
                        {
                            uint any = PanelKernel.Above(query, segment.PanelAt(panel), columns, floors + start, scores, above);
                            for (; any != 0; any &= any - 1)
                            {
                                int q = BitOperations.TrailingZeroCount(any);
                                lists[start + q].Take(scores + (q * Panel), position, above[q] & rows);
                                floors[start + q] = lists[start + q].Threshold;
                            }
                            continue;
                        }
                        PanelKernel.Multiply(query, segment.PanelAt(panel), columns, scores);
                        for (int q = 0; q < TileQueries; q++)
                        {
                            queryRows[q] = allRest + ((nint)(firstQuery + start + Math.Min(q, count - 1)) * layout.RestLength);
                        }
                        for (int r = 0; r < Panel; r += 4)
                        {
                            for (int b = 0; b < stage; b++)
                            {
                                rowBlocks[b] = segment.Row(b + 1, (panel * Panel) + r);
                            }
                            RowKernel.Tile(queryRows, rowBlocks, allStrides + 1, stage, dots + r);
                            if (count > 4)
                            {
                                RowKernel.Tile(queryRows + 4, rowBlocks, allStrides + 1, stage, dots + (4 * Panel) + r);
                            }
                        }
                        for (int q = 0; q < count; q++)
                        {
                            float* own = scores + (q * Panel);
                            int number = firstQuery + start + q;
                            Combine(own, dots + (q * Panel), segment, panel, stage, queries.Lengths[number], queries.Inverses[stage][number], own);
                            lists[start + q].Accept(own, position, rows);
                        }
                    }
                }
            }
        }
    }

    /// <summary>The inner products of one query with a panel, with the bits of <see cref="TileKernel"/>.</summary>
    public static void FirstBlock(float* query, float* panel, int columns, float* sums)
    {
        Vector512<float> low = default, high = default;
        for (int c = 0; c < columns; c += ColumnsAtOnce)
        {
            Vector512<float> a = default, b = default;
            int last = Math.Min(c + ColumnsAtOnce, columns);
            if (Vector512.IsHardwareAccelerated)
            {
                for (int i = c; i < last; i++)
                {
                    var q = Vector512.Create(query[i]);
                    a = TileKernel.MultiplyAdd(q, Vector512.Load(panel), a);
                    b = TileKernel.MultiplyAdd(q, Vector512.Load(panel + 16), b);
                    panel += Panel;
                }
            }
            else
            {
                Vector256<float> s0 = default, s1 = default, s2 = default, s3 = default;
                for (int i = c; i < last; i++)
                {
                    var q = Vector256.Create(query[i]);
                    s0 = TileKernel.MultiplyAdd(q, Vector256.Load(panel), s0);
                    s1 = TileKernel.MultiplyAdd(q, Vector256.Load(panel + 8), s1);
                    s2 = TileKernel.MultiplyAdd(q, Vector256.Load(panel + 16), s2);
                    s3 = TileKernel.MultiplyAdd(q, Vector256.Load(panel + 24), s3);
                    panel += Panel;
                }
                a = Vector512.Create(s0, s1);
                b = Vector512.Create(s2, s3);
            }
            low += a;
            high += b;
        }
        low.Store(sums);
        high.Store(sums + 16);
    }

    /// <summary>The inner product of one query with one row of the first block, with the same bits.</summary>
    public static float FirstBlockOfRow(float* query, FunnelSegment segment, int row, int columns)
    {
        float* lane = segment.PanelAt(row / Panel) + (row % Panel);
        float sum = 0;
        for (int c = 0; c < columns; c += ColumnsAtOnce)
        {
            float part = 0;
            for (int i = c; i < Math.Min(c + ColumnsAtOnce, columns); i++)
            {
                part = TileKernel.MultiplyAdd(query[i], lane[(nint)i * Panel], part);
            }
            sum += part;
        }
        return sum;
    }

    /// <summary>The score of one pair at a width after the first.</summary>
    /// <param name="first">The inner product of the first prefixes.</param>
    /// <param name="dot">The dot product of the further blocks.</param>
    /// <param name="length">The length of the row's first prefix.</param>
    /// <param name="queryLength">The length of the query's first prefix.</param>
    /// <param name="inverse">The inverse length of the row at the width.</param>
    /// <param name="queryInverse">The inverse length of the query at the width.</param>
    public static float Score(float first, float dot, float length, float queryLength, float inverse, float queryInverse)
        => ((first * (length * queryLength)) + dot) * (inverse * queryInverse);

    private static void Combine(float* first, float* dots, FunnelSegment segment, int panel, int stage, float queryLength, float queryInverse, float* scores)
    {
        float* lengths = segment.Lengths + (panel * Panel);
        float* inverses = segment.Inverses[stage] == 0 ? null : (float*)segment.Inverses[stage] + (panel * Panel);
        var one = Vector512.Create(1f);
        for (int i = 0; i < Panel; i += 16)
        {
            Vector512<float> sum = (Vector512.Load(first + i) * (Vector512.Load(lengths + i) * queryLength)) + Vector512.Load(dots + i);
            Vector512<float> inverse = inverses is null ? one : Vector512.Load(inverses + i);
            (sum * (inverse * queryInverse)).Store(scores + i);
        }
    }

    // The queries of each tile side by side, [tiles, columns, 8].
    private static float[] Pack(FunnelQueries queries, int firstQuery, int count, int columns)
    {
        var packed = new float[(count + TileQueries - 1) / TileQueries * TileQueries * columns];
        for (int q = 0; q < count; q++)
        {
            int tile = q / TileQueries, lane = q % TileQueries;
            for (int c = 0; c < columns; c++)
            {
                packed[(((tile * columns) + c) * TileQueries) + lane] = queries.First[((firstQuery + q) * columns) + c];
            }
        }
        return packed;
    }

    // The panels of a segment, counted from its own first, that lie within some panels of the index.
    private static (int From, int To) PanelsOf(FunnelSnapshot snapshot, FunnelSegment segment, int firstPanel, int lastPanel)
    {
        int own = segment.FirstPosition / Panel;
        int panels = (snapshot.RowsIn(segment) + Panel - 1) / Panel;
        return (Math.Max(0, firstPanel - own), (int)Math.Min(panels, (long)lastPanel - own));
    }

    private static uint RowsOf(FunnelSnapshot snapshot, FunnelSegment segment, int panel)
    {
        int rows = snapshot.RowsIn(segment) - (panel * Panel);
        uint alive = segment.Alive(panel);
        return rows >= Panel ? alive : alive & ((1u << rows) - 1);
    }
}
