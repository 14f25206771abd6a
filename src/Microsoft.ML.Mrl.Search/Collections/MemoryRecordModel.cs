#pragma warning disable MEVD9001 // The services for providers are what this is built on.

using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using Microsoft.Extensions.VectorData.ProviderServices;
using Microsoft.ML.Mrl.Extensions.VectorData.Records;

namespace Microsoft.ML.Mrl.Search.Collections;

/// <summary>Copies records and reads their keys. Data properties may have any type, since records stay in memory.</summary>
internal sealed class MemoryRecordModel<TKey, TRecord>(
    int dimensions, VectorStoreCollectionDefinition? definition, IEmbeddingGenerator? embeddingGenerator)
    : RecordModel<TKey, TRecord>("index", dimensions, definition, embeddingGenerator, _ => true, "")
    where TKey : notnull
    where TRecord : class
{
    public TKey Key(TRecord record) => (TKey)(Properties.KeyProperty.GetValueAsObject(record)
        ?? throw new ArgumentException(
            $"A record has no key in '{Properties.KeyProperty.ModelName}'. Set it before the record is upserted."));

    /// <summary>Returns a copy of a record, so that neither side sees later changes of the other.</summary>
    public TRecord Copy(TRecord record, bool withVector)
    {
        TRecord copy = Properties.CreateRecord<TRecord>();
        foreach (PropertyModel property in Properties.Properties)
        {
            if (property != Vector || GeneratesVectors)
            {
                property.SetValueAsObject(copy, property.GetValueAsObject(record));
            }
            else if (withVector)
            {
                SetVector(copy, VectorOf(record));
            }
        }
        return copy;
    }
}
