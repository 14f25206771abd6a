using System.Linq.Expressions;
using Microsoft.ML.Mrl;
using Microsoft.ML.Mrl.Extensions.VectorData;

namespace Microsoft.Extensions.VectorData;

/// <summary>Provides extension methods that add Matryoshka search to a <see cref="VectorStoreCollection{TKey, TRecord}"/>.</summary>
public static class MatryoshkaVectorStoreCollectionExtensions
{
    /// <summary>
    /// Returns a collection that fills the short vectors of records that are upserted, and that searches in two stages: it finds candidates
    /// by the short vectors and ranks them by the full ones.
    /// </summary>
    /// <typeparam name="TKey">The type of the keys.</typeparam>
    /// <typeparam name="TRecord">The type of the records, with a property for the full vector and one for the short vector.</typeparam>
    /// <param name="collection">
    /// The collection of a vector store. It should index the short property; the full property needs no index.
    /// </param>
    /// <param name="fullVector">
    /// The property of the full vector, such as <c>r => r.Embedding</c>, or <c>r => r["Embedding"]</c> for dynamic records. Its type is
    /// <c>ReadOnlyMemory&lt;float></c>, <c>float[]</c> or <c>Embedding&lt;float></c>.
    /// </param>
    /// <param name="shortVector">The property of the short vector, of one of the same types.</param>
    /// <param name="options">
    /// The head, the number of dimensions and the number of candidates, or <see langword="null"/>, the default, for the default options.
    /// </param>
    /// <returns>The collection. It disposes of <paramref name="collection"/> when it is disposed of.</returns>
    /// <exception cref="ArgumentException">
    /// The options are invalid, an expression is not a property, a property has an unsupported type, or the numbers of dimensions do not
    /// fit together.
    /// </exception>
    /// <exception cref="NotSupportedException">Candidates cannot be ranked by the distance function.</exception>
    /// <remarks>
    /// <para>
    /// An upsert reads the full vector of each record, applies the head if there is one, cuts the result, scales it to unit length, and
    /// sets the short property of the record. A vector that is all zeros there stays so: a search by cosine does not find its record.
    /// </para>
    /// <para>
    /// A search whose <see cref="VectorSearchOptions{TRecord}.VectorProperty"/> is not set, or is the full property, takes a full vector or
    /// a text and runs in two stages (Kusupati et al. 2022, arXiv:2205.13147, section 4.3.1). Filters are applied by the store when it
    /// finds candidates; the score threshold, the results to skip and the scores are those of the full vectors. A search by any other
    /// property is passed on unchanged, as are all other calls. A search value that is all zeros where candidates are found is refused.
    /// </para>
    /// <para>
    /// Instances are safe for concurrent use if <paramref name="collection"/> is.
    /// </para>
    /// </remarks>
    public static VectorStoreCollection<TKey, TRecord> AsMatryoshka<TKey, TRecord>(
        this VectorStoreCollection<TKey, TRecord> collection,
        Expression<Func<TRecord, object?>> fullVector,
        Expression<Func<TRecord, object?>> shortVector,
        MatryoshkaCollectionOptions? options = null)
        where TKey : notnull
        where TRecord : class
    {
        ArgumentNullException.ThrowIfNull(collection);
        ArgumentNullException.ThrowIfNull(fullVector);
        ArgumentNullException.ThrowIfNull(shortVector);
        options ??= new MatryoshkaCollectionOptions();
        options.Check(nameof(options));
        RecordVector<TRecord> full = RecordVector<TRecord>.Create(fullVector, nameof(fullVector));
        RecordVector<TRecord> cut = RecordVector<TRecord>.Create(shortVector, nameof(shortVector));
        if (full.Name == cut.Name)
        {
            throw new ArgumentException($"The full and the short vector are both property '{full.Name}'. Name two properties.",
                nameof(shortVector));
        }
        var shortener = new VectorShortener(options, full.Dimensions, cut.Dimensions);
        return new MatryoshkaCollection<TKey, TRecord>(collection, full, cut, shortener, options);
    }
}
