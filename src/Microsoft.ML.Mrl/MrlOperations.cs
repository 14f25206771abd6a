using System.Globalization;
using Microsoft.ML.Mrl.Evaluation;
using Microsoft.ML.Mrl.Reports.Advice;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl;

/// <summary>What Matryoshka embeddings need that is not a transform; obtained by <see cref="MrlCatalog.Mrl"/>.</summary>
/// <remarks>
/// <para>
/// Every evaluation reads the vectors once and computes all dimensions from one pass over them. At a dimension m every vector is cut to its first
/// m values, then rescaled to unit length; a prefix of zeros stays zeros and has cosine 0 with everything. Any 1 ≤ m ≤ D can be asked
/// for, whether trained or not. Dimensions left out are the trained ones that the column's annotations name, with the full width D; where
/// there are none, D and its halves down to 8.
/// </para>
/// <para>
/// Vectors may be dense or sparse. All of them are held in memory, 4 · D bytes each. Results do not depend on the number of threads.
/// What was skipped is also told to the context's log as a warning. Instances are safe for concurrent use.
/// </para>
/// </remarks>
public sealed partial class MrlOperations
{
    internal MrlOperations(MLContext mlContext)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        Environment = mlContext;
    }

    internal IHostEnvironment Environment { get; }

    /// <summary>
    /// Measures how well the nearest class centroid (<c>NearestCentroid</c>) and the nearest neighbour (<c>1-NN</c>, the primary
    /// metric) by cosine predict the label: the share of rows predicted rightly, in [0, 1].
    /// </summary>
    /// <param name="data">The rows to classify. Rows without a label are skipped and counted.</param>
    /// <param name="embeddingColumnName">The vectors, a known-size vector of Single, <c>[N, D]</c>; of the same name in <paramref name="reference"/>.</param>
    /// <param name="labelColumnName">
    /// The labels: key, text, integer or Boolean; of the same name in <paramref name="reference"/>. Keys are compared by their key values. An
    /// empty text and a missing key are no label. Default <c>Label</c>.
    /// </param>
    /// <param name="reference">
    /// The rows to classify by, such as the training rows. Default <see langword="null"/>: leave one out, each row is classified by all
    /// others of <paramref name="data"/> and taken out of its own class's centroid.
    /// </param>
    /// <param name="dimensions">The dimensions to evaluate, each in 1..D. Default: see the remarks of this class.</param>
    /// <param name="options">Other numbers of neighbours, and a linear probe. Default: those of a new <see cref="ClassificationOptions"/>.</param>
    /// <returns>A report with a row for each dimension.</returns>
    /// <remarks>
    /// The centroid of a class at m is the mean of the class's unit-length prefixes n(x[:m]). Equal cosines go to the earlier reference row, or
    /// to the class that was seen first. A label that no reference row has, and the only row of a class when one is left out, count as wrong.
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="data"/>, or a column name, is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">Options make no sense.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A column is not there or has another type, or a dimension is above D.</exception>
    /// <exception cref="InvalidOperationException">No row has a label (or only one, and there is no reference), or a vector has a NaN or an infinity.</exception>
    public DimensionReport EvaluateClassification(
        IDataView data,
        string embeddingColumnName,
        string labelColumnName = "Label",
        IDataView? reference = null,
        MatryoshkaDimensions? dimensions = null,
        ClassificationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(embeddingColumnName);
        ArgumentNullException.ThrowIfNull(labelColumnName);
        options ??= new ClassificationOptions();
        options.Check(nameof(options));
        return Logged(ClassificationView.Evaluate(data, embeddingColumnName, labelColumnName, reference, dimensions, options));
    }

    /// <summary>
    /// Measures how well the cosine of each pair follows a score: Spearman's rank correlation (<c>Spearman</c>, the primary metric; equal
    /// values share the mean of their ranks) and Pearson's correlation (<c>Pearson</c>), in [-1, 1].
    /// </summary>
    /// <param name="data">The pairs. Those whose score is NaN are skipped and counted.</param>
    /// <param name="embeddingColumnName">One side, a known-size vector of Single, <c>[N, D]</c>.</param>
    /// <param name="otherEmbeddingColumnName">The other side, <c>[N, D]</c>.</param>
    /// <param name="scoreColumnName">The score, any number type, greater for more alike; its range does not matter. Default <c>Score</c>.</param>
    /// <param name="dimensions">The dimensions to evaluate, each in 1..D. Default: see the remarks of this class.</param>
    /// <returns>A report with a row for each dimension. A correlation is NaN where all scores, or all cosines, are equal.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="data"/>, or a column name, is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A column is not there or has another type, the widths differ, or a dimension is above D.</exception>
    /// <exception cref="InvalidOperationException">No row has a score, a score is infinite, or a vector has a NaN or an infinity.</exception>
    public DimensionReport EvaluateSimilarity(
        IDataView data,
        string embeddingColumnName,
        string otherEmbeddingColumnName,
        string scoreColumnName = "Score",
        MatryoshkaDimensions? dimensions = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(embeddingColumnName);
        ArgumentNullException.ThrowIfNull(otherEmbeddingColumnName);
        ArgumentNullException.ThrowIfNull(scoreColumnName);
        return Logged(SimilarityView.Evaluate(data, embeddingColumnName, otherEmbeddingColumnName, scoreColumnName, dimensions));
    }

    /// <summary>
    /// Measures how well queries find their relevant documents among all documents by cosine: <c>Recall@1</c>, <c>@10</c> and <c>@100</c> (those
    /// that do not exceed the number of documents), <c>nDCG@10</c> (the primary metric) and <c>MRR@10</c>, each the mean over queries, in [0, 1].
    /// </summary>
    /// <param name="queries">The queries: an id and a vector each.</param>
    /// <param name="documents">The documents: an id and a vector each.</param>
    /// <param name="relevance">
    /// The judgements: the ids of a query and of a document, and perhaps a grade. Those of queries that are not there are passed over.
    /// </param>
    /// <param name="columns">The names of the columns. Default: those of a new <see cref="RetrievalColumns"/>.</param>
    /// <param name="dimensions">The dimensions to evaluate, each in 1..D. Default: see the remarks of this class; the documents' column is asked.</param>
    /// <param name="options">Other metrics and other k, MAP among them. Default: those of a new <see cref="RetrievalOptions"/>.</param>
    /// <returns>A report with a row for each dimension. Queries without a relevant document are skipped and counted.</returns>
    /// <remarks>
    /// Equal cosines are ranked by document row, the earlier first. A document is relevant if its grade is above 0. Recall@k is the share of a
    /// query's relevant documents among its first k; MRR@10 is the mean of 1 / rank of the first relevant one among the first 10, 0 if none is there.
    /// nDCG@10 = DCG / DCG of the best order, DCG = Σ grade / log₂(rank + 1) over the first 10, with the grade itself as gain, as trec_eval
    /// and BEIR do. A relevant document that is not among the documents still counts as one to be found, as in trec_eval, and
    /// the report's note tells how many there are.
    /// </remarks>
    /// <exception cref="ArgumentException">Options make no sense.</exception>
    /// <exception cref="ArgumentNullException">A view is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A column is not there or has another type, the widths differ, or a dimension is above D.</exception>
    /// <exception cref="InvalidOperationException">
    /// There are no queries or documents, an id is missing or given twice, no judgement joins a query to a document, or a vector has a NaN or an infinity.
    /// </exception>
    public DimensionReport EvaluateRetrieval(
        IDataView queries,
        IDataView documents,
        IDataView relevance,
        RetrievalColumns? columns = null,
        MatryoshkaDimensions? dimensions = null,
        RetrievalOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentNullException.ThrowIfNull(documents);
        ArgumentNullException.ThrowIfNull(relevance);
        options ??= new RetrievalOptions();
        options.Check(nameof(options));
        return Logged(RetrievalView.Evaluate(queries, documents, relevance, columns ?? new RetrievalColumns(), dimensions, options));
    }

    /// <summary>
    /// Measures how well each row's query finds the same row's document among the documents of all rows; metrics as in
    /// <see cref="EvaluateRetrieval(IDataView, IDataView, IDataView, RetrievalColumns, MatryoshkaDimensions, RetrievalOptions)"/>.
    /// </summary>
    /// <param name="pairs">The pairs of a query and its relevant document.</param>
    /// <param name="queryColumnName">The queries, a known-size vector of Single, <c>[N, D]</c>.</param>
    /// <param name="documentColumnName">The documents, <c>[N, D]</c>.</param>
    /// <param name="dimensions">The dimensions to evaluate, each in 1..D. Default: see the remarks of this class; the documents' column is asked.</param>
    /// <param name="options">Other metrics and other k, MAP among them. Default: those of a new <see cref="RetrievalOptions"/>.</param>
    /// <returns>A report with a row for each dimension; its count is that of distinct queries.</returns>
    /// <remarks>
    /// Rows whose document vectors are identical at the full width hold one document, not several; rows whose query vectors are identical hold one query
    /// with several relevant documents.
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="pairs"/>, or a column name, is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">Options make no sense.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A column is not there or has another type, the widths differ, or a dimension is above D.</exception>
    /// <exception cref="InvalidOperationException">There are no rows, or a vector has a NaN or an infinity.</exception>
    public DimensionReport EvaluateRetrieval(
        IDataView pairs,
        string queryColumnName,
        string documentColumnName,
        MatryoshkaDimensions? dimensions = null,
        RetrievalOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        ArgumentNullException.ThrowIfNull(queryColumnName);
        ArgumentNullException.ThrowIfNull(documentColumnName);
        options ??= new RetrievalOptions();
        options.Check(nameof(options));
        return Logged(RetrievalView.EvaluatePairs(pairs, queryColumnName, documentColumnName, dimensions, options));
    }

    /// <summary>
    /// Finds the smallest evaluated dimension that keeps a share of the full width's quality, with an interval that says how sure that is.
    /// </summary>
    /// <param name="report">What was measured. The full width must be among its dimensions.</param>
    /// <param name="keep">The share of the full width's metric to keep, in (0, 1]. Default 0.99.</param>
    /// <param name="options">Another metric, confidence level, number of resamples or seed. Default: those of a new <see cref="RecommendationOptions"/>.</param>
    /// <returns>The advice, a row for every dimension, and what each stores.</returns>
    /// <remarks>
    /// <para>
    /// The interval of a share is that of the paired percentile bootstrap (Efron and Tibshirani 1993, ch. 13): rows, pairs or queries are drawn with replacement, and both metrics
    /// are computed on what was drawn, correlations too. A dimension is recommended when the whole interval lies at or above <paramref name="keep"/>. Where the measured share
    /// alone does, the advice names that dimension as well and says that there are too few rows to tell.
    /// </para>
    /// <para>
    /// There is no interval, and the advice says so, with fewer than 20 rows, with more values than are kept (2²⁶ for a report, a quarter of that for correlations), and
    /// for a report that was read back from JSON.
    /// </para>
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="report"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="keep"/> is not above 0 and at most 1.</exception>
    /// <exception cref="ArgumentException">The report has no row of the full width, or options make no sense.</exception>
    public DimensionRecommendation RecommendDimensions(DimensionReport report, double keep = 0.99, RecommendationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(report);
        CheckKeep(keep);
        CheckFullWidth(report.Rows[^1].Dimensions, report.FullDimensions);
        options ??= new RecommendationOptions();
        options.Check(report.Metrics, nameof(options));
        DimensionRecommendation advice = DimensionAdviser.Recommend(report, keep, options);
        using IChannel channel = Environment.Start("Recommendation");
        channel.Info("{0}, {1}: {2}", advice.System, advice.Task, advice.Summary);
        return advice;
    }

    private static void CheckKeep(double keep)
    {
        if (!(keep > 0 && keep <= 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(keep), keep, string.Create(CultureInfo.InvariantCulture, $"Cannot keep a share of {keep}. Choose a share above 0 and at most 1, such as 0.99."));
        }
    }

    private static void CheckFullWidth(int largest, int full)
    {
        if (largest != full)
        {
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"The report has no row of the full width of {full}, of which a share is to be kept. Evaluate it too."),
                "report");
        }
    }

    private DimensionReport Logged(DimensionReport report)
    {
        if (report.Note.Length > 0)
        {
            using IChannel channel = Environment.Start("Evaluation");
            channel.Warning("{0}, {1}: {2} of {3} skipped; {4}.", report.System, report.Task, report.Skipped, report.Count + report.Skipped, report.Note);
        }
        return report;
    }
}
