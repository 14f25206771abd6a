using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.VectorData;
using Microsoft.ML.Mrl.Postgres.Search;
using Microsoft.ML.Mrl.Postgres.Tables;
using Npgsql;

namespace Microsoft.ML.Mrl.Postgres.Collections;

/// <summary>Represents a table as a collection of records.</summary>
internal sealed class PostgresRecordCollection<TId, TRecord>(
    PostgresVectorTableOptions table,
    TableCreation creation,
    TableRows<TId> rows,
    TableSearch<TId> searches,
    TableRecordModel<TId, TRecord> model,
    PostgresSearchOptions defaults,
    object owner) : VectorStoreCollection<TId, TRecord>
    where TId : notnull
    where TRecord : class
{
    private readonly VectorStoreCollectionMetadata _metadata = new()
    {
        VectorStoreSystemName = "postgresql",
        CollectionName = table.TableName,
    };

    public override string Name => table.TableName;

    public override Task<bool> CollectionExistsAsync(CancellationToken cancellationToken = default) =>
        RunAsync("CollectionExists", () => creation.ExistsAsync(cancellationToken));

    public override Task EnsureCollectionExistsAsync(
        CancellationToken cancellationToken = default) => RunAsync("EnsureCollectionExists", async () =>
    {
        await creation.CreateAsync(cancellationToken).ConfigureAwait(false);
        await creation.CreateIndexAsync(cancellationToken).ConfigureAwait(false);
        return true;
    });

    public override Task EnsureCollectionDeletedAsync(
        CancellationToken cancellationToken = default) => RunAsync("EnsureCollectionDeleted", async () =>
    {
        await creation.DropAsync(cancellationToken).ConfigureAwait(false);
        return true;
    });

    public override async Task<TRecord?> GetAsync(
        TId key, RecordRetrievalOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        bool vectors = model.IncludesVectors(options?.IncludeVectors ?? false);
        List<TableRow<TId>> found = await RunAsync("Get", () => rows.FindAsync([key], vectors, cancellationToken)).ConfigureAwait(false);
        return found.Count == 0 ? null : Record(found[0]);
    }

    public override IAsyncEnumerable<TRecord> GetAsync(
        IEnumerable<TId> keys, RecordRetrievalOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        TId[] ids = [.. keys];
        bool vectors = model.IncludesVectors(options?.IncludeVectors ?? false);
        return RecordsAsync(() =>
            ids.Length == 0 ? Task.FromResult<List<TableRow<TId>>>([]) : rows.FindAsync(ids, vectors, cancellationToken));
    }

    public override IAsyncEnumerable<TRecord> GetAsync(
        Expression<Func<TRecord, bool>> filter,
        int top,
        FilteredRecordRetrievalOptions<TRecord>? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        options ??= new FilteredRecordRetrievalOptions<TRecord>();
        bool vectors = model.IncludesVectors(options.IncludeVectors);
        var orderBy = (options.OrderBy?.Invoke(new()).Values ?? [])
            .Select(sort => (FilterTranslator.Column(sort.PropertySelector, model.ColumnOf), sort.Ascending)).ToArray();
        SearchFilter condition = FilterTranslator.Translate(filter, model.ColumnOf);
        return RecordsAsync(() => rows.FindAsync(condition, orderBy, options.Skip, top, vectors, cancellationToken));
    }

    public override Task DeleteAsync(TId key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        return DeleteAsync([key], cancellationToken);
    }

    public override Task DeleteAsync(IEnumerable<TId> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        TId[] ids = [.. keys];
        return ids.Length == 0 ? Task.CompletedTask : RunAsync("Delete", async () =>
        {
            await rows.DeleteAsync(ids, cancellationToken).ConfigureAwait(false);
            return true;
        });
    }

    public override Task UpsertAsync(TRecord record, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(record);
        return UpsertAsync([record], cancellationToken);
    }

    public override async Task UpsertAsync(IEnumerable<TRecord> records, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(records);
        List<TableRow<TId>> batch = await model.RowsAsync([.. records], cancellationToken).ConfigureAwait(false);
        if (batch.Count > 0)
        {
            await RunAsync("Upsert", async () =>
            {
                await rows.UpsertAsync(batch, cancellationToken).ConfigureAwait(false);
                return true;
            }).ConfigureAwait(false);
        }
    }

    public override IAsyncEnumerable<VectorSearchResult<TRecord>> SearchAsync<TInput>(
        TInput searchValue, int top, VectorSearchOptions<TRecord>? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(searchValue);
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        options ??= new VectorSearchOptions<TRecord>();
        model.CheckVectorProperty(options);
        long wanted = (long)top + options.Skip;
        if (wanted > PostgresSearchOptions.MaxCandidates)
        {
            throw new ArgumentOutOfRangeException(nameof(top), top,
                $"Cannot return {top} results after {options.Skip}: "
                + $"pgvector's hnsw.ef_search goes up to {PostgresSearchOptions.MaxCandidates}. Ask for fewer.");
        }
        SearchFilter? filter = options.Filter is null ? null : FilterTranslator.Translate(options.Filter, model.ColumnOf);
        var search = new PostgresSearchOptions
        {
            Filter = defaults.Filter is null ? filter : filter is null ? defaults.Filter : defaults.Filter & filter,
            NumberOfCandidates = Math.Max(defaults.NumberOfCandidates, (int)wanted),
            IterativeScan = defaults.IterativeScan,
            MaxScanTuples = defaults.MaxScanTuples,
        };
        return SearchAsync(searchValue, top, options, model.IncludesVectors(options.IncludeVectors), search, cancellationToken);
    }

    public override object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(VectorStoreCollectionMetadata) ? _metadata
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType.IsInstanceOfType(owner) ? owner
            : null;
    }

    private async IAsyncEnumerable<VectorSearchResult<TRecord>> SearchAsync(
        object searchValue,
        int top,
        VectorSearchOptions<TRecord> options,
        bool vectors,
        PostgresSearchOptions search,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        float[] query = await model.QueryAsync(searchValue, cancellation).ConfigureAwait(false);
        if (query.Length != table.Dimensions || VectorValidation.Problem(query, table.ShortDimensions) is not null)
        {
            string problem = query.Length != table.Dimensions
                ? $"has {query.Length} values, but the table's vectors have {table.Dimensions}"
                : VectorValidation.Problem(query, table.ShortDimensions)!;
            throw new ArgumentException($"The search value {problem}.", nameof(searchValue));
        }
        IReadOnlyList<VectorMatch<TId>> matches =
            await RunAsync("Search", () => searches.SearchAsync(query, top + options.Skip, search, cancellation)).ConfigureAwait(false);
        VectorMatch<TId>[] page = [.. matches.Where(match => !(match.Score < options.ScoreThreshold)).Skip(options.Skip)];
        var full = new Dictionary<TId, float[]?>();
        if (vectors && page.Length > 0)
        {
            TId[] ids = [.. page.Select(match => match.Id)];
            foreach (TableRow<TId> row in await RunAsync("Search", () => rows.FindAsync(ids, true, cancellation)).ConfigureAwait(false))
            {
                full[row.Id] = row.Vector;
            }
        }
        foreach (VectorMatch<TId> match in page)
        {
            IEnumerable<object?> values = table.Columns.Select(column => match.Values[column.Name]);
            yield return new VectorSearchResult<TRecord>(model.Record(match.Id, values, full.GetValueOrDefault(match.Id)), match.Score);
        }
    }

    private TRecord Record(TableRow<TId> row) => model.Record(row.Id, row.Values, row.Vector);

    private async IAsyncEnumerable<TRecord> RecordsAsync(Func<Task<List<TableRow<TId>>>> find)
    {
        foreach (TableRow<TId> row in await RunAsync("Get", find).ConfigureAwait(false))
        {
            yield return Record(row);
        }
    }

    /// <summary>Runs an operation, and turns errors of the server into <see cref="VectorStoreException"/>.</summary>
    private async Task<T> RunAsync<T>(string operation, Func<Task<T>> run)
    {
        try
        {
            return await run().ConfigureAwait(false);
        }
        catch (NpgsqlException e)
        {
            throw new VectorStoreException($"{operation} failed in collection '{Name}': {e.Message}", e)
            {
                VectorStoreSystemName = _metadata.VectorStoreSystemName,
                CollectionName = Name,
                OperationName = operation,
            };
        }
    }
}
