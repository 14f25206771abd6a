#pragma warning disable MEVD9001 // The services for providers are what this is built on.

using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace Microsoft.ML.Mrl.Search.Collections;

/// <summary>Copies records and reads their keys and vectors. Data properties may have any type, since records stay in memory.</summary>
internal sealed class RecordModel<TKey, TRecord>
    where TKey : notnull
    where TRecord : class
{
    private readonly CollectionModel _model;

    /// <exception cref="ArgumentException">The record's vectors are not those of the index.</exception>
    public RecordModel(int dimensions, VectorStoreCollectionDefinition? definition, IEmbeddingGenerator? embeddingGenerator)
    {
        var builder = new Builder();
        if (typeof(TRecord) == typeof(Dictionary<string, object?>))
        {
            ArgumentNullException.ThrowIfNull(definition);
            _model = builder.BuildDynamic(definition, embeddingGenerator);
        }
        else
        {
            _model = builder.Build(typeof(TRecord), typeof(TKey), definition, embeddingGenerator);
        }
        if (Vector.Dimensions != dimensions)
        {
            throw new ArgumentException(
                $"Property '{Vector.ModelName}' has {Vector.Dimensions} dimensions, but the index's vectors have {dimensions}.",
                nameof(definition));
        }
        if (Vector.DistanceFunction is not (null or DistanceFunction.CosineSimilarity))
        {
            throw new ArgumentException(
                $"Property '{Vector.ModelName}' has the distance function '{Vector.DistanceFunction}', but the index scores by "
                + $"'{DistanceFunction.CosineSimilarity}'.", nameof(definition));
        }
    }

    /// <summary>Whether vectors are generated from what records hold, so that they cannot be read back into records.</summary>
    public bool GeneratesVectors => Vector.EmbeddingType != Vector.Type;

    private VectorPropertyModel Vector => _model.VectorProperty;

    public TKey Key(TRecord record) => (TKey)(_model.KeyProperty.GetValueAsObject(record)
        ?? throw new ArgumentException($"A record has no key in '{_model.KeyProperty.ModelName}'. Set it before the record is upserted."));

    /// <summary>Returns the vectors of records, generating them in one call where a generator does so.</summary>
    public async Task<float[][]> VectorsAsync(IReadOnlyList<TRecord> records, CancellationToken cancellation)
    {
        IReadOnlyList<Embedding>? generated = GeneratesVectors && records.Count > 0
            ? await Vector.GenerateEmbeddingsAsync(records.Select(Vector.GetValueAsObject), cancellation).ConfigureAwait(false)
            : null;
        return [.. records.Select((record, i) => Read(generated?[i] ?? Vector.GetValueAsObject(record)))];
    }

    /// <summary>Returns the vector of a value that is searched for.</summary>
    public async ValueTask<float[]> QueryAsync(object searchValue, CancellationToken cancellation)
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

    /// <summary>Returns a copy of a record, so that neither side sees later changes of the other.</summary>
    public TRecord Copy(TRecord record, bool withVector)
    {
        TRecord copy = _model.CreateRecord<TRecord>();
        foreach (PropertyModel property in _model.Properties)
        {
            if (property != Vector || GeneratesVectors)
            {
                property.SetValueAsObject(copy, property.GetValueAsObject(record));
            }
            else if (withVector)
            {
                float[] vector = Read(Vector.GetValueAsObject(record));
                Type type = Nullable.GetUnderlyingType(Vector.Type) ?? Vector.Type;
                object value = type == typeof(float[]) ? vector
                    : type == typeof(Embedding<float>) ? new Embedding<float>(vector)
                    : new ReadOnlyMemory<float>(vector);
                Vector.SetValueAsObject(copy, value);
            }
        }
        return copy;
    }

    private static float[] Read(object? value) => value switch
    {
        null => [],
        ReadOnlyMemory<float> memory => memory.ToArray(),
        float[] array => (float[])array.Clone(),
        Embedding<float> embedding => embedding.Vector.ToArray(),
        _ => throw new NotSupportedException($"A {value.GetType().Name} is no vector of Single."),
    };

    private sealed class Builder() : CollectionModelBuilder(new() { SupportsMultipleVectors = false, RequiresAtLeastOneVector = true })
    {
        protected override bool IsDataPropertyTypeValid(Type type, [NotNullWhen(false)] out string? supportedTypes)
        {
            supportedTypes = "";
            return true;
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
