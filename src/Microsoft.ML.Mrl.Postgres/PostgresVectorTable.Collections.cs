using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using Microsoft.ML.Mrl.Postgres.Collections;

namespace Microsoft.ML.Mrl;

public sealed partial class PostgresVectorTable<TId>
{
    /// <summary>Returns the table as a collection of Microsoft.Extensions.VectorData.</summary>
    /// <typeparam name="TRecord">
    /// The type of the records: a key property of <typeparamref name="TId"/>, one vector property of the table's number of dimensions, and
    /// a data property for each of <see cref="PostgresVectorTableOptions.Columns"/>, whose storage name is the name of the column.
    /// </typeparam>
    /// <param name="options">
    /// The options of the collection's searches, or <see langword="null"/>, the default, for the default options.
    /// </param>
    /// <param name="definition">
    /// The definition of the records, or <see langword="null"/>, the default, for the attributes of <typeparamref name="TRecord"/>. Dynamic
    /// records need one.
    /// </param>
    /// <param name="embeddingGenerator">
    /// The generator of vectors for records whose vector property is a text and for texts that are searched for, or <see langword="null"/>,
    /// the default, for none.
    /// </param>
    /// <returns>The collection. It uses this table's data source, and disposing of it has no effect.</returns>
    /// <exception cref="ArgumentException">
    /// The properties of the records are not the columns of the table, or the options are invalid.
    /// </exception>
    /// <exception cref="InvalidOperationException">The record type has no valid key or vector property.</exception>
    /// <exception cref="NotSupportedException">
    /// The record type has no key or vector property, several of them, or a data property of an unsupported type.
    /// </exception>
    /// <remarks>
    /// <para>
    /// Searches run in two stages, as <see cref="SearchAsync"/> does, with at least as many candidates as results are asked for and
    /// skipped; scores are cosine similarities. Upserts of one batch are one transaction. Deleting the collection drops the table and
    /// forgets its loads.
    /// </para>
    /// <para>
    /// Filters may compare properties with values, use <c>values.Contains(r.Property)</c>, and join these by <c>&amp;&amp;</c>, <c>||</c>
    /// and <c>!</c>. Columns have no NULL, so a property that is <see langword="null"/> cannot be stored. Errors of the server or the
    /// connection are <see cref="VectorStoreException"/>.
    /// </para>
    /// </remarks>
    public VectorStoreCollection<TId, TRecord> AsVectorStoreCollection<TRecord>(
        PostgresSearchOptions? options = null,
        VectorStoreCollectionDefinition? definition = null,
        IEmbeddingGenerator? embeddingGenerator = null)
        where TRecord : class
    {
        options ??= s_defaultSearch;
        options.Check(nameof(options));
        var model = new TableRecordModel<TId, TRecord>(Options, definition, embeddingGenerator);
        var rows = new TableRows<TId>(_dataSource, Options, _sql);
        return new PostgresRecordCollection<TId, TRecord>(Options, _creation, rows, _search, model, options, this);
    }
}
