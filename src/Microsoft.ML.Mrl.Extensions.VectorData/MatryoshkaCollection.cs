using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.VectorData;

namespace Microsoft.ML.Mrl.Extensions.VectorData;

/// <summary>Fills short vectors and searches in two stages; passes everything else on.</summary>
internal sealed class MatryoshkaCollection<TKey, TRecord>(
    VectorStoreCollection<TKey, TRecord> inner,
    RecordVector<TRecord> full,
    RecordVector<TRecord> cut,
    VectorShortener shortener,
    MatryoshkaCollectionOptions options) : VectorStoreCollection<TKey, TRecord>
    where TKey : notnull
    where TRecord : class
{
    private static readonly Func<TRecord, TRecord> s_copy = MakeCopy();
    private static readonly PropertyInfo[] s_vectors =
        [.. typeof(TRecord).GetProperties().Where(p => p.SetMethod is not null && p.IsDefined(typeof(VectorStoreVectorAttribute)))];

    private readonly FullScore _score = new(options.DistanceFunction ?? full.DistanceFunction ?? DistanceFunction.CosineSimilarity);

    public override string Name => inner.Name;

    public override Task<bool> CollectionExistsAsync(
        CancellationToken cancellationToken = default) => inner.CollectionExistsAsync(cancellationToken);

    public override Task EnsureCollectionExistsAsync(
        CancellationToken cancellationToken = default) => inner.EnsureCollectionExistsAsync(cancellationToken);

    public override Task EnsureCollectionDeletedAsync(
        CancellationToken cancellationToken = default) => inner.EnsureCollectionDeletedAsync(cancellationToken);

    public override Task<TRecord?> GetAsync(
        TKey key, RecordRetrievalOptions? options = null, CancellationToken cancellationToken = default) =>
        inner.GetAsync(key, options, cancellationToken);

    public override IAsyncEnumerable<TRecord> GetAsync(
        IEnumerable<TKey> keys, RecordRetrievalOptions? options = null, CancellationToken cancellationToken = default) =>
        inner.GetAsync(keys, options, cancellationToken);

    public override IAsyncEnumerable<TRecord> GetAsync(
        Expression<Func<TRecord, bool>> filter,
        int top,
        FilteredRecordRetrievalOptions<TRecord>? options = null,
        CancellationToken cancellationToken = default) =>
        inner.GetAsync(filter, top, options, cancellationToken);

    public override Task DeleteAsync(TKey key, CancellationToken cancellationToken = default) => inner.DeleteAsync(key, cancellationToken);

    public override Task DeleteAsync(
        IEnumerable<TKey> keys, CancellationToken cancellationToken = default) => inner.DeleteAsync(keys, cancellationToken);

    public override Task UpsertAsync(TRecord record, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(record);
        cut.Set(record, ShortVector(record, "The record", nameof(record)), full.Value(record));
        return inner.UpsertAsync(record, cancellationToken);
    }

    public override Task UpsertAsync(IEnumerable<TRecord> records, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(records);
        TRecord[] batch = [.. records];
        // All vectors are checked before the first record is changed.
        float[][] vectors =
            [.. batch.Select((record, i) => ShortVector(record, $"Record {i} of the batch, counted from 0,", nameof(records)))];
        for (int i = 0; i < batch.Length; i++)
        {
            cut.Set(batch[i], vectors[i], full.Value(batch[i]));
        }
        return inner.UpsertAsync(batch, cancellationToken);
    }

    public override IAsyncEnumerable<VectorSearchResult<TRecord>> SearchAsync<TInput>(
        TInput searchValue, int top, VectorSearchOptions<TRecord>? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(searchValue);
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        options ??= new VectorSearchOptions<TRecord>();
        bool twoStages = options.VectorProperty is null || RecordVector<TRecord>.NameOf(options.VectorProperty) == full.Name;
        return twoStages
            ? SearchInTwoStagesAsync(searchValue, top, options, cancellationToken)
            : inner.SearchAsync(searchValue, top, options, cancellationToken);
    }

    public override object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is null && serviceType.IsInstanceOfType(this) ? this : inner.GetService(serviceType, serviceKey);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }
        base.Dispose(disposing);
    }

    private async IAsyncEnumerable<VectorSearchResult<TRecord>> SearchInTwoStagesAsync(
        object searchValue, int top, VectorSearchOptions<TRecord> search, [EnumeratorCancellation] CancellationToken cancellation)
    {
        ReadOnlyMemory<float> query = await QueryAsync(searchValue, cancellation).ConfigureAwait(false);
        var byShort = new VectorSearchOptions<TRecord> { Filter = search.Filter, VectorProperty = cut.Selector, IncludeVectors = true };
        float[] direction = shortener.Shorten(query.Span, "The search value", nameof(searchValue));
        if (!direction.AsSpan().ContainsAnyExcept(0f))
        {
            throw new ArgumentException(
                $"The search value has only zeros in the {direction.Length} values that candidates are found by, and so no direction. "
                + "Was an empty text embedded?", nameof(searchValue));
        }
        var shortQuery = new ReadOnlyMemory<float>(direction);
        var scored = new List<(TRecord Record, double Score)>();
        int candidates = NumberOfCandidates(top, search.Skip);
        IAsyncEnumerable<VectorSearchResult<TRecord>> found = inner.SearchAsync(shortQuery, candidates, byShort, cancellation);
        await foreach (VectorSearchResult<TRecord> candidate in found.ConfigureAwait(false))
        {
            ReadOnlyMemory<float> vector = full.Get(candidate.Record) ?? throw new InvalidOperationException(
                $"The search found a record without a full vector in '{full.Name}'. Upsert all records with their full vectors.");
            if (vector.Length != query.Length)
            {
                throw new InvalidOperationException(
                    $"The search value has {query.Length} values, but a record has {vector.Length} in '{full.Name}'. "
                    + "Embed both with the same model.");
            }
            scored.Add((candidate.Record, _score.Of(query.Span, vector.Span)));
        }
        // Sorting is stable, so that equal scores keep the order of the first stage.
        IEnumerable<(TRecord Record, double Score)> ranked = scored.OrderBy(s => _score.HigherIsBetter ? -s.Score : s.Score);
        if (search.ScoreThreshold is { } threshold)
        {
            ranked = ranked.Where(s => _score.HigherIsBetter ? s.Score >= threshold : s.Score <= threshold);
        }
        foreach ((TRecord record, double score) in ranked.Skip(search.Skip).Take(top))
        {
            yield return new VectorSearchResult<TRecord>(search.IncludeVectors ? record : WithoutVectors(record), score);
        }
    }

    private async ValueTask<ReadOnlyMemory<float>> QueryAsync(object searchValue, CancellationToken cancellation)
    {
        if (searchValue is string text)
        {
            if (options.EmbeddingGenerator is null)
            {
                throw new InvalidOperationException("There is no generator to embed the text with. "
                    + $"Set {nameof(options.EmbeddingGenerator)}, or search for a vector.");
            }
            return (await options.EmbeddingGenerator.GenerateAsync([text], null, cancellation).ConfigureAwait(false))[0].Vector;
        }
        return RecordVector<TRecord>.Read(searchValue, "The search value")
            ?? throw new ArgumentException("The search value is an empty vector. Give a full vector.", nameof(searchValue));
    }

    private int NumberOfCandidates(int top, int skip) =>
        (int)Math.Min(int.MaxValue, Math.Max(options.MinNumberOfCandidates, Math.Ceiling(options.Oversampling * ((double)top + skip))));

    private float[] ShortVector(TRecord record, string what, string parameter)
    {
        if (record is null)
        {
            throw new ArgumentException($"{what} is null. Leave it out.", parameter);
        }
        ReadOnlyMemory<float> vector = full.Get(record)
            ?? throw new ArgumentException($"{what} has no full vector in '{full.Name}'. Set it before the record is upserted.", parameter);
        return shortener.Shorten(vector.Span, what, parameter);
    }

    /// <summary>Returns a copy, since a store in memory may have returned the very record that it keeps.</summary>
    private TRecord WithoutVectors(TRecord record)
    {
        TRecord copy = s_copy(record);
        full.Clear(copy);
        cut.Clear(copy);
        foreach (PropertyInfo other in s_vectors)
        {
            other.SetValue(copy, null);
        }
        return copy;
    }

    private static Func<TRecord, TRecord> MakeCopy()
    {
        if (typeof(TRecord) == typeof(Dictionary<string, object?>))
        {
            return record => (TRecord)(object)new Dictionary<string, object?>((Dictionary<string, object?>)(object)record);
        }
        MethodInfo method = typeof(object).GetMethod(nameof(MemberwiseClone), BindingFlags.Instance | BindingFlags.NonPublic)!;
        var clone = method.CreateDelegate<Func<object, object>>();
        return record => (TRecord)clone(record);
    }
}
