using System.Numerics.Tensors;
using Microsoft.ML.Mrl.Search.Funnel;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Finds the vectors nearest to a query by cosine: compares all of them at a short prefix, and those that do best there again at longer and longer ones (funnel retrieval, Kusupati et al. 2022,
/// arXiv:2205.13147, section 4.3).
/// </summary>
/// <remarks>
/// <para>
/// At each width both sides are cut and then rescaled to unit length. Scores of what is found are cosines at the full width D, and where the lists hold all rows the result is that of
/// <see cref="SearchExact(ReadOnlySpan{float}, int)"/> to the last bit. Equal scores go to the row that was added earlier. A vector of zeros has cosine 0 with everything, and so has a
/// prefix with less than 1e-12 of its vector's length at that width. Vectors have no NaN and no infinities.
/// </para>
/// <para>
/// Rows are held in unmanaged memory, about 4 · D + 8 + 4 · M bytes each with M widths; vectors are kept at unit length, their own length is not. Results depend neither on the number of threads nor on
/// whether queries come one by one or together.
/// </para>
/// <para>
/// Instances are safe for concurrent use. Searches take no lock: one goes by the rows that were there when it began, so rows that are added meanwhile are not found, and rows
/// that are removed meanwhile may or may not be; a row removed before a search begins is never found. Adding, removing and saving take turns.
/// </para>
/// </remarks>
public sealed partial class FunnelIndex : IDisposable
{
    internal const int MaxRows = int.MaxValue - 1024;

    private const int SmallestSegment = 1024;
    private const int LargestSegment = 1 << 18;
    private const int FewestDead = 1024;

    private readonly object _writing = new();
    private readonly string? _mappedPath;

    private FunnelSnapshot _snapshot;
    private Dictionary<long, int>? _positions;
    private FunnelPlan? _plan;
    private long _expected;
    private int _dead;
    private volatile bool _disposed;

    /// <summary>Creates an index without rows.</summary>
    /// <param name="dimensions">The width D of the vectors, at least 1.</param>
    /// <param name="options">Widths, plan and threads. Default: those of a new <see cref="FunnelIndexOptions"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="dimensions"/> is below 1, a width is above it, or the number of threads is neither -1 nor above 0.</exception>
    /// <exception cref="ArgumentException">The plan does not fit the widths.</exception>
    public FunnelIndex(int dimensions, FunnelIndexOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        options ??= new FunnelIndexOptions();
        Widths = WidthsOf(dimensions, options.Widths);
        Layout = new FunnelLayout(Widths);
        _snapshot = new FunnelSnapshot([], 0);
        MaxDegreeOfParallelism = options.MaxDegreeOfParallelism;
        Plan = options.Plan;
    }

    private FunnelIndex(MatryoshkaDimensions widths, FunnelLayout layout, FunnelSnapshot snapshot, FunnelPlan? plan, string? mappedPath)
    {
        Widths = widths;
        Layout = layout;
        _snapshot = snapshot;
        _mappedPath = mappedPath;
        Plan = plan;
    }

    /// <summary>The width D of the vectors.</summary>
    public int Dimensions => Layout.Dimensions;

    /// <summary>The prefix lengths at which rows can be compared, ascending; the last is D.</summary>
    public MatryoshkaDimensions Widths { get; }

    /// <summary>The number of rows, removed ones not counted.</summary>
    public int Count
    {
        get
        {
            lock (_writing)
            {
                return _snapshot.Count - _dead;
            }
        }
    }

    /// <summary>Whether rows can be neither added nor removed, as with a file that was opened rather than loaded.</summary>
    public bool IsReadOnly => _mappedPath is not null;

    /// <summary>How to search unless a search says otherwise; <see langword="null"/> for the default of <see cref="FunnelIndexOptions.Plan"/>. Saved with the index.</summary>
    /// <exception cref="ArgumentException">The plan does not fit the widths.</exception>
    public FunnelPlan? Plan
    {
        get => Volatile.Read(ref _plan);
        set
        {
            if (value is not null)
            {
                FunnelStages.Resolve(value, Layout, Widths, nameof(value));
            }
            Volatile.Write(ref _plan, value);
        }
    }

    /// <summary>The most threads of one search; -1 for no limit. Not saved.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is neither -1 nor above 0.</exception>
    public int MaxDegreeOfParallelism
    {
        get;
        set => field = ThreadLimits.Check(value, "search with");
    }
    = -1;

    internal FunnelLayout Layout { get; }

    /// <summary>Builds an index of rows whose ids are their numbers, from 0.</summary>
    /// <param name="vectors">The vectors, row by row, <c>[N, D]</c>.</param>
    /// <param name="dimensions">The width D.</param>
    /// <param name="options">Widths, plan and threads. Default: those of a new <see cref="FunnelIndexOptions"/>.</param>
    /// <exception cref="ArgumentException">The values are not whole rows, or one is a NaN or an infinity; or what the constructor says.</exception>
    public static FunnelIndex Build(ReadOnlySpan<float> vectors, int dimensions, FunnelIndexOptions? options = null)
    {
        var index = new FunnelIndex(dimensions, options);
        var ids = new long[vectors.Length / dimensions];
        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = i;
        }
        return index.With(ids, vectors);
    }

    /// <summary>Builds an index of rows with ids of their own.</summary>
    /// <param name="ids">The ids, N of them, no two equal.</param>
    /// <param name="vectors">The vectors, row by row, <c>[N, D]</c>.</param>
    /// <param name="dimensions">The width D.</param>
    /// <param name="options">Widths, plan and threads. Default: those of a new <see cref="FunnelIndexOptions"/>.</param>
    /// <exception cref="ArgumentException">There are not as many ids as rows, an id is there twice, or a value is a NaN or an infinity; or what the constructor says.</exception>
    public static FunnelIndex Build(ReadOnlySpan<long> ids, ReadOnlySpan<float> vectors, int dimensions, FunnelIndexOptions? options = null)
        => new FunnelIndex(dimensions, options).With(ids, vectors);

    /// <summary>Builds an index of rows that come one by one.</summary>
    /// <param name="rows">The ids, no two equal, and the vectors, <c>[D]</c> each.</param>
    /// <param name="dimensions">The width D.</param>
    /// <param name="options">Widths, plan and threads. Default: those of a new <see cref="FunnelIndexOptions"/>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="rows"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">A vector has another width, a NaN or an infinity, or an id is there twice; or what the constructor says.</exception>
    public static FunnelIndex Build(IEnumerable<(long Id, ReadOnlyMemory<float> Vector)> rows, int dimensions, FunnelIndexOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var index = new FunnelIndex(dimensions, options);
        try
        {
            foreach ((long id, ReadOnlyMemory<float> vector) in rows)
            {
                index.Add(id, vector.Span);
            }
            return index;
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    /// <summary>Adds a row.</summary>
    /// <param name="id">Its id, which no other row has.</param>
    /// <param name="vector">Its vector, <c>[D]</c>.</param>
    /// <exception cref="ArgumentException">The vector has another width, a NaN or an infinity, or a row has the id.</exception>
    /// <exception cref="NotSupportedException">The index is read-only.</exception>
    /// <exception cref="ObjectDisposedException">The index was disposed of.</exception>
    public void Add(long id, ReadOnlySpan<float> vector)
    {
        CheckWidth(vector, nameof(vector));
        Add([id], vector);
    }

    /// <summary>Adds rows: all of them, or none where one is not right. Searches see all of them at once.</summary>
    /// <param name="ids">Their ids, N of them, which no other row has.</param>
    /// <param name="vectors">Their vectors, row by row, <c>[N, D]</c>.</param>
    /// <exception cref="ArgumentException">There are not as many ids as rows, a value is a NaN or an infinity, or an id is there twice.</exception>
    /// <exception cref="NotSupportedException">The index is read-only.</exception>
    /// <exception cref="ObjectDisposedException">The index was disposed of.</exception>
    /// <exception cref="InvalidOperationException">The index would have more than 2³¹ − 1024 rows, removed ones counted.</exception>
    public void Add(ReadOnlySpan<long> ids, ReadOnlySpan<float> vectors)
    {
        if ((long)ids.Length * Dimensions != vectors.Length)
        {
            throw new ArgumentException(
                $"Found {ids.Length} ids for {vectors.Length} values. Give {Dimensions} values for each id.", nameof(vectors));
        }
        CheckFinite(vectors, nameof(vectors));
        lock (_writing)
        {
            CheckWritable();
            if (ids.Length > MaxRows - _snapshot.Count)
            {
                throw new InvalidOperationException($"Cannot add {ids.Length} rows to {_snapshot.Count}: an index holds {MaxRows} at most. Part the rows among several.");
            }
            Dictionary<long, int> positions = Positions();
            int taken = 0;
            try
            {
                for (; taken < ids.Length; taken++)
                {
                    if (!positions.TryAdd(ids[taken], _snapshot.Count + taken))
                    {
                        throw new ArgumentException($"Cannot add id {ids[taken]}: a row has it already. Remove that one first, or choose another id.", nameof(ids));
                    }
                }
                Append(ids, vectors);
            }
            catch
            {
                for (int i = 0; i < taken; i++)
                {
                    positions.Remove(ids[i]);
                }
                throw;
            }
        }
    }

    /// <summary>Removes a row.</summary>
    /// <param name="id">The row's id.</param>
    /// <returns>Whether there was such a row.</returns>
    /// <remarks>The row is marked as gone. Once at least 1024 rows and more than half of all are, the index is compacted.</remarks>
    /// <exception cref="NotSupportedException">The index is read-only.</exception>
    /// <exception cref="ObjectDisposedException">The index was disposed of.</exception>
    public bool Remove(long id)
    {
        lock (_writing)
        {
            CheckWritable();
            if (!Positions().Remove(id, out int position))
            {
                return false;
            }
            FunnelSegment segment = _snapshot.Find(position);
            segment.SetAlive(position - segment.FirstPosition, alive: false);
            _dead++;
            if (_dead >= FewestDead && _dead > _snapshot.Count - _dead)
            {
                CompactRows();
            }
            return true;
        }
    }

    /// <summary>Whether a row has an id.</summary>
    /// <param name="id">The id.</param>
    /// <exception cref="ObjectDisposedException">The index was disposed of.</exception>
    public bool Contains(long id)
    {
        lock (_writing)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return Positions().ContainsKey(id);
        }
    }

    /// <summary>Gives back the memory of removed rows, and puts all others into one piece of memory, in their order. Needs room for them once more meanwhile.</summary>
    /// <exception cref="NotSupportedException">The index is read-only.</exception>
    /// <exception cref="ObjectDisposedException">The index was disposed of.</exception>
    public void Compact()
    {
        lock (_writing)
        {
            CheckWritable();
            CompactRows();
        }
    }

    /// <summary>Gives the memory, or the file, back once the searches that run have ended. Later ones fail.</summary>
    public void Dispose()
    {
        lock (_writing)
        {
            _disposed = true;
            _snapshot.Dispose();
        }
    }

    /// <summary>Says how many rows are to come, so that they lie in one piece.</summary>
    internal void Reserve(long rows) => _expected = rows;

    /// <summary>The positions of the rows that are there, ascending.</summary>
    internal static int[] LivePositions(FunnelSnapshot snapshot)
    {
        var live = new List<int>(snapshot.Count);
        foreach (FunnelSegment segment in snapshot.Segments)
        {
            int rows = snapshot.RowsIn(segment);
            for (int row = 0; row < rows; row++)
            {
                if (segment.IsAlive(row))
                {
                    live.Add(segment.FirstPosition + row);
                }
            }
        }
        return [.. live];
    }

    /// <summary>The rows there are now, their memory kept until they are released.</summary>
    internal FunnelSnapshot Acquire()
    {
        while (true)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            FunnelSnapshot snapshot = Volatile.Read(ref _snapshot);
            // It fails where the index was compacted or disposed of in between.
            if (snapshot.TryAcquire())
            {
                return snapshot;
            }
        }
    }

    private static MatryoshkaDimensions WidthsOf(int dimensions, MatryoshkaDimensions? asked)
    {
        const int Shortest = 16, ShortestOfWide = 32, Wide = 512;
        if (asked is null)
        {
            return MatryoshkaDimensions.DoubledUpTo(dimensions, dimensions < Wide ? Shortest : ShortestOfWide);
        }
        if (asked.Largest > dimensions)
        {
            throw new ArgumentOutOfRangeException(
                nameof(asked), asked.Largest, $"Cannot compare at {asked.Largest}: the vectors have {dimensions} values. Choose widths in 1..{dimensions}.");
        }
        return asked.Largest == dimensions ? asked : new MatryoshkaDimensions(asked.Append(dimensions));
    }

    private FunnelIndex With(ReadOnlySpan<long> ids, ReadOnlySpan<float> vectors)
    {
        try
        {
            Add(ids, vectors);
            return this;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private void Append(ReadOnlySpan<long> ids, ReadOnlySpan<float> vectors)
    {
        FunnelSnapshot before = _snapshot;
        FunnelSegment[] segments = before.Segments;
        int count = before.Count, kept = segments.Length;
        try
        {
            for (int i = 0; i < ids.Length; i++, count++)
            {
                if (segments.Length == 0 || count == segments[^1].FirstPosition + segments[^1].Capacity)
                {
                    int rows = (int)Math.Min(Math.Max(Math.Max(ids.Length - i, _expected - count), Math.Clamp(count, SmallestSegment, LargestSegment)), MaxRows - count);
                    segments = [.. segments, FunnelSegment.Allocate(rows, count, Layout)];
                }
                FunnelSegment segment = segments[^1];
                int row = count - segment.FirstPosition;
                segment.Write(row, ids[i], vectors.Slice(i * Dimensions, Dimensions));
                segment.SetAlive(row, alive: true);
            }
        }
        catch
        {
            foreach (FunnelSegment segment in segments.AsSpan(kept))
            {
                segment.Owner.Dispose();
            }
            throw;
        }
        Volatile.Write(ref _snapshot, new FunnelSnapshot(segments, count));
    }

    private void CompactRows()
    {
        FunnelSnapshot before = _snapshot;
        if (_dead == 0 && before.Segments.Length <= 1)
        {
            return;
        }
        int[] live = LivePositions(before);
        FunnelSnapshot after = new([], 0);
        var positions = new Dictionary<long, int>(live.Length);
        if (live.Length > 0)
        {
            FunnelSegment target = FunnelSegment.Allocate(live.Length, 0, Layout);
            for (int row = 0; row < live.Length; row++)
            {
                FunnelSegment source = before.Find(live[row]);
                target.CopyFrom(source, live[row] - source.FirstPosition, row);
                positions.Add(IdOf(target, row), row);
            }
            target.SetAllAlive(live.Length);
            after = new FunnelSnapshot([target], live.Length);
        }
        _positions = positions;
        _dead = 0;
        Volatile.Write(ref _snapshot, after);
        before.Dispose();
    }

    private static unsafe long IdOf(FunnelSegment segment, int row) => segment.Ids[row];

    // Made when it is first asked for: an index that is only searched does without.
    private Dictionary<long, int> Positions()
    {
        if (_positions is not null)
        {
            return _positions;
        }
        var positions = new Dictionary<long, int>(_snapshot.Count);
        foreach (FunnelSegment segment in _snapshot.Segments)
        {
            for (int row = 0; row < _snapshot.RowsIn(segment); row++)
            {
                if (segment.IsAlive(row) && !positions.TryAdd(IdOf(segment, row), segment.FirstPosition + row))
                {
                    throw new InvalidDataException($"Two rows have the id {IdOf(segment, row)}. The file is damaged.");
                }
            }
        }
        return _positions = positions;
    }

    private void CheckWritable()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_mappedPath is not null)
        {
            throw new NotSupportedException($"The index is read-only: it is mapped from '{_mappedPath}'. {nameof(Load)} the file to change its rows.");
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
            string.Create(System.Globalization.CultureInfo.InvariantCulture,
                $"Vector {bad / Dimensions} has {vectors[bad]} at {bad % Dimensions} (both counted from 0). Repair or leave out such vectors."),
            parameterName);
    }
}
