#pragma warning disable MEVD9001 // The services for providers are what this is built on.

using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using Microsoft.Extensions.VectorData.ProviderServices;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Postgres.Tables;

namespace Microsoft.ML.Mrl.Postgres.Collections;

/// <summary>Maps records to rows of a table and back.</summary>
internal sealed class RecordModel<TId, TRecord>
    where TId : notnull
    where TRecord : class
{
    private readonly CollectionModel _model;
    private readonly DataPropertyModel[] _columns;

    /// <exception cref="ArgumentException">The record's properties are not the table's columns.</exception>
    public RecordModel(
        PostgresVectorTableOptions table, VectorStoreCollectionDefinition? definition, IEmbeddingGenerator? embeddingGenerator)
    {
        var builder = new Builder();
        if (typeof(TRecord) == typeof(Dictionary<string, object?>))
        {
            ArgumentNullException.ThrowIfNull(definition);
            _model = builder.BuildDynamic(definition, embeddingGenerator);
        }
        else
        {
            _model = builder.Build(typeof(TRecord), typeof(TId), definition, embeddingGenerator);
        }
        if (Vector.Dimensions != table.Dimensions)
        {
            throw Wrong($"Property '{Vector.ModelName}' has {Vector.Dimensions} dimensions, "
                + $"but the table's vectors have {table.Dimensions}.");
        }
        if (Vector.DistanceFunction is not (null or DistanceFunction.CosineSimilarity))
        {
            throw Wrong($"Property '{Vector.ModelName}' has the distance function '{Vector.DistanceFunction}', "
                + $"but the table scores by '{DistanceFunction.CosineSimilarity}'.");
        }
        var byColumn = _model.DataProperties.ToDictionary(property => property.StorageName, StringComparer.Ordinal);
        _columns = new DataPropertyModel[table.Columns.Count];
        for (int i = 0; i < _columns.Length; i++)
        {
            TableColumn column = table.Columns[i];
            if (!byColumn.Remove(column.Name, out DataPropertyModel? property) || Builder.KindOf(property.Type) != column.Type)
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
        IdColumnName = table.IdColumnName;
    }

    private string IdColumnName { get; }

    private VectorPropertyModel Vector => _model.VectorProperty;

    /// <summary>
    /// Gets a value indicating whether vectors are generated from what records hold, so that they cannot be read back into records.
    /// </summary>
    public bool GeneratesVectors => Vector.EmbeddingType != Vector.Type;

    /// <summary>Returns the rows of records, generating their vectors in one call where a generator does so.</summary>
    public async Task<List<TableRow<TId>>> RowsAsync(IReadOnlyList<TRecord> records, CancellationToken cancellation)
    {
        IReadOnlyList<Embedding>? generated = GeneratesVectors && records.Count > 0
            ? await Vector.GenerateEmbeddingsAsync(records.Select(Vector.GetValueAsObject), cancellation).ConfigureAwait(false)
            : null;
        return [.. records.Select((record, i) => new TableRow<TId>(
            (TId)_model.KeyProperty.GetValueAsObject(record)!,
            [.. _columns.Select(column => Stored(column.GetValueAsObject(record)))],
            Read(generated?[i] ?? Vector.GetValueAsObject(record))))];
    }

    /// <summary>Returns the record of a row.</summary>
    public TRecord Record(TId id, IEnumerable<object?> values, float[]? vector)
    {
        TRecord record = _model.CreateRecord<TRecord>();
        _model.KeyProperty.SetValueAsObject(record, id);
        foreach ((DataPropertyModel column, object? value) in _columns.Zip(values))
        {
            column.SetValueAsObject(record, value);
        }
        if (vector is not null)
        {
            Type type = Nullable.GetUnderlyingType(Vector.Type) ?? Vector.Type;
            object value = type == typeof(float[]) ? vector
                : type == typeof(Embedding<float>) ? new Embedding<float>(vector)
                : new ReadOnlyMemory<float>(vector);
            Vector.SetValueAsObject(record, value);
        }
        return record;
    }

    /// <summary>Returns the vector of a value that is searched for.</summary>
    public async ValueTask<ReadOnlyMemory<float>> QueryAsync(object searchValue, CancellationToken cancellation)
    {
        if (searchValue is ReadOnlyMemory<float> or float[] or Embedding<float>)
        {
            return Read(searchValue);
        }
        return Vector.EmbeddingGenerationDispatcher is null
            ? throw new NotSupportedException(
                $"A {searchValue.GetType().Name} cannot be searched for without a generator of embeddings. Give one to the collection, "
                + "or search for a vector.")
            : Read(await Vector.GenerateEmbeddingAsync(searchValue, cancellation).ConfigureAwait(false));
    }

    /// <summary>Checks that a search names the vector property or none.</summary>
    public void CheckVectorProperty(VectorSearchOptions<TRecord> options) => _model.GetVectorPropertyOrSingle(options);

    /// <summary>Returns the column of a property, by the name of the property.</summary>
    /// <exception cref="InvalidOperationException">There is no such property.</exception>
    public string ColumnOf(string propertyName) => !_model.PropertyMap.TryGetValue(propertyName, out PropertyModel? property)
        ? throw new InvalidOperationException($"The record has no property '{propertyName}' that is stored.")
        : property is KeyPropertyModel ? IdColumnName : property.StorageName;

    private static object? Stored(object? value) => value is DateTime time ? ColumnKind.Timestamp(time) : value;

    private static float[]? Read(object? value) => value switch
    {
        null => null,
        ReadOnlyMemory<float> memory => memory.ToArray(),
        float[] array => array,
        Embedding<float> embedding => embedding.Vector.ToArray(),
        _ => throw new NotSupportedException($"A {value.GetType().Name} is not a vector of Single."),
    };

    private static ArgumentException Wrong(string message) => new(message, "definition");

    private sealed class Builder() : CollectionModelBuilder(new() { SupportsMultipleVectors = false, RequiresAtLeastOneVector = true })
    {
        public static DataKind? KindOf(Type type) => type == typeof(string) ? DataKind.String
            : type == typeof(bool) ? DataKind.Boolean
            : type == typeof(int) ? DataKind.Int32
            : type == typeof(long) ? DataKind.Int64
            : type == typeof(float) ? DataKind.Single
            : type == typeof(double) ? DataKind.Double
            : type == typeof(DateTime) ? DataKind.DateTime
            : null;

        protected override bool IsDataPropertyTypeValid(Type type, [NotNullWhen(false)] out string? supportedTypes)
        {
            supportedTypes = KindOf(type) is null ? "string, bool, int, long, float, double, DateTime" : null;
            return supportedTypes is null;
        }

        protected override bool IsVectorPropertyTypeValid(Type type, [NotNullWhen(false)] out string? supportedTypes)
        {
            Type vector = Nullable.GetUnderlyingType(type) ?? type;
            bool fits = vector == typeof(ReadOnlyMemory<float>) || vector == typeof(float[]) || vector == typeof(Embedding<float>);
            supportedTypes = fits ? null : "ReadOnlyMemory<float>, float[], Embedding<float>";
            return fits;
        }
    }
}
