using System.Globalization;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Search.Funnel;
using Microsoft.ML.Mrl.Search.Mining;
using Microsoft.ML.Mrl.Search.Quantized;
using Microsoft.ML.Mrl.Vectors;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl;

/// <summary>Adds search, the tuning of short lists and hard-negative mining to <see cref="MrlOperations"/>.</summary>
public static class MrlSearchOperations
{
    /// <summary>Builds an index over the vectors of a column, which finds those nearest to a query by cosine.</summary>
    /// <param name="operations">The operations, as <see cref="MrlCatalog.Mrl"/> returns them.</param>
    /// <param name="data">The rows.</param>
    /// <param name="embeddingColumnName">The vectors, a known-size vector of Single, <c>[N, D]</c>; read once, in the order of the
    /// view.</param>
    /// <param name="idColumnName">
    /// The ids, integers or keys, no two equal; a key counts from 1, as ML.NET stores it. Default <see langword="null"/>: the rows'
    /// numbers, from 0.
    /// </param>
    /// <param name="options">
    /// The options. Default: those of a new <see cref="FunnelIndexOptions"/>; prefixes that are left out are the trained dimensions that
    /// the column's annotations name.
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
        this MrlOperations operations, IDataView data, string embeddingColumnName, string? idColumnName = null,
        FunnelIndexOptions? options = null,
        IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(operations);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(embeddingColumnName);
        FunnelIndex index = FunnelView.Build(data, embeddingColumnName, idColumnName, options ?? new FunnelIndexOptions(), progress,
            cancellationToken);
        using IChannel channel = operations.Environment.Start("Index");
        channel.Info("{0} rows of {1} values, {2}.", index.Count, index.Dimensions,
            index.GraphBytes > 0 ? "with a graph" : "compared whole");
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
    /// <param name="options">The options. The default is a new <see cref="HardNegativeOptions"/>.</param>
    /// <returns>
    /// The rows of <paramref name="pairs"/> with all their columns and a column for the negative: a row for each pair and negative, by pair
    /// and then nearest first. Pairs without a negative are left out, and a warning says how many.
    /// </returns>
    /// <remarks>
    /// <para>
    /// The result suits a training on triplets, or one on pairs that names the negative column. Equal vectors count as one document. A
    /// document is never a negative of an anchor if it is the positive of that anchor in any row, or if it equals the anchor. A vector of
    /// zeros at the given dimension gets no negative and is never a negative. Of documents with equal cosines the earlier one is taken.
    /// </para>
    /// <para>
    /// The vectors are read once and held while mining; the result holds the distinct documents, and reads the other columns from
    /// <paramref name="pairs"/> again, which must give the same rows in the same order. Cache them if they are costly to make.
    /// </para>
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="pairs"/>, or a column name, is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">An option is invalid, or the column to add exists already.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A column is not there or has another type, the widths differ, or the dimension is
    /// above D.</exception>
    /// <exception cref="InvalidOperationException">There are no rows, or a vector has a NaN or an infinity.</exception>
    public static IDataView MineHardNegatives(
        this MrlOperations operations, IDataView pairs, string anchorColumnName, string positiveColumnName,
        HardNegativeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(operations);
        ArgumentNullException.ThrowIfNull(pairs);
        ArgumentNullException.ThrowIfNull(anchorColumnName);
        ArgumentNullException.ThrowIfNull(positiveColumnName);
        (IDataView view, int count, int without) =
            HardNegativeMiner.Mine(pairs, anchorColumnName, positiveColumnName, options ?? new HardNegativeOptions());
        if (without > 0)
        {
            using IChannel channel = operations.Environment.Start("Mining");
            channel.Warning(
                "No negative for {0} of {1} pairs, which are left out. A smaller margin, a larger search depth where one is set or more " +
                "pairs may find some.", without, count);
        }
        return view;
    }

    /// <summary>
    /// Finds the length that a short list by quantized vectors needs, so that re-ranking it by full vectors surely finds a wanted share of
    /// the nearest documents. Vectors are cut and then quantized.
    /// </summary>
    /// <param name="operations">The operations, as <see cref="MrlCatalog.Mrl"/> returns them.</param>
    /// <param name="documents">The documents to search; ranges of signed bytes are theirs.</param>
    /// <param name="queries">Queries like those to come, at least 20, not among the documents and without a part in training.</param>
    /// <param name="documentColumnName">The documents' vectors, a known-size vector of Single, <c>[N, D]</c>.</param>
    /// <param name="type">The type of the short list.</param>
    /// <param name="dimensions">Its prefix length, not above D.</param>
    /// <param name="queryColumnName">The queries' vectors, <c>[Q, D]</c>. Default <see langword="null"/>: of the same name.</param>
    /// <param name="options">The recall that is wanted, and how surely. Default: those of a new
    /// <see cref="FunnelTuningOptions"/>.</param>
    /// <returns>The shortest list that is surely long enough, as <see cref="FunnelPlan.Candidates"/> of its plan, or what is known of the
    /// list that came nearest. The length may be used wherever such vectors are searched, in a database for instance.</returns>
    /// <remarks>
    /// The nearest documents by cosine of the full vectors are those to be found. The choice and its confidence are those of
    /// <see cref="FunnelIndex.Tune(ReadOnlySpan{float}, FunnelTuningOptions, IProgress{double}?, CancellationToken)"/>. Another collection
    /// of documents, above all a larger one, needs a tuning of its own.
    /// </remarks>
    /// <exception cref="ArgumentNullException">A view or <paramref name="documentColumnName"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">An option is invalid.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A column is not there or has another type, the widths differ, the dimension is below 1
    /// or above D, or the type is unknown.</exception>
    /// <exception cref="InvalidOperationException">There are no documents or fewer than 20 queries, or a vector has a NaN or an
    /// infinity.</exception>
    public static FunnelTuning TuneRescoring(
        this MrlOperations operations, IDataView documents, IDataView queries, string documentColumnName, EmbeddingType type,
        int dimensions, string? queryColumnName = null, FunnelTuningOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(operations);
        ArgumentNullException.ThrowIfNull(documents);
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentNullException.ThrowIfNull(documentColumnName);
        options ??= new FunnelTuningOptions();
        options.Check(nameof(options));
        EmbeddingMatrix stored = EmbeddingColumnReader.ReadAll(documents, documentColumnName, "document embedding",
            nameof(documentColumnName));
        EmbeddingMatrix asking = EmbeddingColumnReader.ReadAll(queries, queryColumnName ?? documentColumnName, "query embedding",
            nameof(queryColumnName));
        if (stored.Width != asking.Width)
        {
            throw SchemaErrors.Mismatch(nameof(queryColumnName), "query embedding", queryColumnName ?? documentColumnName,
                $"Vector<Single, {stored.Width}>", $"Vector<Single, {asking.Width}>");
        }
        if (dimensions < 1 || dimensions > stored.Width)
        {
            throw new ArgumentOutOfRangeException(nameof(dimensions), dimensions,
                string.Create(CultureInfo.InvariantCulture, $"Cannot truncate to {dimensions}: column '{documentColumnName}' has " +
                    $"{stored.Width} values. Choose 1..{stored.Width}."));
        }
        if (!Enum.IsDefined(type))
        {
            throw new ArgumentOutOfRangeException(nameof(type), type,
                $"There is no type {type}. Choose one of {string.Join(", ", Enum.GetNames<EmbeddingType>())}.");
        }
        if (stored.Count == 0 || asking.Count < PlanChoice.FewestQueries)
        {
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture,
                $"Cannot tune with {stored.Count} documents and {asking.Count} queries, half of which choose and half judge. Give some " +
                $"documents and {PlanChoice.FewestQueries} queries or more; some thousands make surer."));
        }
        FunnelTuning tuning = RescoringTuner.Tune(stored, asking, type, dimensions, options);
        using IChannel channel = operations.Environment.Start("Rescoring");
        channel.Info("{0}", tuning);
        return tuning;
    }
}
