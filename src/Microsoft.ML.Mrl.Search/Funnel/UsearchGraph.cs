using System.Buffers;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Cloud.Unum.USearch;

namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>A graph of neighbours (HNSW, Malkov and Yashunin 2016, arXiv:1603.09320) over prefixes of vectors, made by USearch.</summary>
/// <remarks>
/// <para>
/// Observed with version 2.26.6: searches may not run beside adds, since an add may move the table of vectors, so searches share a lock
/// that an add takes for itself, some rows at a time. A build on one thread gives the same bytes every time, and one on several threads
/// does not. More calls at once than the graph has contexts for would use memory that is not theirs, so calls wait for a context.
/// </para>
/// <para>What a search explores is the number of results that it is asked for, since its own setting is the least possible.</para>
/// </remarks>
internal sealed unsafe class UsearchGraph : IDisposable
{
    private const int Connectivity = 16;
    private const int ExpansionOfAdd = 128;

    // Where a comparison takes less than this part of the full vectors' time, there is time for an add to explore more, and searches find
    // as much with about three fifths of the rows explored.
    private const double Cheap = 0.2;
    private const int WideExpansionOfAdd = 320;

    // Nodes that a thread adds while searches wait. Few, since others go astray by the node of a thread that is interrupted meanwhile.
    private const int NodesPerTurn = 64;

    // A thread that is interrupted between two levels leaves a node without neighbours meanwhile, and what the others add by way of it is
    // linked to that node alone. So one thread adds the first nodes, until there are many ways.
    private const int AloneUpTo = 1024;

    private static readonly int Contexts = 2 * Environment.ProcessorCount;

    private readonly GraphHandle _handle;
    private readonly ReaderWriterLockSlim _turns = new();
    private readonly SemaphoreSlim _contexts = new(Contexts);
    private readonly ScalarKind _kind;
    private long _capacity;

    /// <param name="dimensions">The prefix length m.</param>
    /// <param name="type">The type that the graph stores a value as.</param>
    /// <param name="width">The width D of the full vectors.</param>
    /// <exception cref="PlatformNotSupportedException">There is no native library for this platform.</exception>
    public UsearchGraph(int dimensions, EmbeddingType type, int width)
    {
        Dimensions = dimensions;
        Type = type;
        Codec = new PrefixCodec(dimensions, type);
        _kind = type switch { EmbeddingType.Int8 => ScalarKind.Int8, EmbeddingType.Half => ScalarKind.Float16, _ => ScalarKind.Float32 };
        bool isCheap = Comparison(Codec.Bytes) < Cheap * Comparison(width * sizeof(float));
        var options = new UsearchNative.InitOptions
        {
            Metric = MetricKind.Ip,
            Scalar = _kind,
            Dimensions = (ulong)dimensions,
            Connectivity = Connectivity,
            ExpansionOfAdd = (ulong)(isCheap ? WideExpansionOfAdd : ExpansionOfAdd),
            ExpansionOfSearch = 1,
        };
        try
        {
            nint graph = UsearchNative.Create(&options, out nint error);
            UsearchNative.Check(error, "make a graph");
            _handle = new GraphHandle(graph);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            throw new PlatformNotSupportedException(
                $"Cannot build a graph: the native library libusearch_c does not load on {RuntimeInformation.RuntimeIdentifier} " +
                $"({e.Message}). Cloud.Unum.USearch has it for linux-x64, osx-arm64 and win-x64, and on Linux it needs libgomp. Set the " +
                $"plan to {nameof(FunnelPlan)}.{nameof(FunnelPlan.Exact)} to search without a graph.", e);
        }
    }

    /// <summary>What a comparison costs, in about nanoseconds: a wait for a row anywhere in the memory, and the cache lines that are read.
    /// Estimated on one machine, not fitted.</summary>
    public static double Comparison(int bytes) => 25 + (7.0 * ((bytes + 63) / 64));

    /// <summary>The prefix length m.</summary>
    public int Dimensions { get; }

    /// <summary>The type that the graph stores a value as.</summary>
    public EmbeddingType Type { get; }

    /// <summary>Writes prefixes for this graph.</summary>
    public PrefixCodec Codec { get; }

    /// <summary>The nodes that are there, removed ones not counted.</summary>
    public long Count => (long)UsearchNative.Size(_handle, out _);

    /// <summary>The bytes of the graph and its prefixes, without what the library has reserved beyond.</summary>
    public long MemoryBytes
    {
        get
        {
            _turns.EnterReadLock();
            try
            {
                return (long)UsearchNative.SerializedLength(_handle, out _);
            }
            finally
            {
                _turns.ExitReadLock();
            }
        }
    }

    /// <summary>Adds nodes; where that fails or is cancelled, none of them.</summary>
    /// <param name="keys">Their keys.</param>
    /// <param name="read">Writes the prefix of one of them, counted from 0, which has a direction.</param>
    /// <param name="threads">The most threads to use; -1 for no limit. By one thread the graph is the same every time.</param>
    /// <param name="progress">Takes the share of the nodes that were added.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public void Add(int[] keys, PrefixReader read, int threads, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        threads = Math.Min(threads < 0 ? Environment.ProcessorCount : threads, Contexts);
        int done = 0;
        try
        {
            while (done < keys.Length)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int first = done;
                _turns.EnterWriteLock();
                try
                {
                    if (first == 0)
                    {
                        Reserve(Count + keys.Length);
                    }
                    int own = Count < AloneUpTo ? 1 : threads;
                    done = Math.Min(keys.Length, first + (NodesPerTurn * own));
                    SharedWork.Run(first, done, own, () => i => AddOne(keys[i], i, read));
                }
                finally
                {
                    _turns.ExitWriteLock();
                }
                progress?.Report((double)done / keys.Length);
            }
        }
        catch (Exception e)
        {
            for (int i = 0; i < done; i++)
            {
                Remove(keys[i]);
            }
            ExceptionDispatchInfo.Throw(e is AggregateException { InnerException: { } inner } ? inner : e);
        }
    }

    /// <summary>Removes a node, if it is there.</summary>
    public void Remove(int key)
    {
        _turns.EnterWriteLock();
        try
        {
            UsearchNative.Remove(_handle, (ulong)key, out nint error);
            UsearchNative.Check(error, "remove a row");
        }
        finally
        {
            _turns.ExitWriteLock();
        }
    }

    /// <summary>Finds keys near a query, nearest first.</summary>
    /// <param name="query">The query as <see cref="PrefixCodec"/> writes it.</param>
    /// <param name="keys">Room for as many as are wanted.</param>
    /// <param name="distances">Room for as many.</param>
    /// <returns>How many were found.</returns>
    public int Search(ReadOnlySpan<byte> query, Span<ulong> keys, Span<float> distances)
    {
        _contexts.Wait();
        _turns.EnterReadLock();
        try
        {
            fixed (byte* start = query)
            fixed (ulong* found = keys)
            fixed (float* room = distances)
            {
                int count = (int)UsearchNative.Search(_handle, start, _kind, (nuint)keys.Length, found, room, out nint error);
                UsearchNative.Check(error, "search");
                return count;
            }
        }
        finally
        {
            _turns.ExitReadLock();
            _contexts.Release();
        }
    }

    /// <summary>Writes the graph.</summary>
    /// <param name="begin">Takes its length first.</param>
    /// <param name="write">Takes its bytes, piece by piece.</param>
    public void Save(Action<long> begin, ReadOnlySpanAction<byte, object?> write)
    {
        const int Piece = 1 << 20;
        _turns.EnterReadLock();
        try
        {
            nuint length = UsearchNative.SerializedLength(_handle, out nint error);
            UsearchNative.Check(error, "measure the graph");
            byte* bytes = (byte*)NativeMemory.Alloc(length);
            try
            {
                UsearchNative.Save(_handle, bytes, length, out error);
                UsearchNative.Check(error, "write the graph");
                begin((long)length);
                for (nuint at = 0; at < length; at += Piece)
                {
                    write(new ReadOnlySpan<byte>(bytes + at, (int)Math.Min(Piece, length - at)), null);
                }
            }
            finally
            {
                NativeMemory.Free(bytes);
            }
        }
        finally
        {
            _turns.ExitReadLock();
        }
    }

    /// <summary>Reads what <see cref="Save"/> wrote; the bytes are known to be whole.</summary>
    /// <exception cref="InvalidDataException">They are not a graph of this kind.</exception>
    public static UsearchGraph Load(int dimensions, EmbeddingType type, int width, byte* bytes, long length)
    {
        var graph = new UsearchGraph(dimensions, type, width);
        try
        {
            UsearchNative.Load(graph._handle, bytes, (nuint)length, out nint error);
            UsearchNative.Check(error, "read the graph");
            if (UsearchNative.Dimensions(graph._handle, out _) != (nuint)dimensions)
            {
                throw new InvalidOperationException(
                    $"The graph compares {UsearchNative.Dimensions(graph._handle, out _)} values, and {dimensions} were expected.");
            }
            graph.Reserve(graph.Count);
            return graph;
        }
        catch (InvalidOperationException e)
        {
            graph.Dispose();
            throw new InvalidDataException($"The index's graph cannot be read. The file is damaged: copy or save it again. {e.Message}", e);
        }
    }

    public void Dispose() => _handle.Dispose();

    // A reservation sets the number of contexts back to that of the cores.
    private void Reserve(long needed)
    {
        if (needed <= _capacity && _capacity > 0)
        {
            return;
        }
        _capacity = Math.Max(Math.Max(needed, 64), Math.Min(2 * _capacity, needed + (1 << 18)));
        UsearchNative.Reserve(_handle, (nuint)_capacity, out nint error);
        UsearchNative.Check(error, $"reserve room for {_capacity} rows");
        UsearchNative.ChangeThreadsOfAdd(_handle, (nuint)Contexts, out error);
        UsearchNative.Check(error, "reserve contexts");
        UsearchNative.ChangeThreadsOfSearch(_handle, (nuint)Contexts, out error);
        UsearchNative.Check(error, "reserve contexts");
    }

    private void AddOne(int key, int i, PrefixReader read)
    {
        float[] prefix = ArrayPool<float>.Shared.Rent(Dimensions);
        byte[] bytes = ArrayPool<byte>.Shared.Rent(Codec.Bytes);
        try
        {
            read(i, prefix.AsSpan(0, Dimensions));
            Codec.Write(prefix.AsSpan(0, Dimensions), bytes);
            fixed (byte* start = bytes)
            {
                UsearchNative.Add(_handle, (ulong)key, start, _kind, out nint error);
                UsearchNative.Check(error, "add a row");
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(prefix);
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}

/// <summary>Writes the prefix of a row.</summary>
/// <param name="row">The row.</param>
/// <param name="prefix">Room for the prefix, <c>[m]</c>.</param>
internal delegate void PrefixReader(int row, Span<float> prefix);
