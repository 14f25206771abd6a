#pragma warning disable MEVD9001 // The services for providers are what this is built on.

using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace Microsoft.ML.Mrl.Extensions.VectorData.Records;

/// <summary>Reads the one vector of records that a store keeps, and makes vectors of what is searched for.</summary>
internal abstract class RecordModel<TKey, TRecord>
    where TKey : notnull
    where TRecord : class
{
    /// <param name="store">What keeps the vectors, for messages.</param>
    /// <param name="dimensions">The number of dimensions of its vectors.</param>
    /// <param name="definition">The definition of the records, or null for the attributes of their type.</param>
    /// <param name="embeddingGenerator">The generator of vectors, or null.</param>
    /// <param name="isDataType">Determines whether a data property may have a type.</param>
    /// <param name="dataTypes">The types that it may have, for messages.</param>
    /// <exception cref="ArgumentException">The record's vectors are not those of the store.</exception>
    protected RecordModel(
        string store,
        int dimensions,
        VectorStoreCollectionDefinition? definition,
        IEmbeddingGenerator? embeddingGenerator,
        Func<Type, bool> isDataType,
        string dataTypes)
    {
        var builder = new Builder(isDataType, dataTypes);
        if (typeof(TRecord) == typeof(Dictionary<string, object?>))
        {
            ArgumentNullException.ThrowIfNull(definition);
            Properties = builder.BuildDynamic(definition, embeddingGenerator);
        }
        else
        {
            Properties = builder.Build(typeof(TRecord), typeof(TKey), definition, embeddingGenerator);
        }
        if (Vector.Dimensions != dimensions)
        {
            throw new ArgumentException(
                $"Property '{Vector.ModelName}' has {Vector.Dimensions} dimensions, but the {store}'s vectors have {dimensions}.",
                nameof(definition));
        }
        if (Vector.DistanceFunction is not (null or DistanceFunction.CosineSimilarity))
        {
            throw new ArgumentException(
                $"Property '{Vector.ModelName}' has the distance function '{Vector.DistanceFunction}', but the {store} scores by "
                + $"'{DistanceFunction.CosineSimilarity}'.", nameof(definition));
        }
    }

    protected CollectionModel Properties { get; }

    protected VectorPropertyModel Vector => Properties.VectorProperty;

    /// <summary>Whether vectors are generated from what records hold, so that they cannot be read back into records.</summary>
    protected bool GeneratesVectors => Vector.EmbeddingType != Vector.Type;

    /// <summary>Returns the vectors of records, generating them in one call where a generator does so; empty ones for none.</summary>
    /// <exception cref="ArgumentException">A record is null.</exception>
    public async Task<float[][]> VectorsAsync(IReadOnlyList<TRecord> records, CancellationToken cancellation)
    {
        for (int i = 0; i < records.Count; i++)
        {
            if (records[i] is null)
            {
                throw new ArgumentException($"Record {i} of the batch, counted from 0, is null. Leave it out.", nameof(records));
            }
        }
        IReadOnlyList<Embedding>? generated = GeneratesVectors && records.Count > 0
            ? await Vector.GenerateEmbeddingsAsync(records.Select(Vector.GetValueAsObject), cancellation).ConfigureAwait(false)
            : null;
        return [.. records.Select((record, i) => generated is null ? VectorOf(record) : Read(generated[i]))];
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
    public void CheckVectorProperty(VectorSearchOptions<TRecord> options) => Properties.GetVectorPropertyOrSingle(options);

    /// <summary>Checks that vectors can be included in records, if they are to be.</summary>
    public bool IncludesVectors(bool include) => include && GeneratesVectors
        ? throw new NotSupportedException("Vectors that are generated from records cannot be included in records. "
            + "Leave IncludeVectors false.")
        : include;

    /// <summary>Returns a copy of the vector in a record.</summary>
    protected float[] VectorOf(TRecord record) => Read(Vector.GetValueAsObject(record));

    protected void SetVector(TRecord record, float[] vector) => Vector.SetValueAsObject(record, VectorValue.Of(vector, Vector.Type));

    private static float[] Read(object? value) => VectorValue.Read(value, "The vector").ToArray();

    private sealed class Builder(Func<Type, bool> isDataType, string dataTypes)
        : CollectionModelBuilder(new() { SupportsMultipleVectors = false, RequiresAtLeastOneVector = true })
    {
        protected override bool IsDataPropertyTypeValid(Type type, [NotNullWhen(false)] out string? supportedTypes)
        {
            supportedTypes = dataTypes;
            return isDataType(type);
        }

        protected override bool IsVectorPropertyTypeValid(Type type, [NotNullWhen(false)] out string? supportedTypes)
        {
            supportedTypes = VectorValue.Types;
            return VectorValue.IsVector(type);
        }
    }
}
