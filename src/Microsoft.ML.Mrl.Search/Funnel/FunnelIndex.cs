using System.Globalization;
using System.Numerics.Tensors;
using Microsoft.ML.Mrl.Search.Funnel;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Finds the vectors nearest to a query by cosine: a graph of neighbours over short prefixes (HNSW, by USearch) gives candidates, and the
/// full vectors score them again. Small collections are compared whole.
/// </summary>
/// <remarks>
/// <para>
/// Scores are cosines at the full width D, whichever way a row was found, and equal scores go to the row that was added earlier. A vector
/// of zeros has cosine 0 with everything. A vector whose prefix is zeros (less than 1e-12 of its length) is not in the graph: the first
/// 1,024 of these are scored with every search. Vectors have no NaN and no infinities. Rows whose prefixes are the same in signed bytes
/// take one place in the graph, and the first 64 of them, or as many as are wanted, are candidates together.
/// </para>
/// <para>
/// A row takes 4 · D + 9 bytes, with D rounded up to a multiple of 16, and in the graph about 190 bytes and its prefix. Vectors are kept
/// at unit length; their own length is not kept.
/// <see cref="Tune(ReadOnlySpan{float}, FunnelTuningOptions, IProgress{double}?, CancellationToken)"/> chooses the prefix, its type and the
/// lists for the recall that is wanted.
/// </para>
/// <para>
/// Instances are safe for concurrent use. A search goes by the rows that were there when it began: rows that are added meanwhile are not
/// found, and rows that are removed meanwhile may or may not be; a row that was removed before a search begins is never found. Adding,
/// removing, tuning and saving take turns. Where there is a graph, searches wait while up to 64 rows a thread enter it.
/// </para>
/// </remarks>
public sealed partial class FunnelIndex : IDisposable
{
    internal const int MaxRows = int.MaxValue - 1024;

    // Values of all rows up to which comparing all of them is fast enough by itself: 8 MB.
    private const long SmallValues = 1 << 21;
    private const int MinRemovedToCompact = 1024;

    private readonly object _writing = new();
    private readonly string? _openedPath;

    private FunnelSnapshot _snapshot;
    private Dictionary<long, int>? _positions;
    private int _removed;
    private volatile bool _disposed;

    /// <summary>Initializes a new instance of the <see cref="FunnelIndex"/> class without rows.</summary>
    /// <param name="dimensions">The width D of the vectors, at least 1.</param>
    /// <param name="options">The options. Default: those of a new <see cref="FunnelIndexOptions"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="dimensions"/> is below 1, a prefix is above it, or the number of
    /// threads is neither -1 nor above 0.</exception>
    /// <exception cref="ArgumentException">The plan does not fit the width.</exception>
    public FunnelIndex(int dimensions, FunnelIndexOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        options ??= new FunnelIndexOptions();
        Dimensions = dimensions;
        HasOwnPrefixes = options.Prefixes is not null;
        Prefixes = PrefixesOf(dimensions, options.Prefixes);
        MaxDegreeOfParallelism = options.MaxDegreeOfParallelism;
        CheckPlan(options.Plan, dimensions, nameof(options));
        _snapshot = new FunnelSnapshot(new MemoryRows(dimensions), 0, options.Plan);
    }

    private FunnelIndex(FunnelFormat.Header header, FunnelSnapshot snapshot, string? openedPath)
    {
        Dimensions = header.Dimensions;
        HasOwnPrefixes = header.HasOwnPrefixes;
        Prefixes = header.Prefixes;
        _snapshot = snapshot;
        _openedPath = openedPath;
    }

    /// <summary>Gets the width D of the vectors.</summary>
    public int Dimensions { get; }

    /// <summary>The prefix lengths that a tuning chooses among, ascending; the last is D.</summary>
    internal MatryoshkaDimensions Prefixes { get; }

    /// <summary>Gets the number of rows, removed ones not counted.</summary>
    public int Count
    {
        get
        {
            lock (_writing)
            {
                return _snapshot.Count - _removed;
            }
        }
    }

    /// <summary>Gets a value that indicates whether rows can be neither added nor removed, as with a file that was opened rather than
    /// loaded.</summary>
    public bool IsReadOnly => _openedPath is not null;

    /// <summary>Gets how the index searches; <see langword="null"/> for the default of <see cref="FunnelIndexOptions.Plan"/>. Saved with
    /// the index.</summary>
    public FunnelPlan? Plan => Volatile.Read(ref _snapshot).Plan;

    /// <summary>Gets the bytes of the graph and the prefixes in it; 0 where there is no graph.</summary>
    public long GraphBytes => Volatile.Read(ref _snapshot).Graph?.Links.MemoryBytes ?? 0;

    /// <summary>Gets or sets the largest number of threads for one search or build; -1 for no limit. Not saved.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is neither -1 nor above 0.</exception>
    public int MaxDegreeOfParallelism
    {
        get;
        set => field = ThreadLimits.Check(value, "search with");
    }
    = -1;

    internal bool HasOwnPrefixes { get; }

    /// <summary>Changes how the index searches, and builds the graph anew where the plan needs another one.</summary>
    /// <param name="plan">The plan; <see langword="null"/> for the default of <see cref="FunnelIndexOptions.Plan"/>.</param>
    /// <param name="progress">Takes the share of the rows that are in the new graph, from 0 to 1. Searches go on meanwhile by the plan
    /// before.</param>
    /// <param name="cancellationToken">Stops the work; the index stays as it was.</param>
    /// <exception cref="ArgumentException">The plan does not fit the width.</exception>
    /// <exception cref="PlatformNotSupportedException">The plan needs a graph, and there is no native library for this
    /// platform.</exception>
    /// <exception cref="OperationCanceledException">The work was stopped.</exception>
    /// <exception cref="ObjectDisposedException">The index was disposed of.</exception>
    public void SetPlan(FunnelPlan? plan, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        CheckPlan(plan, Dimensions, nameof(plan));
        lock (_writing)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            Publish(WithGraph(_snapshot, plan, progress, cancellationToken));
        }
    }

    /// <summary>Gives the memory, or the file, back once the searches that run have ended. Later ones fail.</summary>
    public void Dispose()
    {
        lock (_writing)
        {
            _disposed = true;
            _snapshot.Graph?.Dispose();
            (_snapshot.Rows as IDisposable)?.Dispose();
        }
    }

    /// <summary>The plan that a search follows where nobody made one, and the graph that it needs.</summary>
    internal FunnelPlan DefaultPlan(int count, int top)
    {
        const int MinPrefix = 64, CandidatesPerResult = 10, MinCandidates = 100, MinExpansion = 128;
        if ((long)count * Dimensions <= SmallValues)
        {
            return FunnelPlan.Exact;
        }
        int wanted = HasOwnPrefixes ? MinPrefix : Math.Max(MinPrefix, Dimensions / 2);
        int candidates = (int)Math.Clamp((long)CandidatesPerResult * top, MinCandidates, int.MaxValue);
        return new FunnelPlan(Prefixes.Append(Dimensions).First(m => m >= Math.Min(wanted, Dimensions)), EmbeddingType.Int8, candidates,
            MinExpansion);
    }

    private static MatryoshkaDimensions PrefixesOf(int dimensions, MatryoshkaDimensions? asked)
    {
        const int Shortest = 16;
        if (asked is null)
        {
            return MatryoshkaDimensions.DoubledUpTo(dimensions, Shortest);
        }
        if (asked.Largest > dimensions)
        {
            throw new ArgumentOutOfRangeException(
                nameof(asked), asked.Largest, $"Cannot compare {asked.Largest} values: the vectors have {dimensions}. Choose prefixes in " +
                $"1..{dimensions}.");
        }
        return asked.Largest == dimensions ? asked : new MatryoshkaDimensions(asked.Append(dimensions));
    }

    /// <exception cref="ArgumentException">The plan compares more values than there are, or a type that a graph cannot store.</exception>
    internal static void CheckPlan(FunnelPlan? plan, int dimensions, string parameterName)
    {
        int longest = Math.Max(plan?.Dimensions ?? 0, plan?.MiddleDimensions ?? 0);
        if (longest > dimensions)
        {
            throw new ArgumentException($"The plan ({plan}) compares {longest} values, and the vectors have {dimensions}. Choose " +
                $"{dimensions} or fewer.", parameterName);
        }
        if (plan?.Type == EmbeddingType.Binary)
        {
            throw new ArgumentException($"A graph cannot store {plan.Type}, which the plan ({plan}) names. Choose {EmbeddingType.Int8}, " +
                $"{EmbeddingType.Half} or {EmbeddingType.Single}.", parameterName);
        }
    }

    // The same rows with the graph that a plan needs, which is the one that is there if that fits.
    private FunnelSnapshot WithGraph(FunnelSnapshot snapshot, FunnelPlan? plan, IProgress<double>? progress,
        CancellationToken cancellationToken)
    {
        FunnelPlan needed = plan ?? DefaultPlan(snapshot.Count, 1);
        PrefixGraph? graph = needed.IsExact || snapshot.Count == 0 ? null
            : snapshot.Graph?.Fits(needed) == true ? snapshot.Graph
            : PrefixGraph.Build(snapshot.Rows, snapshot.Count, needed, MaxDegreeOfParallelism, progress, cancellationToken);
        return snapshot with { Plan = plan, Graph = graph };
    }

    private void Publish(FunnelSnapshot after)
    {
        FunnelSnapshot before = _snapshot;
        Volatile.Write(ref _snapshot, after);
        if (before.Graph?.Links != after.Graph?.Links)
        {
            before.Graph?.Dispose();
        }
    }

    private void CheckWidth(ReadOnlySpan<float> vector, string parameterName)
    {
        if (vector.Length != Dimensions)
        {
            throw new ArgumentException($"The vector has {vector.Length} values; the index holds vectors of {Dimensions}.", parameterName);
        }
    }

    private void CheckFinite(ReadOnlySpan<float> vectors, string parameterName)
    {
        if (vectors.IsEmpty || float.IsFinite(TensorPrimitives.MaxMagnitude(vectors)))
        {
            return;
        }
        int bad = 0;
        while (float.IsFinite(vectors[bad]))
        {
            bad++;
        }
        throw new ArgumentException(
            string.Create(CultureInfo.InvariantCulture,
                $"Vector {bad / Dimensions} has {vectors[bad]} at {bad % Dimensions} (both counted from 0). Repair or leave out such " +
                $"vectors."),
            parameterName);
    }
}
