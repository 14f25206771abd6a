#pragma warning disable MEVD9001 // The services for providers are what this is built on.

using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using Microsoft.Extensions.VectorData.ProviderServices;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Extensions.VectorData.Records;
using Microsoft.ML.Mrl.Postgres.Tables;

namespace Microsoft.ML.Mrl.Postgres.Collections;

/// <summary>Maps records to rows of a table and back.</summary>
internal sealed class TableRecordModel<TId, TRecord> : RecordModel<TId, TRecord>
    where TId : notnull
    where TRecord : class
{
    private readonly DataPropertyModel[] _columns;
    private readonly string _idColumnName;

    /// <exception cref="ArgumentException">The record's properties are not the table's columns.</exception>
    public TableRecordModel(
        PostgresVectorTableOptions table, VectorStoreCollectionDefinition? definition, IEmbeddingGenerator? embeddingGenerator)
        : base("table", table.Dimensions, definition, embeddingGenerator, type => KindOf(type) is not null,
            "string, bool, int, long, float, double, DateTime")
    {
        var byColumn = Properties.DataProperties.ToDictionary(property => property.StorageName, StringComparer.Ordinal);
        _columns = new DataPropertyModel[table.Columns.Count];
        for (int i = 0; i < _columns.Length; i++)
        {
            TableColumn column = table.Columns[i];
            if (!byColumn.Remove(column.Name, out DataPropertyModel? property) || KindOf(property.Type) != column.Type)
            {
                throw Wrong($"The table has a column '{column.Name}' of {column.Type}, but {typeof(TRecord).Name} has "
                    + $"{(property is null ? "no data property of that storage name" : $"a property of {property.Type.Name}")}.");
            }
            _columns[i] = property;
        }
        if (byColumn.Count > 0)
        {
            throw Wrong($"The record's property '{byColumn.Values.First().ModelName}' has the storage name '{byColumn.Keys.First()}', "
                + "which is not a column of the table.");
        }
        _idColumnName = table.IdColumnName;
    }

    /// <summary>Returns the rows of records, generating their vectors in one call where a generator does so.</summary>
    public async Task<List<TableRow<TId>>> RowsAsync(IReadOnlyList<TRecord> records, CancellationToken cancellation)
    {
        float[][] vectors = await VectorsAsync(records, cancellation).ConfigureAwait(false);
        return [.. records.Select((record, i) => new TableRow<TId>(
            (TId)Properties.KeyProperty.GetValueAsObject(record)!,
            [.. _columns.Select(column => Stored(column.GetValueAsObject(record)))],
            vectors[i]))];
    }

    /// <summary>Returns the record of a row.</summary>
    public TRecord Record(TId id, IEnumerable<object?> values, float[]? vector)
    {
        TRecord record = Properties.CreateRecord<TRecord>();
        Properties.KeyProperty.SetValueAsObject(record, id);
        foreach ((DataPropertyModel column, object? value) in _columns.Zip(values))
        {
            column.SetValueAsObject(record, value);
        }
        if (vector is not null)
        {
            SetVector(record, vector);
        }
        return record;
    }

    /// <summary>Returns the column of a property, by the name of the property.</summary>
    /// <exception cref="InvalidOperationException">There is no such property.</exception>
    public string ColumnOf(string propertyName) => !Properties.PropertyMap.TryGetValue(propertyName, out PropertyModel? property)
        ? throw new InvalidOperationException($"The record has no property '{propertyName}' that is stored.")
        : property is KeyPropertyModel ? _idColumnName : property.StorageName;

    private static object? Stored(object? value) => value is DateTime time ? ColumnKind.Timestamp(time) : value;

    private static DataKind? KindOf(Type type) => type == typeof(string) ? DataKind.String
        : type == typeof(bool) ? DataKind.Boolean
        : type == typeof(int) ? DataKind.Int32
        : type == typeof(long) ? DataKind.Int64
        : type == typeof(float) ? DataKind.Single
        : type == typeof(double) ? DataKind.Double
        : type == typeof(DateTime) ? DataKind.DateTime
        : null;

    private static ArgumentException Wrong(string message) => new(message, "definition");
}
