using System.Collections.Concurrent;
using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.VectorData;

namespace Microsoft.ML.Mrl.Search.Collections;

/// <summary>Records in memory, whose vectors an index finds.</summary>
internal sealed class FunnelRecordCollection<TKey, TRecord>(FunnelIndex index, string name, MemoryRecordModel<TKey, TRecord> model)
    : VectorStoreCollection<TKey, TRecord>
    where TKey : notnull
    where TRecord : class
{
    private readonly object _writing = new();
    private readonly ConcurrentDictionary<long, TRecord> _records = new();
    private readonly ConcurrentDictionary<TKey, long> _ids = new();
    private readonly VectorStoreCollectionMetadata _metadata = new() { VectorStoreSystemName = "microsoft.ml.mrl", CollectionName = name };
    private long _nextId;
    private volatile bool _exists;

    public override string Name => name;

    public override Task<bool> CollectionExistsAsync(CancellationToken cancellationToken = default) => Task.FromResult(_exists);

    public override Task EnsureCollectionExistsAsync(CancellationToken cancellationToken = default)
    {
        _exists = true;
        return Task.CompletedTask;
    }

    public override Task EnsureCollectionDeletedAsync(CancellationToken cancellationToken = default) => Task.Run(() =>
    {
        lock (_writing)
        {
            Remove(_ids.Keys);
            _exists = false;
        }
    }, cancellationToken);

    public override Task<TRecord?> GetAsync(TKey key, RecordRetrievalOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        bool vectors = model.IncludesVectors(options?.IncludeVectors ?? false);
        bool found = _ids.TryGetValue(key, out long id) & _records.TryGetValue(id, out TRecord? record);
        return Task.FromResult(found ? model.Copy(record!, vectors) : null);
    }

    public override async IAsyncEnumerable<TRecord> GetAsync(
        Expression<Func<TRecord, bool>> filter,
        int top,
        FilteredRecordRetrievalOptions<TRecord>? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        options ??= new FilteredRecordRetrievalOptions<TRecord>();
        bool vectors = model.IncludesVectors(options.IncludeVectors);
        IEnumerable<TRecord> found = _records.OrderBy(pair => pair.Key).Select(pair => pair.Value).Where(filter.Compile());
        // Sorting is stable: by the last selector first.
        foreach (var sort in (options.OrderBy?.Invoke(new()).Values ?? []).Reverse())
        {
            Func<TRecord, object?> by = sort.PropertySelector.Compile();
            found = sort.Ascending ? found.OrderBy(by) : found.OrderByDescending(by);
        }
        foreach (TRecord record in found.Skip(options.Skip).Take(top))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return model.Copy(record, vectors);
        }
        await Task.CompletedTask.ConfigureAwait(false);
    }

    public override Task DeleteAsync(TKey key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        return DeleteAsync([key], cancellationToken);
    }

    public override Task DeleteAsync(IEnumerable<TKey> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        TKey[] removed = [.. keys];
        return Task.Run(() =>
        {
            lock (_writing)
            {
                Remove(removed);
            }
        }, cancellationToken);
    }

    public override Task UpsertAsync(TRecord record, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(record);
        return UpsertAsync([record], cancellationToken);
    }

    public override async Task UpsertAsync(IEnumerable<TRecord> records, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(records);
        TRecord[] batch = [.. records];
        float[][] vectors = await model.VectorsAsync(batch, cancellationToken).ConfigureAwait(false);
        for (int i = 0; i < batch.Length; i++)
        {
            if (vectors[i].Length != index.Dimensions)
            {
                throw new ArgumentException(
                    $"Record {i} of the batch, counted from 0, has {vectors[i].Length} values in its vector, "
                    + $"but the index's vectors have {index.Dimensions}.",
                    nameof(records));
            }
        }
        // Of records with the same key the last one stays.
        IEnumerable<(TKey Key, TRecord Record, float[] Vector)> all =
            batch.Select((record, i) => (Key: model.Key(record), Record: model.Copy(record, true), vectors[i]));
        (TKey Key, TRecord Record, float[] Vector)[] rows = [.. all.GroupBy(row => row.Key).Select(group => group.Last())];
        if (rows.Length > 0)
        {
            await Task.Run(() => Write(rows), cancellationToken).ConfigureAwait(false);
        }
    }

    public override IAsyncEnumerable<VectorSearchResult<TRecord>> SearchAsync<TInput>(
        TInput searchValue, int top, VectorSearchOptions<TRecord>? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(searchValue);
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        options ??= new VectorSearchOptions<TRecord>();
        model.CheckVectorProperty(options);
        return SearchAsync(searchValue, top, options, model.IncludesVectors(options.IncludeVectors), cancellationToken);
    }

    public override object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(VectorStoreCollectionMetadata) ? _metadata
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType.IsInstanceOfType(index) ? index
            : null;
    }

    private async IAsyncEnumerable<VectorSearchResult<TRecord>> SearchAsync(
        object searchValue,
        int top,
        VectorSearchOptions<TRecord> options,
        bool vectors,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        float[] query = await model.QueryAsync(searchValue, cancellation).ConfigureAwait(false);
        Func<TRecord, bool>? passes = options.Filter?.Compile();
        int wanted = (int)Math.Min(int.MaxValue, (long)top + options.Skip);
        List<(TRecord Record, float Score)> found =
            await Task.Run(() => Find(query, wanted, passes), cancellation).ConfigureAwait(false);
        foreach ((TRecord record, float score) in found.Where(row => !(row.Score < options.ScoreThreshold)).Skip(options.Skip).Take(top))
        {
            yield return new VectorSearchResult<TRecord>(model.Copy(record, vectors), score);
        }
    }

    // A row without a record does not pass: it comes or goes just now.
    private List<(TRecord Record, float Score)> Find(float[] query, int wanted, Func<TRecord, bool>? passes)
    {
        var found = new List<(TRecord, float)>();
        foreach (SearchHit hit in index.Search(
            query, wanted, id => _records.TryGetValue(id, out TRecord? record) && (passes is null || passes(record))))
        {
            if (_records.TryGetValue(hit.Id, out TRecord? record))
            {
                found.Add((record, hit.Score));
            }
        }
        return found;
    }

    private void Write((TKey Key, TRecord Record, float[] Vector)[] rows)
    {
        lock (_writing)
        {
            var ids = new long[rows.Length];
            var vectors = new float[rows.Length * index.Dimensions];
            for (int i = 0; i < rows.Length; i++)
            {
                ids[i] = _nextId++;
                rows[i].Vector.CopyTo(vectors, i * index.Dimensions);
            }
            // The index checks the vectors: all rows get in, or none.
            index.Add(ids, vectors);
            for (int i = 0; i < rows.Length; i++)
            {
                bool replaces = _ids.TryGetValue(rows[i].Key, out long before);
                _records[ids[i]] = rows[i].Record;
                _ids[rows[i].Key] = ids[i];
                if (replaces)
                {
                    _records.TryRemove(before, out _);
                    index.Remove(before);
                }
            }
            _exists = true;
        }
    }

    private void Remove(IEnumerable<TKey> keys)
    {
        foreach (TKey key in keys)
        {
            if (_ids.TryRemove(key, out long id))
            {
                _records.TryRemove(id, out _);
                index.Remove(id);
            }
        }
    }
}
