namespace Microsoft.ML.Mrl.Vectors;

/// <summary>Takes the cosines that <see cref="PrefixDotProducts"/> hands out, tile by tile.</summary>
/// <remarks>
/// Calls for the same query never overlap and come with ascending documents; calls for different queries may run at the same time.
/// </remarks>
internal interface ICosineSink
{
    /// <summary>Takes one tile at one dimension.</summary>
    /// <param name="dimension">The dimension's position in the list, 0 for the smallest.</param>
    /// <param name="firstQuery">The row of the tile's first query.</param>
    /// <param name="queries">The number of queries, at most <see cref="PrefixDotProducts.TileQueries"/>.</param>
    /// <param name="firstDocument">The row of the tile's first document.</param>
    /// <param name="documents">The number of documents, at most <see cref="PrefixDotProducts.PanelDocuments"/>.</param>
    /// <param name="cosines">
    /// The cosines, <c>[<see cref="PrefixDotProducts.TileQueries"/>, <see cref="PrefixDotProducts.PanelDocuments"/>]</c>, zeros where
    /// the tile reaches beyond the last row.
    /// </param>
    void Accept(int dimension, int firstQuery, int queries, int firstDocument, int documents, ReadOnlySpan<float> cosines);
}
