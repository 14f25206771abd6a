using Microsoft.ML.Mrl.Search.Funnel;

namespace Microsoft.ML.Mrl;

public sealed partial class FunnelIndex
{
    /// <summary>Builds an index of rows whose ids are their numbers, from 0.</summary>
    /// <param name="vectors">The vectors, row by row, <c>[N, D]</c>.</param>
    /// <param name="dimensions">The width D.</param>
    /// <param name="options">The options. Default: those of a new <see cref="FunnelIndexOptions"/>.</param>
    /// <param name="progress">Takes the share of the rows that are in the graph, from 0 to 1.</param>
    /// <param name="cancellationToken">Stops the build.</param>
    /// <exception cref="ArgumentException">The values are not whole rows, or one is a NaN or an infinity; or what the constructor
    /// says.</exception>
    /// <exception cref="PlatformNotSupportedException">The rows need a graph, and there is no native library for this platform.</exception>
    /// <exception cref="OperationCanceledException">The build was stopped.</exception>
    public static FunnelIndex Build(
        ReadOnlySpan<float> vectors, int dimensions, FunnelIndexOptions? options = null, IProgress<double>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        var ids = new long[vectors.Length / dimensions];
        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = i;
        }
        return Build(ids, vectors, dimensions, options, progress, cancellationToken);
    }

    /// <summary>Builds an index of rows with ids of their own.</summary>
    /// <param name="ids">The ids, N of them, no two equal.</param>
    /// <param name="vectors">The vectors, row by row, <c>[N, D]</c>.</param>
    /// <param name="dimensions">The width D.</param>
    /// <param name="options">The options. Default: those of a new <see cref="FunnelIndexOptions"/>.</param>
    /// <param name="progress">Takes the share of the rows that are in the graph, from 0 to 1.</param>
    /// <param name="cancellationToken">Stops the build.</param>
    /// <exception cref="ArgumentException">There are not as many ids as rows, an id is there twice, or a value is a NaN or an infinity;
    /// or what the constructor says.</exception>
    /// <exception cref="PlatformNotSupportedException">The rows need a graph, and there is no native library for this platform.</exception>
    /// <exception cref="OperationCanceledException">The build was stopped.</exception>
    public static FunnelIndex Build(
        ReadOnlySpan<long> ids, ReadOnlySpan<float> vectors, int dimensions, FunnelIndexOptions? options = null,
        IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        var index = new FunnelIndex(dimensions, options);
        try
        {
            index.Add(ids, vectors, progress, cancellationToken);
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
    /// <exception cref="PlatformNotSupportedException">The rows need a graph, and there is no native library for this platform.</exception>
    /// <exception cref="ObjectDisposedException">The index was disposed of.</exception>
    public void Add(long id, ReadOnlySpan<float> vector)
    {
        CheckWidth(vector, nameof(vector));
        Add([id], vector);
    }

    /// <summary>Adds rows: all of them, or none where one is not right. Searches see all of them at once.</summary>
    /// <param name="ids">Their ids, N of them, which no other row has.</param>
    /// <param name="vectors">Their vectors, row by row, <c>[N, D]</c>.</param>
    /// <param name="progress">Takes the share of the rows that are in the graph, from 0 to 1.</param>
    /// <param name="cancellationToken">Stops the work; the index stays as it was.</param>
    /// <exception cref="ArgumentException">There are not as many ids as rows, a value is a NaN or an infinity, or an id is there
    /// twice.</exception>
    /// <exception cref="NotSupportedException">The index is read-only.</exception>
    /// <exception cref="PlatformNotSupportedException">The rows need a graph, and there is no native library for this platform.</exception>
    /// <exception cref="OperationCanceledException">The work was stopped.</exception>
    /// <exception cref="ObjectDisposedException">The index was disposed of.</exception>
    /// <exception cref="InvalidOperationException">The index would have more than 2³¹ − 1024 rows, removed ones counted.</exception>
    public void Add(ReadOnlySpan<long> ids, ReadOnlySpan<float> vectors, IProgress<double>? progress = null,
        CancellationToken cancellationToken = default)
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
                throw new InvalidOperationException(
                    $"Cannot add {ids.Length} rows to {_snapshot.Count}: an index holds {MaxRows} at most. Split the rows among several.");
            }
            Dictionary<long, int> positions = Positions();
            int taken = 0;
            try
            {
                for (; taken < ids.Length; taken++)
                {
                    if (!positions.TryAdd(ids[taken], _snapshot.Count + taken))
                    {
                        throw new ArgumentException($"Cannot add id {ids[taken]}: a row has it already. Remove that one first, or choose " +
                            "another id.", nameof(ids));
                    }
                }
                Append(ids, vectors, progress, cancellationToken);
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
    /// <remarks>The row is marked as gone. Once at least 1,024 rows and more than half of all are, the vectors are compacted.</remarks>
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
            _snapshot.Graph?.Remove(_snapshot.Rows, _snapshot.Count, position);
            ((MemoryRows)_snapshot.Rows).Remove(position);
            _removed++;
            if (_removed >= MinRemovedToCompact && _removed > _snapshot.Count - _removed)
            {
                CompactRows();
            }
            return true;
        }
    }

    /// <summary>Determines whether a row has an id.</summary>
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

    private unsafe void Append(ReadOnlySpan<long> ids, ReadOnlySpan<float> vectors, IProgress<double>? progress,
        CancellationToken cancellationToken)
    {
        FunnelSnapshot before = _snapshot;
        MemoryRows rows;
        fixed (float* start = vectors)
        {
            nint address = (nint)start;
            rows = ((MemoryRows)before.Rows).Append(
                before.Count, ids,
                (row, target) => RowStore.Normalize(new ReadOnlySpan<float>((float*)address + ((nint)row * Dimensions), Dimensions),
                target));
        }
        int count = before.Count + ids.Length;
        if (before.Graph is null)
        {
            Publish(WithGraph(new FunnelSnapshot(rows, count, before.Plan), before.Plan, progress, cancellationToken));
            return;
        }
        before.Graph.Add(rows, before.Count, count, MaxDegreeOfParallelism, progress, cancellationToken);
        Publish(before with { Rows = rows, Count = count });
    }

    /// <summary>Gives back the memory of the vectors of removed rows. Needs room for all others once more meanwhile. The graph stays, and
    /// gives the places of removed rows to new ones.</summary>
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

    private unsafe void CompactRows()
    {
        FunnelSnapshot before = _snapshot;
        if (_removed == 0)
        {
            return;
        }
        int[] live = before.Live();
        long[] ids = Array.ConvertAll(live, before.Rows.IdOf);
        MemoryRows rows = new MemoryRows(Dimensions).Append(
            0, ids, (row, target) => new ReadOnlySpan<float>(before.Rows.Rows(live[row], 1, null), target.Length).CopyTo(target));
        PrefixGraph? graph = before.Graph;
        if (graph is not null)
        {
            graph = new PrefixGraph(graph.Links, graph.Nodes, graph.NodeOfEach(before.Count, live));
        }
        _positions = null;
        _removed = 0;
        Publish(new FunnelSnapshot(rows, live.Length, before.Plan, graph));
    }

    // Made when it is first asked for: an index that is only searched does without.
    private Dictionary<long, int> Positions()
    {
        if (_positions is not null)
        {
            return _positions;
        }
        var positions = new Dictionary<long, int>(_snapshot.Count);
        for (int position = 0; position < _snapshot.Count; position++)
        {
            long id = _snapshot.Rows.IdOf(position);
            if (_snapshot.Rows.IsAlive(position) && !positions.TryAdd(id, position))
            {
                throw new InvalidDataException($"Two rows have the id {id}. The file is damaged.");
            }
        }
        return _positions = positions;
    }

    private void CheckWritable()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_openedPath is not null)
        {
            throw new NotSupportedException(
                $"The index is read-only: its rows are read from '{_openedPath}'. {nameof(Load)} the file to change its rows.");
        }
    }
}
