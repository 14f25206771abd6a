using System.Buffers;
using System.Numerics.Tensors;
using System.Runtime.Intrinsics.X86;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>Takes candidates from the graph and scores them again by the full vectors.</summary>
internal static unsafe class GraphSearch
{
    // Above this share of all rows it is cheaper to compare all of them than to ask the graph for so many.
    private const int ShareOfRows = 8;

    // The rows of a node that are candidates, where no more are asked for, and the rows without a direction that are.
    private const int RowsOfNode = 64;
    private const int RowsApart = 1024;

    /// <summary>Longer vectors have no room on the stack.</summary>
    private const int MaxOnStack = 4096;

    /// <summary>The best rows for a query, or null where all rows must be compared: the query's prefix is zeros, or too few rows are
    /// found or pass the filter.</summary>
    /// <param name="snapshot">The rows, with a graph.</param>
    /// <param name="query">The query at unit length, <c>[stride]</c>.</param>
    /// <param name="plan">How to search; its prefix and type are the graph's.</param>
    /// <param name="top">How many are wanted.</param>
    /// <param name="filter">Which ids may be found; null for all.</param>
    public static TopKeys? Run(FunnelSnapshot snapshot, ReadOnlySpan<float> query, FunnelPlan plan, int top, Func<long, bool>? filter)
    {
        int candidates = Math.Max(plan.Candidates, top);
        var nodes = new List<int>(Math.Min(candidates, snapshot.Count));
        if (candidates >= snapshot.Count
            || !Find(snapshot, query, Math.Clamp(plan.Expansion, candidates, snapshot.Count), candidates, filter, nodes))
        {
            return null;
        }
        var listed = new List<int>(nodes.Count);
        foreach (int node in nodes)
        {
            AddRows(node, Math.Max(RowsOfNode, top));
        }
        AddRows(PrefixGraph.Apart, RowsApart);
        int kept = Math.Max(plan.MiddleCandidates, top);
        if (plan.MiddleDimensions is { } middle && listed.Count > kept)
        {
            listed = [.. Rank(snapshot.Rows, query, middle, listed, kept).Ranked().ToArray().Select(ScoreKey.Position)];
        }
        TopKeys best = Rank(snapshot.Rows, query, snapshot.Rows.Dimensions, listed, top);
        return best.Count < top ? null : best;

        void AddRows(int node, int most)
        {
            int row = snapshot.Passing(snapshot.Graph!.FirstOf(node), filter);
            for (; row >= 0 && most > 0; most--)
            {
                listed.Add(row);
                row = snapshot.Passing(snapshot.Graph.After(row), filter);
            }
        }
    }

    /// <summary>The nodes of the graph for a query.</summary>
    /// <param name="snapshot">The rows, with a graph.</param>
    /// <param name="query">The query at unit length.</param>
    /// <param name="expansion">How many nodes the graph is asked for.</param>
    /// <param name="candidates">How many of them with a row that passes are kept.</param>
    /// <param name="filter">Which ids may be found; null for all.</param>
    /// <param name="nodes">Takes the nodes, nearest by prefix first.</param>
    /// <returns>False where the graph cannot answer.</returns>
    public static bool Find(FunnelSnapshot snapshot, ReadOnlySpan<float> query, int expansion, int candidates, Func<long, bool>? filter,
        List<int> nodes)
    {
        PrefixGraph graph = snapshot.Graph!;
        UsearchGraph links = graph.Links;
        Span<float> prefix = stackalloc float[links.Dimensions];
        Span<byte> bytes = stackalloc byte[PrefixCodec.Bytes(links.Type, links.Dimensions)];
        query[..links.Dimensions].CopyTo(prefix);
        if (!PrefixCodec.Write(prefix, links.Type, bytes))
        {
            return false;
        }
        while (true)
        {
            ulong[] keys = ArrayPool<ulong>.Shared.Rent(expansion);
            try
            {
                int found = links.Search(bytes, keys.AsSpan(0, expansion));
                nodes.Clear();
                for (int i = 0; i < found && nodes.Count < candidates; i++)
                {
                    if (snapshot.Passing(graph.FirstOf((int)keys[i]), filter) >= 0)
                    {
                        nodes.Add((int)keys[i]);
                    }
                }
            }
            finally
            {
                ArrayPool<ulong>.Shared.Return(keys);
            }
            if (filter is null || nodes.Count >= candidates)
            {
                return true;
            }
            // So many more as the share that passed suggests, and some to spare.
            double factor = Math.Clamp(1.5 * candidates / Math.Max(nodes.Count, 0.5), 2, 16);
            if (expansion * factor > snapshot.Count / ShareOfRows)
            {
                return false;
            }
            expansion = (int)(expansion * factor);
        }
    }

    // The best of some rows by the cosines of prefixes, which may be the whole vectors.
    private static TopKeys Rank(RowStore store, ReadOnlySpan<float> query, int dimensions, List<int> listed, int top)
    {
        var best = new TopKeys(top);
        int stride = store.Stride, columns = RowStore.StrideOf(dimensions);
        bool isPrefix = dimensions < store.Dimensions;
        float[] room = store is FileRows ? ArrayPool<float>.Shared.Rent(4 * stride) : [];
        // Zeros behind a prefix leave out what a row has there.
        Span<float> compared = columns <= MaxOnStack ? stackalloc float[columns] : new float[columns];
        compared.Clear();
        query[..dimensions].CopyTo(compared);
        float* dots = stackalloc float[4];
        float** rows = stackalloc float*[4];
        fixed (float* buffer = room, start = compared)
        {
            for (int i = 0; i < listed.Count; i += 4)
            {
                int last = Math.Min(4, listed.Count - i) - 1;
                for (int j = 0; j < 4; j++)
                {
                    rows[j] = j <= last ? store.Rows(listed[i + j], 1, buffer + (j * stride)) : rows[last];
                }
                for (int j = i + 4; store is MemoryRows && j < Math.Min(i + 8, listed.Count); j++)
                {
                    Prefetch(store.Rows(listed[j], 1, null), columns);
                }
                ExactSearch.Compare(start, rows, columns, dots);
                for (int j = 0; j <= last; j++)
                {
                    float length = isPrefix ? TensorPrimitives.Norm(new ReadOnlySpan<float>(rows[j], dimensions)) : 1;
                    float score = length < PrefixNorms.Smallest ? 0 : dots[j] / length;
                    // Only a file that was made to mislead has a NaN.
                    best.Add(ScoreKey.Of(float.IsNaN(score) ? float.NegativeInfinity : score, listed[i + j]));
                }
            }
        }
        GC.KeepAlive(store);
        if (room.Length > 0)
        {
            ArrayPool<float>.Shared.Return(room);
        }
        return best;
    }

    // The rows are all over the memory: the next ones are asked for while these are compared.
    private static void Prefetch(float* row, int stride)
    {
        const int Line = 16, MaxLines = 8;
        for (int c = 0; Sse.IsSupported && c < Math.Min(stride, MaxLines * Line); c += Line)
        {
            Sse.Prefetch0(row + c);
        }
    }
}
