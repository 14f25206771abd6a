using System.Numerics.Tensors;
using System.Runtime.Intrinsics.X86;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>Takes candidates from the graph and scores them again by the full vectors, for one query after the other.</summary>
/// <remarks>For one thread. What a query needs is kept for the next one, so that only hits are allocated.</remarks>
internal sealed unsafe class GraphSearch
{
    // Above this share of all rows it is cheaper to compare all of them than to ask the graph for so many.
    private const int ShareOfRows = 8;

    // The rows of a node that are candidates, where no more are asked for, and the rows without a direction that are.
    private const int RowsOfNode = 64;
    private const int RowsApart = 1024;

    private readonly FunnelSnapshot _snapshot;
    private readonly PrefixGraph _graph;
    private readonly RowStore _store;
    private readonly FunnelPlan _plan;
    private readonly int _top;
    private readonly Func<long, bool>? _filter;
    private readonly Func<int, long> _idOf;

    private readonly float[] _query;
    private readonly float[] _compared;
    private readonly float[] _prefix;
    private readonly byte[] _code;
    private readonly float[] _room;
    private readonly List<int> _rows = [];
    private readonly TopKeys _best;
    private ulong[] _keys = [];
    private float[] _distances = [];

    /// <param name="snapshot">The rows, with a graph.</param>
    /// <param name="plan">How to search; its prefix and type are the graph's.</param>
    /// <param name="top">How many rows are wanted.</param>
    /// <param name="filter">Which ids may be found; null for all.</param>
    public GraphSearch(FunnelSnapshot snapshot, FunnelPlan plan, int top, Func<long, bool>? filter)
    {
        _snapshot = snapshot;
        _graph = snapshot.Graph!;
        _store = snapshot.Rows;
        _plan = plan;
        _top = top;
        _filter = filter;
        _idOf = _store.IdOf;
        _query = new float[_store.Stride];
        _compared = plan.MiddleDimensions is null ? [] : new float[_store.Stride];
        _prefix = new float[_graph.Links.Dimensions];
        _code = new byte[_graph.Links.Codec.Bytes];
        _room = _store is FileRows ? new float[4 * _store.Stride] : [];
        _best = new TopKeys(top);
    }

    /// <summary>The nodes that <see cref="Find"/> found, nearest by prefix first.</summary>
    public List<int> Nodes { get; } = [];

    /// <summary>The best rows for a query, or null where all rows must be compared: the query's prefix is zeros, or too few rows are
    /// found or pass the filter.</summary>
    /// <param name="query">The query, <c>[D]</c>.</param>
    public SearchHit[]? Run(ReadOnlySpan<float> query)
    {
        int candidates = Math.Max(_plan.Candidates, _top);
        if (candidates >= _snapshot.Count || !Find(query, Math.Clamp(_plan.Expansion, candidates, _snapshot.Count), candidates))
        {
            return null;
        }
        _rows.Clear();
        foreach (int node in Nodes)
        {
            AddRows(node, Math.Max(RowsOfNode, _top));
        }
        AddRows(PrefixGraph.Apart, RowsApart);
        int kept = Math.Max(_plan.MiddleCandidates, _top);
        if (_plan.MiddleDimensions is { } middle && _rows.Count > kept)
        {
            // Zeros behind a prefix leave out what a row has there.
            _query.AsSpan(0, middle).CopyTo(_compared);
            TopKeys longer = Rank(_compared, middle, new TopKeys(kept));
            _rows.Clear();
            foreach (ulong key in longer.Ranked())
            {
                _rows.Add(ScoreKey.Position(key));
            }
        }
        _best.Clear();
        return Rank(_query, _store.Dimensions, _best).Count < _top ? null : _best.Hits(_idOf);
    }

    /// <summary>Finds the nodes of the graph for a query.</summary>
    /// <param name="query">The query, <c>[D]</c>.</param>
    /// <param name="expansion">How many nodes the graph is asked for.</param>
    /// <param name="candidates">How many of them with a row that passes are kept.</param>
    /// <returns>False where the graph cannot answer.</returns>
    public bool Find(ReadOnlySpan<float> query, int expansion, int candidates)
    {
        RowStore.Normalize(query, _query);
        _query.AsSpan(0, _prefix.Length).CopyTo(_prefix);
        if (!_graph.Links.Codec.Write(_prefix, _code))
        {
            return false;
        }
        while (true)
        {
            if (_keys.Length < expansion)
            {
                (_keys, _distances) = (new ulong[expansion], new float[expansion]);
            }
            int found = _graph.Links.Search(_code, _keys.AsSpan(0, expansion), _distances);
            Nodes.Clear();
            for (int i = 0; i < found && Nodes.Count < candidates; i++)
            {
                if (_snapshot.Passing(_graph.FirstOf((int)_keys[i]), _filter) >= 0)
                {
                    Nodes.Add((int)_keys[i]);
                }
            }
            if (_filter is null || Nodes.Count >= candidates)
            {
                return true;
            }
            // So many more as the share that passed suggests, and some to spare.
            double factor = Math.Clamp(1.5 * candidates / Math.Max(Nodes.Count, 0.5), 2, 16);
            if (expansion * factor > _snapshot.Count / ShareOfRows)
            {
                return false;
            }
            expansion = (int)(expansion * factor);
        }
    }

    private void AddRows(int node, int most)
    {
        int row = _snapshot.Passing(_graph.FirstOf(node), _filter);
        for (; row >= 0 && most > 0; most--)
        {
            _rows.Add(row);
            Prefetch(row);
            row = _snapshot.Passing(_graph.After(row), _filter);
        }
    }

    // Adds the rows to a list by their cosines with a prefix of the query, which may be all of it.
    private TopKeys Rank(float[] query, int dimensions, TopKeys best)
    {
        int stride = _store.Stride, columns = RowStore.StrideOf(dimensions);
        bool isPrefix = dimensions < _store.Dimensions;
        float* dots = stackalloc float[4];
        float** rows = stackalloc float*[4];
        fixed (float* buffer = _room, start = query)
        {
            for (int i = 0; i < _rows.Count; i += 4)
            {
                int last = Math.Min(4, _rows.Count - i) - 1;
                for (int j = 0; j < 4; j++)
                {
                    rows[j] = j <= last ? _store.Rows(_rows[i + j], 1, buffer + (j * stride)) : rows[last];
                }
                ExactSearch.Compare(start, rows, columns, dots);
                for (int j = 0; j <= last; j++)
                {
                    float length = isPrefix ? TensorPrimitives.Norm(new ReadOnlySpan<float>(rows[j], dimensions)) : 1;
                    float score = length < PrefixNorms.Smallest ? 0 : dots[j] / length;
                    // Only a file that was made to mislead has a NaN.
                    best.Add(ScoreKey.Of(float.IsNaN(score) ? float.NegativeInfinity : score, _rows[i + j]));
                }
            }
        }
        GC.KeepAlive(_store);
        return best;
    }

    // The rows are all over the memory: they are asked for before the first of them is compared.
    private void Prefetch(int row)
    {
        const int Line = 16, MaxLines = 8;
        if (Sse.IsSupported && _store is MemoryRows)
        {
            float* start = _store.Rows(row, 1, null);
            for (int c = 0; c < Math.Min(_store.Stride, MaxLines * Line); c += Line)
            {
                Sse.Prefetch0(start + c);
            }
        }
    }
}
