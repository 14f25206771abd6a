using System.Linq.Expressions;
using System.Numerics.Tensors;
using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.VectorData;

namespace Microsoft.ML.Mrl.Tests.ExtensionsVectorData;

/// <summary>The plainest collection that keeps the contract: records in a dictionary, searched by the cosine of any vector property. It
/// returns the very records that it keeps.</summary>
public sealed class MemoryCollection<TKey, TRecord>(Func<TRecord, TKey> key, string defaultVector, Action<TRecord>? clear = null)
    : VectorStoreCollection<TKey, TRecord>
    where TKey : notnull
    where TRecord : class
{
    private readonly VectorStoreCollectionMetadata _metadata = new() { VectorStoreSystemName = "memory", CollectionName = "items" };

    public Dictionary<TKey, TRecord>? Records { get; private set; }

    /// <summary>What the last search asked for.</summary>
    public (object Value, int Top, VectorSearchOptions<TRecord> Options)? Asked { get; private set; }

    public bool IsDisposed { get; private set; }

    public int Upserts { get; private set; }

    public override string Name => "items";

    public override Task<bool> CollectionExistsAsync(CancellationToken cancellationToken = default) => Task.FromResult(Records is not null);

    public override Task EnsureCollectionExistsAsync(CancellationToken cancellationToken = default)
    {
        Records ??= [];
        return Task.CompletedTask;
    }

    public override Task EnsureCollectionDeletedAsync(CancellationToken cancellationToken = default)
    {
        Records = null;
        return Task.CompletedTask;
    }

    public override Task<TRecord?> GetAsync(TKey key, RecordRetrievalOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Task.FromResult(Records!.TryGetValue(key, out TRecord? record) ? Returned(record, options?.IncludeVectors ?? false) : null);
    }

    public override async IAsyncEnumerable<TRecord> GetAsync(
        Expression<Func<TRecord, bool>> filter, int top, FilteredRecordRetrievalOptions<TRecord>? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        IEnumerable<TRecord> found = Records!.Values.Where(filter.Compile());
        foreach (var sort in (options?.OrderBy?.Invoke(new()).Values ?? []).Reverse())
        {
            Func<TRecord, object?> by = sort.PropertySelector.Compile();
            found = sort.Ascending ? found.OrderBy(by) : found.OrderByDescending(by);
        }
        foreach (TRecord record in found.Skip(options?.Skip ?? 0).Take(top))
        {
            yield return Returned(record, options?.IncludeVectors ?? false);
        }
    }

    public override Task DeleteAsync(TKey key, CancellationToken cancellationToken = default)
    {
        Records!.Remove(key);
        return Task.CompletedTask;
    }

    public override Task UpsertAsync(TRecord record, CancellationToken cancellationToken = default) =>
        UpsertAsync([record], cancellationToken);

    public override Task UpsertAsync(IEnumerable<TRecord> records, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(records);
        Upserts++;
        foreach (TRecord record in records)
        {
            Records![key(record)] = record;
        }
        return Task.CompletedTask;
    }

    public override async IAsyncEnumerable<VectorSearchResult<TRecord>> SearchAsync<TInput>(
        TInput searchValue, int top, VectorSearchOptions<TRecord>? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(searchValue);
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        options ??= new();
        Asked = (searchValue, top, options);
        await Task.Yield();
        Func<TRecord, object?> vector = options.VectorProperty?.Compile()
            ?? (record => typeof(TRecord).GetProperty(defaultVector)!.GetValue(record));
        ReadOnlyMemory<float> query = Vector(searchValue);
        var found = Records!.Values.Where(options.Filter?.Compile() ?? (_ => true))
            .Select(record => (Record: record, Score: (double)TensorPrimitives.CosineSimilarity(Vector(vector(record)).Span, query.Span)))
            .Where(r => !(r.Score < options.ScoreThreshold)).OrderByDescending(r => r.Score).Skip(options.Skip).Take(top);
        foreach ((TRecord record, double score) in found)
        {
            yield return new VectorSearchResult<TRecord>(Returned(record, options.IncludeVectors), score);
        }
    }

    public override object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(VectorStoreCollectionMetadata) ? _metadata : serviceType.IsInstanceOfType(this) ? this : null;

    protected override void Dispose(bool disposing)
    {
        IsDisposed = true;
        base.Dispose(disposing);
    }

    private static ReadOnlyMemory<float> Vector(object? value) => value switch
    {
        ReadOnlyMemory<float> memory => memory,
        float[] array => array,
        Microsoft.Extensions.AI.Embedding<float> embedding => embedding.Vector,
        _ => throw new NotSupportedException(),
    };

    private TRecord Returned(TRecord record, bool vectors)
    {
        if (vectors || clear is null)
        {
            return record;
        }
        var copy = (TRecord)typeof(object)
            .GetMethod("MemberwiseClone", BindingFlags.Instance | BindingFlags.NonPublic)!.Invoke(record, null)!;
        clear(copy);
        return copy;
    }
}
