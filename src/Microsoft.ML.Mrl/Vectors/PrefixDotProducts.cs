using System.Numerics;

namespace Microsoft.ML.Mrl.Vectors;

/// <summary>
/// Computes the cosines of all queries with all documents at every dimension, in one pass over the columns. The dot product of a prefix is
/// that of the shorter prefix plus that of the block in between: S_m = S_k + A[:, k:m] · B[:, k:m]ᵀ, and cos_m = S_m / (|a[:m]| |b[:m]|).
/// </summary>
/// <remarks>
/// Each cosine is accumulated in the same order whatever the number of threads and wherever its row lies, so results are repeatable and
/// equal vectors have equal cosines. A prefix of zeros has cosine 0 with everything.
/// </remarks>
internal static unsafe class PrefixDotProducts
{
    /// <summary>Queries in a tile.</summary>
    public const int TileQueries = 8;

    /// <summary>Documents in a tile.</summary>
    public const int PanelDocuments = 32;

    /// <summary>Short runs of columns are summed apart, which keeps the rounding error of long vectors near that of short ones.</summary>
    public const int ColumnsAtOnce = 128;

    // Packed documents held at once, in values: 32 MB.
    private const int BlockValues = 8 << 20;

    // Tiles that share a panel of documents while it is in cache.
    private const int MaxTilesInStrip = 8;

    /// <summary>Computes every cosine and passes it to the sink.</summary>
    /// <param name="queries">The queries, <c>[Q, D]</c>. All of them are packed at once, so pass some thousands at a time.</param>
    /// <param name="documents">The documents, <c>[N, D]</c>; taken in blocks.</param>
    /// <param name="dimensions">M prefix lengths, ascending, none above D.</param>
    /// <param name="sink">The receiver of the cosines.</param>
    /// <param name="threads">The maximum number of threads to use; -1 for no limit.</param>
    public static void Scan(EmbeddingMatrix queries, EmbeddingMatrix documents, IReadOnlyList<int> dimensions, ICosineSink sink,
        int threads = -1)
    {
        if (queries.Count == 0 || documents.Count == 0)
        {
            return;
        }
        using PackedRows packed = Pack(queries, dimensions, threads);
        int[] prefixes = [.. dimensions];
        Scan(packed, prefixes, firstDimension: 0, documents, sink, threads);
    }

    /// <summary>Packs queries for several scans.</summary>
    /// <param name="queries">The queries, <c>[Q, D]</c>.</param>
    /// <param name="dimensions">M prefix lengths, ascending, none above D.</param>
    /// <param name="threads">The maximum number of threads to use; -1 for no limit.</param>
    public static PackedRows Pack(EmbeddingMatrix queries, IReadOnlyList<int> dimensions, int threads = -1)
    {
        var packed = new PackedRows(TileQueries, queries.Count, [.. dimensions]);
        packed.Pack(queries, new ParallelOptions { MaxDegreeOfParallelism = threads });
        return packed;
    }

    /// <summary>Computes the cosines at some of the dimensions that queries were packed for.</summary>
    /// <param name="queries">The packed queries.</param>
    /// <param name="prefixes">The prefix lengths: some neighbouring ones of those that the queries were packed for.</param>
    /// <param name="firstDimension">The position of the first of them among all.</param>
    /// <param name="documents">The documents, <c>[N, D]</c>, or as many columns as the longest prefix; taken in blocks.</param>
    /// <param name="sink">The receiver of the cosines; it counts dimensions from the first of these prefixes.</param>
    /// <param name="threads">The maximum number of threads to use; -1 for no limit.</param>
    public static void Scan(PackedRows queries, int[] prefixes, int firstDimension, EmbeddingMatrix documents, ICosineSink sink,
        int threads = -1)
    {
        if (queries.Count == 0 || documents.Count == 0)
        {
            return;
        }
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
        int block = Math.Clamp(BlockValues / prefixes[^1] / PanelDocuments * PanelDocuments, PanelDocuments, 1 << 20);
        using var packedDocuments = new PackedRows(PanelDocuments, Math.Min(block, documents.Count), prefixes);
        int tiles = queries.Groups;
        int strip = Math.Clamp(tiles / (4 * Environment.ProcessorCount), 1, MaxTilesInStrip);
        int strips = (tiles + strip - 1) / strip;

        for (int first = 0; first < documents.Count; first += block)
        {
            packedDocuments.Pack(documents.Slice(first, Math.Min(block, documents.Count - first)), parallel);
            int firstDocument = first;
            Parallel.For(0, strips, parallel, s =>
            {
                int lastTile = Math.Min((s + 1) * strip, tiles);
                for (int panel = 0; panel < packedDocuments.Groups; panel++)
                {
                    for (int tile = s * strip; tile < lastTile; tile++)
                    {
                        ScanTile(queries, tile, firstDimension, packedDocuments, panel, firstDocument, prefixes, sink);
                    }
                }
            });
        }
    }

    /// <summary>The cosines of one pair at every dimension, to the last bit those that a scan passes out.</summary>
    /// <param name="query">The query, <c>[D]</c>.</param>
    /// <param name="document">The document, <c>[D]</c>.</param>
    /// <param name="prefixes">M prefix lengths, ascending, none above D.</param>
    /// <param name="cosines">Room for M cosines.</param>
    public static void Compare(ReadOnlySpan<float> query, ReadOnlySpan<float> document, int[] prefixes, Span<float> cosines)
    {
        var inverses = new float[2 * prefixes.Length];
        Span<float> queryInverses = inverses.AsSpan(0, prefixes.Length), documentInverses = inverses.AsSpan(prefixes.Length);
        float queryScale = PrefixNorms.Invert(query, prefixes, queryInverses, 1);
        float documentScale = PrefixNorms.Invert(document, prefixes, documentInverses, 1);
        float sum = 0;
        int column = 0;
        for (int i = 0; i < prefixes.Length; i++)
        {
            while (column < prefixes[i])
            {
                int last = Math.Min(column + ColumnsAtOnce, prefixes[i]);
                float part = 0;
                for (; column < last; column++)
                {
                    part = MathF.FusedMultiplyAdd(query[column] * queryScale, document[column] * documentScale, part);
                }
                sum += part;
            }
            cosines[i] = sum * documentInverses[i] * queryInverses[i];
            if (prefixes[i] == 1)
            {
                cosines[i] = TileKernel.SnapToOne(cosines[i]);
            }
        }
    }

    private static void ScanTile(PackedRows queries, int tile, int firstDimension, PackedRows documents, int panel, int firstDocument,
        int[] prefixes, ICosineSink sink)
    {
        const int size = TileQueries * PanelDocuments;
        float* buffer = stackalloc float[(2 * size) + 16];
        float* sums = (float*)(((nint)buffer + 63) & ~63);
        float* cosines = sums + size;
        new Span<float>(sums, size).Clear();

        float* query = queries.Values(tile);
        float* document = documents.Values(panel);
        float* queryInverses = queries.Inverses(tile) + (firstDimension * TileQueries);
        float* documentInverses = documents.Inverses(panel);
        int firstQuery = tile * TileQueries, queriesHere = queries.RowsIn(tile), documentsHere = documents.RowsIn(panel);
        var nearest = sink as TopNeighbors;
        firstDocument += panel * PanelDocuments;
        int column = 0;
        for (int i = 0; i < prefixes.Length; i++)
        {
            while (column < prefixes[i])
            {
                int columns = Math.Min(ColumnsAtOnce, prefixes[i] - column);
                TileKernel.Accumulate(query, document, columns, sums);
                query += columns * TileQueries;
                document += columns * PanelDocuments;
                column += columns;
            }
            if (nearest is not null && prefixes[i] > 1)
            {
                // Of most tiles none is near enough, which is seen before a cosine is written.
                fixed (float* thresholds = nearest.Thresholds(i, firstQuery))
                {
                    uint above = TileKernel.RescaleAbove(sums, queryInverses + (i * TileQueries), documentInverses + (i * PanelDocuments),
                        thresholds, cosines);
                    for (; above != 0; above &= above - 1)
                    {
                        int q = BitOperations.TrailingZeroCount(above);
                        if (q < queriesHere)
                        {
                            nearest.AcceptRow(i, firstQuery + q, firstDocument, documentsHere,
                                new ReadOnlySpan<float>(cosines + (q * PanelDocuments), PanelDocuments));
                        }
                    }
                }
                continue;
            }
            TileKernel.Rescale(sums, queryInverses + (i * TileQueries), documentInverses + (i * PanelDocuments), cosines);
            if (prefixes[i] == 1)
            {
                TileKernel.SnapToOne(cosines);
            }
            sink.Accept(i, firstQuery, queriesHere, firstDocument, documentsHere, new ReadOnlySpan<float>(cosines, size));
        }
    }
}

/// <summary>Takes the cosines that <see cref="PrefixDotProducts"/> passes out, tile by tile.</summary>
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
