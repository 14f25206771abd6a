using System.Numerics.Tensors;
using System.Runtime.Intrinsics;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>Compares queries with all rows.</summary>
/// <remarks>A pair has the same bits alone and among others, and equal scores go to the earlier row, so results depend neither on threads
/// nor on what is searched together.</remarks>
internal static unsafe class ExactSearch
{
    /// <summary>The best rows of each query.</summary>
    /// <param name="snapshot">The rows.</param>
    /// <param name="queries">The queries, <c>[Q, D]</c>.</param>
    /// <param name="top">How many are wanted.</param>
    /// <param name="filter">Which ids may be found; null for all.</param>
    /// <param name="threads">The most threads; -1 for no limit.</param>
    /// <param name="head">First values, a multiple of 16, after which rows are left that cannot be among the best whatever else they have;
    /// 0 to compare all of each row. It changes no result.</param>
    public static TopKeys[] Run(FunnelSnapshot snapshot, ReadOnlySpan<float> queries, int top, Func<long, bool>? filter, int threads,
        int head = 0)
    {
        int stride = snapshot.Rows.Stride, width = snapshot.Rows.Dimensions, count = queries.Length / width;
        var prepared = new float[count * stride];
        for (int q = 0; q < count; q++)
        {
            RowStore.Normalize(queries.Slice(q * width, width), prepared.AsSpan(q * stride, stride));
        }
        var tails = new float[head > 0 ? snapshot.Count : 0];
        Parallel.For(0, tails.Length, new ParallelOptions { MaxDegreeOfParallelism = threads }, row =>
        {
            Span<float> values = stackalloc float[stride];
            snapshot.Rows.CopyPrefix(row, values);
            tails[row] = TensorPrimitives.Norm<float>(values[head..]);
        });
        return ParallelScan.Run(count, snapshot.Count, stride, top, threads, (firstQuery, firstRow, lastRow, lists) =>
        {
            fixed (float* start = prepared, tail = tails)
            {
                Scan(snapshot, start + ((nint)firstQuery * stride), firstRow, lastRow, filter, lists, head, tail);
            }
        });
    }

    /// <summary>The dot products of one query with up to four rows, with the bits of <see cref="Run"/>.</summary>
    /// <param name="query">The query, <c>[stride]</c>.</param>
    /// <param name="rows">Four rows; the last may be repeated.</param>
    /// <param name="stride">Their values.</param>
    /// <param name="dots">Room for four.</param>
    public static void Compare(float* query, float** rows, int stride, float* dots)
    {
        float* lanes = stackalloc float[4 * RowKernel.Lanes];
        new Span<float>(lanes, 4 * RowKernel.Lanes).Clear();
        RowKernel.Add(query, rows[0], rows[1], rows[2], rows[3], stride, lanes);
        RowKernel.Sum(lanes, dots);
    }

    private static void CompareFrom(int first, float* query, float* start, int count, int stride, float* dots)
    {
        float** rows = stackalloc float*[4];
        for (int row = first; row < count; row += 4)
        {
            for (int i = 0; i < 4; i++)
            {
                rows[i] = start + ((nint)Math.Min(row + i, count - 1) * stride);
            }
            Compare(query, rows, stride, dots + row);
        }
    }

    private static void Scan(FunnelSnapshot snapshot, float* queries, int from, int to, Func<long, bool>? filter, TopKeys[] lists, int head,
        float* tails)
    {
        const int Panel = PrefixDotProducts.PanelDocuments, RowsAtOnce = ParallelScan.RowsAtOnce;
        RowStore store = snapshot.Rows;
        int stride = store.Stride, columns = stride;
        float[] heads = new float[RowsAtOnce * head], lengths = new float[head > 0 ? lists.Length : 0];
        for (int q = 0; q < lengths.Length; q++)
        {
            lengths[q] = TensorPrimitives.Norm(new ReadOnlySpan<float>(queries + ((nint)q * stride) + head, stride - head));
        }
        float[] buffer = store is FileRows ? GC.AllocateUninitializedArray<float>(RowsAtOnce * stride, pinned: true) : [];
        float* dots = stackalloc float[4 * Panel];
        float** tile = stackalloc float*[4];
        fixed (float* room = buffer, headRoom = heads)
        {
            for (int block = from; block < to; block += RowsAtOnce)
            {
                int count = Math.Min(RowsAtOnce, to - block);
                float* start = store.Rows(block, count, room);
                for (int row = 0; row < count && head > 0; row++)
                {
                    new ReadOnlySpan<float>(start + ((nint)row * stride), head).CopyTo(heads.AsSpan(row * head));
                }
                int q = 0;
                for (; q + 4 <= lists.Length; q += 4)
                {
                    for (int i = 0; i < 4; i++)
                    {
                        tile[i] = queries + ((nint)(q + i) * stride);
                    }
                    int row = 0;
                    for (; row + 4 <= count; row += 4)
                    {
                        float* four = headRoom + ((nint)row * head);
                        if (head > 0)
                        {
                            RowKernel.Tile(tile, &four, &head, 1, dots + row);
                            if (AreTooFar(dots + row, tails + block + row, q))
                            {
                                continue;
                            }
                        }
                        four = start + ((nint)row * stride);
                        RowKernel.Tile(tile, &four, &columns, 1, dots + row);
                    }
                    for (int i = 0; i < 4; i++)
                    {
                        CompareFrom(row, tile[i], start, count, stride, dots + (i * Panel));
                        Take(lists[q + i], dots + (i * Panel), block, count);
                    }
                }
                for (; q < lists.Length; q++)
                {
                    CompareFrom(0, queries + ((nint)q * stride), start, count, stride, dots);
                    Take(lists[q], dots, block, count);
                }
            }
        }
        GC.KeepAlive(store);

        // Whether none of four rows can be among the best of four queries: the rest of a cosine is at most the product of two lengths.
        // Scores of heads, which are less than that, are of no use then either.
        bool AreTooFar(float* scores, float* tail, int query)
        {
            const float Rounding = 1e-4f;
            var rest = Vector128.Load(tail);
            for (int i = 0; i < 4; i++)
            {
                Vector128<float> most = Vector128.Load(scores + (i * Panel)) + (rest * lengths[query + i]) + Vector128.Create(Rounding);
                if (Vector128.GreaterThanOrEqualAny(most, Vector128.Create(lists[query + i].Least)))
                {
                    return false;
                }
            }
            return true;
        }

        void Take(TopKeys list, float* scores, int first, int count)
        {
            for (int i = 0; i < count; i++)
            {
                // Hardly ever is one of a lane's scores good enough.
                if (i % RowKernel.Lanes == 0
                    && !Vector512.GreaterThanOrEqualAny(Vector512.Load(scores + i), Vector512.Create(list.Least)))
                {
                    i += RowKernel.Lanes - 1;
                    continue;
                }
                // An equal score may belong to an earlier row where parts are put together.
                if (scores[i] >= list.Least && store.IsAlive(first + i) && (filter is null || filter(store.IdOf(first + i))))
                {
                    list.Add(ScoreKey.Of(scores[i], first + i));
                }
            }
        }
    }
}
