using System.Runtime.InteropServices;

namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>
/// The graph of an index, and which rows its nodes stand for. Rows whose prefixes have equal codes share a node, since a graph in which
/// one vector is there many times does not lead to some of the others. Node 0 is not in the graph: its rows have prefixes without a
/// direction, and are candidates of every search.
/// </summary>
/// <remarks>One thread at a time changes it, while others search. Rows beyond those that a search knows of are no concern of its.</remarks>
internal sealed class PrefixGraph : IDisposable
{
    /// <summary>The node of rows that are apart.</summary>
    public const int Apart = 0;

    private const int None = -1;

    // The first row of each node or -1, and the row behind each row in its node or 0.
    private int[] _first;
    private int[] _next;

    // By the digest of the prefix in signed bytes, and the numbers of nodes without rows. Made when rows are first added or removed.
    private readonly PrefixCodec _codes;
    private Dictionary<UInt128, Node>? _byCodes;
    private readonly Stack<int> _free = new();

    /// <param name="links">The graph, whose keys are the numbers of the nodes.</param>
    /// <param name="nodes">The number of nodes.</param>
    /// <param name="nodeOfEach">The node of each row, or -1.</param>
    public PrefixGraph(UsearchGraph links, int nodes, int[] nodeOfEach)
    {
        Links = links;
        _codes = new PrefixCodec(links.Dimensions, EmbeddingType.Int8);
        Nodes = nodes;
        _first = new int[nodes];
        _next = new int[nodeOfEach.Length];
        Array.Fill(_first, None);
        var last = new int[nodes];
        for (int row = 0; row < nodeOfEach.Length; row++)
        {
            if (nodeOfEach[row] is >= 0 and var node)
            {
                (_first[node] < 0 ? ref _first[node] : ref _next[last[node]]) = row;
                last[node] = row;
            }
        }
    }

    /// <summary>The graph of the nodes. Where rows are counted anew, the old graph and the new one share it.</summary>
    public UsearchGraph Links { get; }

    /// <summary>The number of nodes, those without rows among them.</summary>
    public int Nodes { get; private set; }

    /// <summary>Whether a plan goes by such a graph.</summary>
    public bool Fits(FunnelPlan plan) => plan.Dimensions == Links.Dimensions && plan.Type == Links.Type;

    /// <summary>Builds a graph over the rows that are there.</summary>
    /// <exception cref="PlatformNotSupportedException">There is no native library for this platform.</exception>
    /// <exception cref="OperationCanceledException">The build was stopped.</exception>
    public static PrefixGraph Build(RowStore rows, int count, FunnelPlan plan, int threads, IProgress<double>? progress,
        CancellationToken cancellationToken)
    {
        var graph = new PrefixGraph(new UsearchGraph(plan.Dimensions, plan.Type, rows.Dimensions), Apart + 1, []);
        try
        {
            graph.Add(rows, 0, count, threads, progress, cancellationToken);
            return graph;
        }
        catch
        {
            graph.Dispose();
            throw;
        }
    }

    /// <summary>Adds the rows from one position to another, where they are there; all of them, or none if that fails.</summary>
    public void Add(RowStore rows, int start, int end, int threads, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        Dictionary<UInt128, Node> byCodes = ByCodes(rows, start);
        var codes = new UInt128[end - start];
        Parallel.For(start, end, new ParallelOptions { MaxDegreeOfParallelism = threads },
            row => codes[row - start] = rows.IsAlive(row) ? _codes.Digest(rows, row) : 0);
        Grow(ref _next, end, 0);
        var linked = new List<int>();
        var added = new List<int>();
        try
        {
            for (int row = start; row < end; row++)
            {
                if (!rows.IsAlive(row))
                {
                    continue;
                }
                ref Node node = ref CollectionsMarshal.GetValueRefOrAddDefault(byCodes, codes[row - start], out bool exists);
                if (exists)
                {
                    Volatile.Write(ref _next[node.Last], row);
                    linked.Add(node.Last);
                    node = node with { Last = row, Rows = node.Rows + 1 };
                    continue;
                }
                int number = codes[row - start] == 0 ? Apart : _free.TryPop(out int free) ? free : Nodes++;
                Grow(ref _first, Nodes, None);
                Volatile.Write(ref _first[number], row);
                node = new Node(number, row, 1);
                added.Add(number);
            }
            int[] numbers = [.. added.Where(number => number != Apart)];
            Links.Add(numbers, (i, prefix) => rows.CopyPrefix(_first[numbers[i]], prefix), threads, progress, cancellationToken);
        }
        catch
        {
            linked.ForEach(row => _next[row] = 0);
            added.ForEach(number => _first[number] = None);
            _byCodes = null;
            throw;
        }
    }

    /// <summary>Takes a row out, before it is marked as removed.</summary>
    public void Remove(RowStore rows, int count, int row)
    {
        Dictionary<UInt128, Node> byCodes = ByCodes(rows, count);
        UInt128 code = _codes.Digest(rows, row);
        if (!byCodes.TryGetValue(code, out Node node))
        {
            return;
        }
        if (node.Rows > 1)
        {
            byCodes[code] = node with { Rows = node.Rows - 1 };
            return;
        }
        byCodes.Remove(code);
        Volatile.Write(ref _first[node.Number], None);
        if (node.Number != Apart)
        {
            Links.Remove(node.Number);
            _free.Push(node.Number);
        }
    }

    /// <summary>The first row of a node, or -1.</summary>
    public int FirstOf(int node)
    {
        int[] first = Volatile.Read(ref _first);
        return node < first.Length ? Volatile.Read(ref first[node]) : None;
    }

    /// <summary>The row behind a row in its node, or -1.</summary>
    public int After(int row)
    {
        int[] next = Volatile.Read(ref _next);
        return row < next.Length && Volatile.Read(ref next[row]) is > 0 and var after ? after : None;
    }

    /// <summary>The node of each row; -1 of those that are in none.</summary>
    /// <param name="count">How many rows there are.</param>
    /// <param name="chosen">The rows to tell of; null for all.</param>
    public int[] NodeOfEach(int count, int[]? chosen)
    {
        var nodes = new int[count];
        Array.Fill(nodes, None);
        for (int node = 0; node < Nodes; node++)
        {
            for (int row = _first[node]; row >= 0 && row < count; row = After(row))
            {
                nodes[row] = node;
            }
        }
        return chosen is null ? nodes : Array.ConvertAll(chosen, row => nodes[row]);
    }

    public void Dispose() => Links.Dispose();

    private Dictionary<UInt128, Node> ByCodes(RowStore rows, int count)
    {
        if (_byCodes is not null)
        {
            return _byCodes;
        }
        var byCodes = new Dictionary<UInt128, Node>(Nodes);
        _free.Clear();
        for (int number = 0; number < Nodes; number++)
        {
            int first = _first[number], last = first, alive = 0;
            for (int row = first; row >= 0 && row < count; row = After(row))
            {
                last = row;
                alive += rows.IsAlive(row) ? 1 : 0;
            }
            if (first >= 0)
            {
                byCodes.Add(_codes.Digest(rows, first), new Node(number, last, alive));
            }
            else if (number != Apart)
            {
                _free.Push(number);
            }
        }
        return _byCodes = byCodes;
    }

    // Searches read the array that was there before until they see the new one.
    private static void Grow(ref int[] array, int length, int value)
    {
        if (length > array.Length)
        {
            var larger = new int[(int)Math.Min(Array.MaxLength, Math.Max(length, 2L * array.Length))];
            Array.Fill(larger, value);
            array.CopyTo(larger, 0);
            Volatile.Write(ref array, larger);
        }
    }

    /// <summary>A node, its last row, and how many of its rows are there.</summary>
    private readonly record struct Node(int Number, int Last, int Rows);
}
