using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using Microsoft.ML.Mrl.Search.Collections;

namespace Microsoft.ML.Mrl;

/// <summary>Provides extension methods that make a <see cref="FunnelIndex"/> a collection of Microsoft.Extensions.VectorData.</summary>
public static class FunnelIndexExtensions
{
    /// <summary>Returns a collection that keeps records in memory and finds them by an index.</summary>
    /// <typeparam name="TKey">The type of the keys.</typeparam>
    /// <typeparam name="TRecord">
    /// The type of the records: a key property of <typeparamref name="TKey"/>, one vector property of the index's number of dimensions, and
    /// data properties of any type.
    /// </typeparam>
    /// <param name="index">An empty index. From now on rows should be added to it and removed from it by the collection alone.</param>
    /// <param name="name">The name of the collection.</param>
    /// <param name="definition">
    /// The definition of the records; <see langword="null"/> (the default) for the attributes of <typeparamref name="TRecord"/>. Dynamic
    /// records need one.
    /// </param>
    /// <param name="embeddingGenerator">
    /// The generator of vectors for records whose vector property is a text and for texts that are searched for; <see langword="null"/>
    /// (the default) for none.
    /// </param>
    /// <returns>The collection. Disposing of it has no effect; the index stays the caller's to dispose of.</returns>
    /// <exception cref="ArgumentException">The index is not empty, or the record's vectors are not those of the index.</exception>
    /// <exception cref="InvalidOperationException">The record type has no valid key or vector property.</exception>
    /// <exception cref="NotSupportedException">The record type has no key or vector property, or several of them.</exception>
    /// <remarks>
    /// Searches run by the index's plan; scores are cosine similarities. Filters are any predicates, which run in memory. Records are
    /// copied when they are upserted and when they are returned, property by property. Keys are the caller's: none is generated. Records
    /// are lost with the process, even where the index is saved. Instances are safe for concurrent use; a batch with an invalid vector
    /// changes nothing.
    /// </remarks>
    public static VectorStoreCollection<TKey, TRecord> AsVectorStoreCollection<TKey, TRecord>(
        this FunnelIndex index,
        string name,
        VectorStoreCollectionDefinition? definition = null,
        IEmbeddingGenerator? embeddingGenerator = null)
        where TKey : notnull
        where TRecord : class
    {
        ArgumentNullException.ThrowIfNull(index);
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (index.Count > 0)
        {
            throw new ArgumentException($"The index has {index.Count} rows, whose records are not known. Give an empty index, "
                + "and upsert the records.", nameof(index));
        }
        var model = new MemoryRecordModel<TKey, TRecord>(index.Dimensions, definition, embeddingGenerator);
        return new FunnelRecordCollection<TKey, TRecord>(index, name, model);
    }
}
