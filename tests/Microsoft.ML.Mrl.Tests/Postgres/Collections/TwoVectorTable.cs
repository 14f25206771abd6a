using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.VectorData;
using Microsoft.ML.Mrl.Tests.ExtensionsVectorData;
using Npgsql;

namespace Microsoft.ML.Mrl.Tests.Postgres.Collections;

/// <summary>A collection of notes with two vector columns, as plain as can be: what any store's connector does, by SQL. Filters are
/// compiled and run on what the database returns in order.</summary>
internal sealed class TwoVectorTable(TestSchema schema) : VectorStoreCollection<long, Note>
{
    private readonly VectorStoreCollectionMetadata _metadata = new() { VectorStoreSystemName = "postgresql", CollectionName = "notes" };

    public override string Name => "notes";

    private string Table => $"\"{schema.Name}\".notes";

    public override Task<bool> CollectionExistsAsync(CancellationToken cancellationToken = default) =>
        schema.ScalarAsync<bool>($"SELECT to_regclass('{Table}') IS NOT NULL");

    public override Task EnsureCollectionExistsAsync(CancellationToken cancellationToken = default) => schema.ExecuteAsync(
        $"CREATE TABLE IF NOT EXISTS {Table} (id bigint PRIMARY KEY, text text, number integer, draft boolean, full_vector vector({Note.Width}), short_vector vector({Note.ShortWidth}))");

    public override Task EnsureCollectionDeletedAsync(CancellationToken cancellationToken = default) =>
        schema.ExecuteAsync($"DROP TABLE IF EXISTS {Table}");

    public override async Task<Note?> GetAsync(
        long key, RecordRetrievalOptions? options = null, CancellationToken cancellationToken = default) =>
        (await ReadAsync($"WHERE id = {key}", null, options?.IncludeVectors ?? false)).Select(found => found.Note).SingleOrDefault();

    public override async IAsyncEnumerable<Note> GetAsync(
        Expression<Func<Note, bool>> filter, int top, FilteredRecordRetrievalOptions<Note>? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        IEnumerable<Note> found = (await ReadAsync("", null, options?.IncludeVectors ?? false)).Select(row => row.Note)
            .Where(filter.Compile());
        foreach (var sort in (options?.OrderBy?.Invoke(new()).Values ?? []).Reverse())
        {
            Func<Note, object?> by = sort.PropertySelector.Compile();
            found = sort.Ascending ? found.OrderBy(by) : found.OrderByDescending(by);
        }
        foreach (Note note in found.Skip(options?.Skip ?? 0).Take(top))
        {
            yield return note;
        }
    }

    public override Task DeleteAsync(long key, CancellationToken cancellationToken = default) =>
        schema.ExecuteAsync($"DELETE FROM {Table} WHERE id = {key}");

    public override Task UpsertAsync(Note record, CancellationToken cancellationToken = default) =>
        UpsertAsync([record], cancellationToken);

    public override async Task UpsertAsync(IEnumerable<Note> records, CancellationToken cancellationToken = default)
    {
        foreach (Note note in records)
        {
            await using NpgsqlCommand command = schema.DataSource.CreateCommand(
                $"INSERT INTO {Table} VALUES ($1, $2, $3, $4, $5::real[]::vector, $6::real[]::vector) ON CONFLICT (id) DO UPDATE SET text = $2, number = $3, draft = $4, full_vector = $5::real[]::vector, short_vector = $6::real[]::vector");
            foreach (
                object value in new object[] { note.Key, note.Text, note.Number, note.Draft, note.Vector.ToArray(), note.Short.ToArray() })
            {
                command.Parameters.Add(new NpgsqlParameter { Value = value });
            }
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    public override async IAsyncEnumerable<VectorSearchResult<Note>> SearchAsync<TInput>(
        TInput searchValue, int top, VectorSearchOptions<Note>? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        options ??= new();
        string column = options.VectorProperty!.Body.ToString()
            .Contains(nameof(Note.Short), StringComparison.Ordinal) ? "short_vector" : "full_vector";
        float[] query = ((ReadOnlyMemory<float>)(object)searchValue).ToArray();
        var found =
            (await ReadAsync(
                $"ORDER BY {column} <=> $1::real[]::vector", query, options.IncludeVectors, $"1 - ({column} <=> $1::real[]::vector)"))
            .Where(row => options.Filter?.Compile()(row.Note) ?? true).Skip(options.Skip).Take(top);
        foreach ((Note note, double score) in found)
        {
            yield return new VectorSearchResult<Note>(note, score);
        }
    }

    public override object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(VectorStoreCollectionMetadata) ? _metadata : serviceType.IsInstanceOfType(this) ? this : null;

    private async Task<List<(Note Note, double Score)>> ReadAsync(string rest, float[]? query, bool vectors, string score = "0.0::float8")
    {
        await using NpgsqlCommand command = schema.DataSource.CreateCommand(
            $"SELECT id, text, number, draft, full_vector::real[], short_vector::real[], {score} FROM {Table} {rest}");
        if (query is not null)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = query });
        }
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        var rows = new List<(Note, double)>();
        while (await reader.ReadAsync())
        {
            var note =
                new Note { Key = reader.GetInt64(0), Text = reader.GetString(1), Number = reader.GetInt32(2),
                Draft = reader.GetBoolean(3) };
            if (vectors)
            {
                (note.Vector, note.Short) = (reader.GetFieldValue<float[]>(4), reader.GetFieldValue<float[]>(5));
            }
            rows.Add((note, reader.GetDouble(6)));
        }
        return rows;
    }
}
