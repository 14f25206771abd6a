using Microsoft.ML.Mrl.Search.Funnel;
using Microsoft.ML.Mrl.Search.Mining;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl;

/// <summary>Adds search and hard-negative mining to <see cref="MrlOperations"/>.</summary>
public static class MrlSearchOperations
{
    /// <summary>Builds an index over the vectors of a column, which finds those nearest to a query by cosine.</summary>
    /// <param name="operations">The operations, as <see cref="MrlCatalog.Mrl"/> returns them.</param>
    /// <param name="data">The rows.</param>
    /// <param name="embeddingColumnName">The vectors, a known-size vector of Single, <c>[N, D]</c>; read once, in the order of the view.</param>
    /// <param name="idColumnName">
    /// The ids, integers or keys, no two equal; a key counts from 1, as ML.NET stores it. Default <see langword="null"/>: the rows' numbers, from 0.
    /// </param>
    /// <param name="options">
    /// The options. Default: those of a new <see cref="FunnelIndexOptions"/>; prefixes that are left out are the trained dimensions that the column's annotations name.
    /// </param>
    /// <param name="progress">Takes the share of the rows that are in the graph, from 0 to 1.</param>
    /// <param name="cancellationToken">Stops the build.</param>
    /// <returns>The index; dispose of it when it is no longer needed. A view without rows makes one without rows.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="data"/>, or the column's name, is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A column is not there or has another type, or a prefix is above D.</exception>
    /// <exception cref="ArgumentException">An id is there twice, or the plan does not fit the width.</exception>
    /// <exception cref="InvalidOperationException">A vector has a NaN or an infinity, or an id is missing.</exception>
    /// <exception cref="PlatformNotSupportedException">The rows need a graph, and there is no native library for this platform.</exception>
    /// <exception cref="OperationCanceledException">The build was stopped.</exception>
    public static FunnelIndex BuildFunnelIndex(
        this MrlOperations operations, IDataView data, string embeddingColumnName, string? idColumnName = null, FunnelIndexOptions? options = null,
        IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(operations);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(embeddingColumnName);
        FunnelIndex index = FunnelView.Build(data, embeddingColumnName, idColumnName, options ?? new FunnelIndexOptions(), progress, cancellationToken);
        using IChannel channel = operations.Environment.Start("Index");
        channel.Info("{0} rows of {1} values, {2}.", index.Count, index.Dimensions, index.GraphBytes > 0 ? "with a graph" : "compared whole");
        return index;
    }

    /// <summary>
    /// Finds hard negatives for pairs: of the positives of all rows, those most like a row's anchor by cosine that are not positives of
    /// the same anchor and not so like it that they may well be.
    /// </summary>
    /// <param name="operations">The operations, as <see cref="MrlCatalog.Mrl"/> returns them.</param>
    /// <param name="pairs">The pairs of an anchor and a document that belongs to it.</param>
    /// <param name="anchorColumnName">The anchors, a known-size vector of Single, <c>[N, D]</c>.</param>
    /// <param name="positiveColumnName">The documents, <c>[N, D]</c>.</param>
    /// <param name="options">How near, how many, at what prefix. Default: those of a new <see cref="HardNegativeOptions"/>.</param>
    /// <returns>
    /// The rows of <paramref name="pairs"/> with all their columns and a column for the negative: a row for each pair and negative, by pair and then
    /// nearest first. Pairs without a negative are left out, and a warning says how many.
    /// </returns>
    /// <remarks>
    /// <para>
    /// Hand the result to a training on pairs that names the negative column, or on triplets. Equal vectors are one document; a document is
    /// never a negative of an anchor for which any row names it the positive, nor of an anchor that it is equal to. What is zeros at the dimension mined at has no direction: as an
    /// anchor or a positive it gets no negative, and it is nobody's negative. Equal cosines go to the earlier document.
    /// </para>
    /// <para>
    /// The vectors are read once and held while mining; the result holds the distinct documents, and reads the other columns from
    /// <paramref name="pairs"/> again, which must give the same rows in the same order. Cache them if they are costly to make.
    /// </para>
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="pairs"/>, or a column name, is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">Options make no sense, or the column to make is there already.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A column is not there or has another type, the widths differ, or the dimension is above D.</exception>
    /// <exception cref="InvalidOperationException">There are no rows, or a vector has a NaN or an infinity.</exception>
    public static IDataView MineHardNegatives(
        this MrlOperations operations, IDataView pairs, string anchorColumnName, string positiveColumnName, HardNegativeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(operations);
        ArgumentNullException.ThrowIfNull(pairs);
        ArgumentNullException.ThrowIfNull(anchorColumnName);
        ArgumentNullException.ThrowIfNull(positiveColumnName);
        (IDataView view, int count, int without) = HardNegativeMiner.Mine(pairs, anchorColumnName, positiveColumnName, options ?? new HardNegativeOptions());
        if (without > 0)
        {
            using IChannel channel = operations.Environment.Start("Mining");
            channel.Warning(
                "No negative for {0} of {1} pairs, which are left out. A smaller margin, a larger search depth where one is set or more pairs may find some.", without, count);
        }
        return view;
    }
}
