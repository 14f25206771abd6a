using Microsoft.ML.Mrl.Evaluation;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Provides what Matryoshka embeddings need besides transforms: evaluation, recommendations, export and import.
/// <see cref="MrlCatalog.Mrl"/> returns it.
/// </summary>
/// <remarks>
/// <para>
/// Every evaluation reads the vectors once and computes all dimensions from one pass over them. At a dimension m, every vector is cut to
/// its first m values and then rescaled to unit length. A prefix of zeros stays zeros and has cosine 0 with everything. Any 1 ≤ m ≤ D can
/// be evaluated, whether it was trained or not. If no dimensions are given, the trained ones that the column's annotations name are
/// evaluated, together with the full width D; without such annotations, D and its halves down to 8.
/// </para>
/// <para>
/// If the options name types other than single precision, every row of the report is that of vectors that are cut, rescaled to unit length,
/// quantized, and compared by the cosine of what the quantized values stand for: ±1 for a bit, a value of its dimension's range for a
/// signed byte. The ranges of signed bytes are those of the stored vectors unless calibration rows are given. Ranges found in the evaluated
/// rows themselves flatter signed bytes a little, because no value lies outside them; the report's note names their source.
/// </para>
/// <para>
/// Vectors may be dense or sparse. All of them are held in memory, 4 · D bytes each. Results do not depend on the number of threads.
/// Skipped rows are also reported to the context's log as a warning. Instances are safe for concurrent use.
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
    /// Measures how well the nearest class centroid (<c>NearestCentroid</c>) and the nearest neighbor (<c>1-NN</c>, the primary metric) by
    /// cosine predict the label. A metric is the share of rows that are predicted correctly, in [0, 1].
    /// </summary>
    /// <param name="data">The rows to classify. Rows without a label are skipped and counted.</param>
    /// <param name="embeddingColumnName">
    /// The vector column, a known-size vector of Single, <c>[N, D]</c>. It has the same name in <paramref name="reference"/>.
    /// </param>
    /// <param name="labelColumnName">
    /// The label column, of key, text, integer or Boolean type. It has the same name in <paramref name="reference"/>. Keys are compared by
    /// their key values. An empty text and a missing key are no label. The default is <c>Label</c>.
    /// </param>
    /// <param name="reference">
    /// The rows to classify by, such as the training rows. By default, <see langword="null"/>, each row is classified by all other rows of
    /// <paramref name="data"/> and taken out of its own class's centroid.
    /// </param>
    /// <param name="dimensions">
    /// The numbers of dimensions to evaluate, each in 1..D. For the default, see the remarks of <see cref="MrlOperations"/>.
    /// </param>
    /// <param name="options">
    /// The numbers of neighbors, a linear probe and the types. The default is a new <see cref="ClassificationOptions"/>.
    /// </param>
    /// <param name="calibration">
    /// The rows to find the ranges of signed bytes in, with a column named <paramref name="embeddingColumnName"/>. The default,
    /// <see langword="null"/>, is the reference rows or, without them, all rows. They are read only if the options name types other than
    /// single precision.
    /// </param>
    /// <returns>A report with a row for each type and number of dimensions.</returns>
    /// <remarks>
    /// The centroid of a class at m is the mean of the class's unit-length prefixes n(x[:m]). Among equal cosines, the earlier reference
    /// row, or the class that was seen first, wins. A label that no reference row has counts as wrong; so does the only row of a class when
    /// one row is left out.
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="data"/>, or a column name, is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">An option is invalid.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type, or a dimension is above D.</exception>
    /// <exception cref="InvalidOperationException">
    /// No row has a label (or only one, without a reference), there are no calibration rows, or a vector has a NaN or an infinity.
    /// </exception>
    public DimensionReport EvaluateClassification(
        IDataView data,
        string embeddingColumnName,
        string labelColumnName = "Label",
        IDataView? reference = null,
        MatryoshkaDimensions? dimensions = null,
        ClassificationOptions? options = null,
        IDataView? calibration = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(embeddingColumnName);
        ArgumentNullException.ThrowIfNull(labelColumnName);
        options ??= new ClassificationOptions();
        options.Check(nameof(options));
        return Logged(ClassificationView.Evaluate(data, embeddingColumnName, labelColumnName, reference, dimensions, options, calibration));
    }

    /// <summary>
    /// Measures how well the cosine of each pair follows a score, by Spearman's rank correlation (<c>Spearman</c>, the primary metric;
    /// equal values share the mean of their ranks) and Pearson's correlation (<c>Pearson</c>), both in [-1, 1].
    /// </summary>
    /// <param name="data">The pairs. Those whose score is NaN are skipped and counted.</param>
    /// <param name="embeddingColumnName">The vector column of one side, a known-size vector of Single, <c>[N, D]</c>.</param>
    /// <param name="otherEmbeddingColumnName">The vector column of the other side, <c>[N, D]</c>.</param>
    /// <param name="scoreColumnName">
    /// The score column, of any number type, greater for more similar pairs. Its range does not matter. The default is <c>Score</c>.
    /// </param>
    /// <param name="dimensions">
    /// The numbers of dimensions to evaluate, each in 1..D. For the default, see the remarks of <see cref="MrlOperations"/>.
    /// </param>
    /// <param name="types">
    /// The types to evaluate, each named once. Both sides of a pair are quantized. Single precision is always evaluated. The default,
    /// <see langword="null"/>, is single precision alone.
    /// </param>
    /// <param name="calibration">
    /// The rows to find the ranges of signed bytes in, with a column named <paramref name="embeddingColumnName"/>. The default,
    /// <see langword="null"/>, is both sides of the evaluated pairs.
    /// </param>
    /// <returns>
    /// A report with a row for each type and number of dimensions. A correlation is NaN if all scores, or all cosines, are equal.
    /// </returns>
    /// <exception cref="ArgumentNullException"><paramref name="data"/>, or a column name, is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">A type is not known or is named twice, or no type is given.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A column is missing or has another type, the widths differ, or a dimension is above D.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// No row has a score, a score is infinite, there are no calibration rows, or a vector has a NaN or an infinity.
    /// </exception>
    public DimensionReport EvaluateSimilarity(
        IDataView data,
        string embeddingColumnName,
        string otherEmbeddingColumnName,
        string scoreColumnName = "Score",
        MatryoshkaDimensions? dimensions = null,
        IReadOnlyList<EmbeddingType>? types = null,
        IDataView? calibration = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(embeddingColumnName);
        ArgumentNullException.ThrowIfNull(otherEmbeddingColumnName);
        ArgumentNullException.ThrowIfNull(scoreColumnName);
        types ??= [EmbeddingType.Single];
        if (TypedEvaluation.Problems(types).FirstOrDefault() is { } problem)
        {
            throw new ArgumentException(problem, nameof(types));
        }
        return Logged(
            SimilarityView.Evaluate(
                data, embeddingColumnName, otherEmbeddingColumnName, scoreColumnName, dimensions, types, calibration));
    }

    /// <summary>
    /// Measures how well queries find their relevant documents among all documents by cosine. The metrics are <c>Recall@1</c>, <c>@10</c>
    /// and <c>@100</c> (those that do not exceed the number of documents), <c>nDCG@10</c> (the primary metric) and <c>MRR@10</c>, each the
    /// mean over queries, in [0, 1].
    /// </summary>
    /// <param name="queries">The queries, with an id and a vector each.</param>
    /// <param name="documents">The documents, with an id and a vector each.</param>
    /// <param name="relevance">
    /// The judgements, with the ids of a query and of a document, and optionally a grade. Judgements of unknown queries are ignored.
    /// </param>
    /// <param name="columns">The names of the columns. The default is a new <see cref="RetrievalColumns"/>.</param>
    /// <param name="dimensions">
    /// The numbers of dimensions to evaluate, each in 1..D. For the default, see the remarks of <see cref="MrlOperations"/>; the documents'
    /// column counts.
    /// </param>
    /// <param name="options">
    /// The metrics, the types, and whether identical ids are ignored. The default is a new <see cref="RetrievalOptions"/>.
    /// </param>
    /// <param name="calibration">
    /// The rows to find the ranges of signed bytes in, with a column named like that of the documents. The default, <see langword="null"/>,
    /// is the documents.
    /// </param>
    /// <returns>
    /// A report with a row for each type and number of dimensions. Queries without a relevant document are skipped and counted.
    /// </returns>
    /// <remarks>
    /// Documents with equal cosines, of which short vectors of bits have many, are ranked by their row, the earlier first. A document is
    /// relevant if its grade is above 0. Recall@k is the share of a query's relevant documents among its first k. MRR@10 is the mean of 1 /
    /// rank of the first relevant document among the first 10, or 0 if there is none. nDCG@10 is the DCG divided by the DCG of the best
    /// order, where DCG = Σ grade / log₂(rank + 1) over the first 10, with the grade itself as gain, as in trec_eval and BEIR. A relevant
    /// document that is missing from the documents counts as not found, as in trec_eval, and the report's note gives the number of such
    /// judgements.
    /// </remarks>
    /// <exception cref="ArgumentNullException">A view is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">An option is invalid.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A column is missing or has another type, the widths differ, or a dimension is above D.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// There are no queries, documents or calibration rows, an id is missing or given twice, no judgement joins a query to a document, or a
    /// vector has a NaN or an infinity.
    /// </exception>
    public DimensionReport EvaluateRetrieval(
        IDataView queries,
        IDataView documents,
        IDataView relevance,
        RetrievalColumns? columns = null,
        MatryoshkaDimensions? dimensions = null,
        RetrievalOptions? options = null,
        IDataView? calibration = null)
    {
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentNullException.ThrowIfNull(documents);
        ArgumentNullException.ThrowIfNull(relevance);
        options ??= new RetrievalOptions();
        options.Check(nameof(options));
        return Logged(
            RetrievalView.Evaluate(queries, documents, relevance, columns ?? new RetrievalColumns(), dimensions, options, calibration));
    }

    /// <summary>
    /// Measures how well each row's query finds the document of the same row among the documents of all rows, with the metrics of
    /// <see cref="EvaluateRetrieval(IDataView, IDataView, IDataView, RetrievalColumns, MatryoshkaDimensions, RetrievalOptions,
    /// IDataView)"/>.
    /// </summary>
    /// <param name="pairs">The pairs of a query and its relevant document.</param>
    /// <param name="queryColumnName">The vector column of the queries, a known-size vector of Single, <c>[N, D]</c>.</param>
    /// <param name="documentColumnName">The vector column of the documents, <c>[N, D]</c>.</param>
    /// <param name="dimensions">
    /// The numbers of dimensions to evaluate, each in 1..D. For the default, see the remarks of <see cref="MrlOperations"/>; the documents'
    /// column counts.
    /// </param>
    /// <param name="options">The metrics and the types. The default is a new <see cref="RetrievalOptions"/>.</param>
    /// <param name="calibration">
    /// The rows to find the ranges of signed bytes in, with a column named <paramref name="documentColumnName"/>. The default,
    /// <see langword="null"/>, is the documents.
    /// </param>
    /// <returns>A report with a row for each type and number of dimensions. Its count is the number of distinct queries.</returns>
    /// <remarks>
    /// Document vectors that are identical at the full width are one document. Query vectors that are identical are one query with several
    /// relevant documents.
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="pairs"/>, or a column name, is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">An option is invalid.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A column is missing or has another type, the widths differ, or a dimension is above D.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// There are no rows or no calibration rows, or a vector has a NaN or an infinity.
    /// </exception>
    public DimensionReport EvaluateRetrieval(
        IDataView pairs,
        string queryColumnName,
        string documentColumnName,
        MatryoshkaDimensions? dimensions = null,
        RetrievalOptions? options = null,
        IDataView? calibration = null)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        ArgumentNullException.ThrowIfNull(queryColumnName);
        ArgumentNullException.ThrowIfNull(documentColumnName);
        options ??= new RetrievalOptions();
        options.Check(nameof(options));
        return Logged(RetrievalView.EvaluatePairs(pairs, queryColumnName, documentColumnName, dimensions, options, calibration));
    }

    private DimensionReport Logged(DimensionReport report)
    {
        // With several types there is always a note, which need not be a warning.
        if (report.Skipped > 0 || (!report.HasTypes && report.Note.Length > 0))
        {
            using IChannel channel = Environment.Start("Evaluation");
            channel.Warning(
                "{0}, {1}: {2} of {3} skipped; {4}.", report.Name, report.Task, report.Skipped, report.Count + report.Skipped, report.Note);
        }
        return report;
    }
}
