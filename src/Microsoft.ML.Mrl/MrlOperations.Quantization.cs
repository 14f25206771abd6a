using System.Globalization;
using Microsoft.ML.Mrl.Evaluation;
using Microsoft.ML.Mrl.Evaluation.Quantization;
using Microsoft.ML.Mrl.Reports.Advice;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Vectors;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl;

public sealed partial class MrlOperations
{
    /// <summary>
    /// Measures retrieval as <see cref="EvaluateRetrieval(IDataView, IDataView, IDataView, RetrievalColumns, MatryoshkaDimensions, RetrievalOptions)"/> does, with the documents stored as each type at
    /// each dimension.
    /// </summary>
    /// <param name="queries">The queries: an id and a vector each.</param>
    /// <param name="documents">The documents: an id and a vector each.</param>
    /// <param name="relevance">The judgements: the ids of a query and of a document, and perhaps a grade.</param>
    /// <param name="columns">The names of the columns. Default: those of a new <see cref="RetrievalColumns"/>.</param>
    /// <param name="dimensions">The dimensions to evaluate, each in 1..D. Default: see the remarks of this class; the documents' column is asked.</param>
    /// <param name="options">Other metrics and other k. Default: those of a new <see cref="RetrievalOptions"/>.</param>
    /// <param name="quantization">The types, and whether queries are quantized too. Default: those of a new <see cref="QuantizationOptions"/>.</param>
    /// <returns>A report with a row for each type and dimension.</returns>
    /// <remarks>
    /// Every vector is cut, rescaled to unit length, quantized, and compared by the cosine of what it then stands for: a signed byte for a value of its dimension's range, a bit for ±1. The ranges are
    /// those of the documents, never of the queries, unless other rows are given. Single precision is always evaluated. Equal cosines, of which short vectors of bits have many, are ranked by
    /// document row, the earlier first.
    /// </remarks>
    /// <exception cref="ArgumentException">Options make no sense.</exception>
    /// <exception cref="ArgumentNullException">A view is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A column is not there or has another type, the widths differ, or a dimension is above D.</exception>
    /// <exception cref="InvalidOperationException">
    /// There are no queries, documents or rows to calibrate on, an id is missing or given twice, no judgement joins a query to a document, or a vector has a NaN or an infinity.
    /// </exception>
    public QuantizationReport EvaluateQuantizedRetrieval(
        IDataView queries,
        IDataView documents,
        IDataView relevance,
        RetrievalColumns? columns = null,
        MatryoshkaDimensions? dimensions = null,
        RetrievalOptions? options = null,
        QuantizationOptions? quantization = null)
    {
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentNullException.ThrowIfNull(documents);
        ArgumentNullException.ThrowIfNull(relevance);
        columns ??= new RetrievalColumns();
        options ??= new RetrievalOptions();
        options.Check(nameof(options));
        QuantizationOptions types = Checked(quantization);
        RetrievalRows rows = RetrievalView.Read(queries, documents, relevance, columns, dimensions);
        return Logged(QuantizationEvaluation.Run(
            rows.Queries,
            rows.Documents,
            Calibration(types, columns.DocumentEmbedding, rows.Documents),
            types.Calibration is null ? "the documents" : "other rows",
            types.Queries == QueryPrecision.Quantized,
            rows.Dimensions,
            types,
            (asking, stored, at) => RetrievalEvaluation.Evaluate(asking, stored!.Value, rows.Relevant, at, options).WithNote(rows.Note)));
    }

    /// <summary>The same for pairs, of which each row's document is relevant to its query; identical vectors are one query or document before they are quantized.</summary>
    /// <param name="pairs">The pairs of a query and its relevant document.</param>
    /// <param name="queryColumnName">The queries, a known-size vector of Single, <c>[N, D]</c>.</param>
    /// <param name="documentColumnName">The documents, <c>[N, D]</c>.</param>
    /// <param name="dimensions">The dimensions to evaluate, each in 1..D. Default: see the remarks of this class; the documents' column is asked.</param>
    /// <param name="options">Other metrics and other k. Default: those of a new <see cref="RetrievalOptions"/>.</param>
    /// <param name="quantization">The types, and whether queries are quantized too. Default: those of a new <see cref="QuantizationOptions"/>.</param>
    /// <returns>A report with a row for each type and dimension; its count is that of distinct queries.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="pairs"/>, or a column name, is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">Options make no sense.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A column is not there or has another type, the widths differ, or a dimension is above D.</exception>
    /// <exception cref="InvalidOperationException">There are no rows, or a vector has a NaN or an infinity.</exception>
    public QuantizationReport EvaluateQuantizedRetrieval(
        IDataView pairs,
        string queryColumnName,
        string documentColumnName,
        MatryoshkaDimensions? dimensions = null,
        RetrievalOptions? options = null,
        QuantizationOptions? quantization = null)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        ArgumentNullException.ThrowIfNull(queryColumnName);
        ArgumentNullException.ThrowIfNull(documentColumnName);
        options ??= new RetrievalOptions();
        options.Check(nameof(options));
        QuantizationOptions types = Checked(quantization);
        (EmbeddingMatrix queries, EmbeddingMatrix documents, MatryoshkaDimensions chosen) = RetrievalView.ReadPairs(pairs, queryColumnName, documentColumnName, dimensions);
        (DistinctRows distinctQueries, DistinctRows distinctDocuments, RelevantDocument[][] relevant) = PairedRetrieval.Fold(queries, documents);
        return Logged(QuantizationEvaluation.Run(
            distinctQueries.Rows,
            distinctDocuments.Rows,
            Calibration(types, documentColumnName, documents),
            types.Calibration is null ? "the documents" : "other rows",
            types.Queries == QueryPrecision.Quantized,
            chosen,
            types,
            (asking, stored, at) => RetrievalEvaluation.Evaluate(asking, stored!.Value, relevant, at, options)));
    }

    /// <summary>
    /// Measures classification as <see cref="EvaluateClassification"/> does, with embeddings stored as each type at each dimension: the reference rows and, where one row is left out, all rows.
    /// </summary>
    /// <param name="data">The rows to classify. Rows without a label are skipped and counted.</param>
    /// <param name="embeddingColumnName">The vectors, a known-size vector of Single, <c>[N, D]</c>; of the same name in <paramref name="reference"/>.</param>
    /// <param name="labelColumnName">The labels; of the same name in <paramref name="reference"/>. Default <c>Label</c>.</param>
    /// <param name="reference">The rows to classify by. Default <see langword="null"/>: leave one out.</param>
    /// <param name="dimensions">The dimensions to evaluate, each in 1..D. Default: see the remarks of this class.</param>
    /// <param name="options">Other numbers of neighbours, and a linear probe. Default: those of a new <see cref="ClassificationOptions"/>.</param>
    /// <param name="quantization">The types, and rows to find ranges in. Default: those of a new <see cref="QuantizationOptions"/>.</param>
    /// <returns>A report with a row for each type and dimension.</returns>
    /// <remarks>
    /// Ranges are those of the reference rows; where one row is left out, those of all rows, unless others are given. Centroids are means of what quantized vectors stand for, and are not quantized
    /// themselves. A linear probe is fitted to the quantized prefix, rescaled to unit length at its own dimension; in single precision, as ever, rescaled at the full width.
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="data"/>, or a column name, is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">Options make no sense.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A column is not there or has another type, or a dimension is above D.</exception>
    /// <exception cref="InvalidOperationException">No row has a label (or only one, and there is no reference), there are no rows to calibrate on, or a vector has a NaN or an infinity.</exception>
    public QuantizationReport EvaluateQuantizedClassification(
        IDataView data,
        string embeddingColumnName,
        string labelColumnName = "Label",
        IDataView? reference = null,
        MatryoshkaDimensions? dimensions = null,
        ClassificationOptions? options = null,
        QuantizationOptions? quantization = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(embeddingColumnName);
        ArgumentNullException.ThrowIfNull(labelColumnName);
        options ??= new ClassificationOptions();
        options.Check(nameof(options));
        QuantizationOptions types = Checked(quantization);
        ClassificationRows rows = ClassificationView.Read(data, embeddingColumnName, labelColumnName, reference, dimensions);
        return Logged(QuantizationEvaluation.Run(
            rows.Rows,
            rows.Reference,
            Calibration(types, embeddingColumnName, rows.Reference ?? rows.Rows),
            types.Calibration is not null ? "other rows" : reference is not null ? "the reference rows" : "the evaluated rows themselves",
            types.Queries == QueryPrecision.Quantized || reference is null,
            rows.Dimensions,
            types,
            (asking, stored, at) => rows.Evaluate(asking, stored, at, options)));
    }

    /// <summary>Measures similarity as <see cref="EvaluateSimilarity"/> does, with both sides stored as each type at each dimension.</summary>
    /// <param name="data">The pairs. Those whose score is NaN are skipped and counted.</param>
    /// <param name="embeddingColumnName">One side, a known-size vector of Single, <c>[N, D]</c>; of this name in the rows to calibrate on.</param>
    /// <param name="otherEmbeddingColumnName">The other side, <c>[N, D]</c>.</param>
    /// <param name="scoreColumnName">The score, any number type, greater for more alike. Default <c>Score</c>.</param>
    /// <param name="dimensions">The dimensions to evaluate, each in 1..D. Default: see the remarks of this class.</param>
    /// <param name="quantization">The types, and rows to find ranges in. Default: those of a new <see cref="QuantizationOptions"/>.</param>
    /// <returns>A report with a row for each type and dimension. A correlation is NaN where all scores, or all cosines, are equal.</returns>
    /// <remarks>Ranges are those of both sides of the evaluated pairs, unless other rows are given.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="data"/>, or a column name, is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">Options make no sense.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A column is not there or has another type, the widths differ, or a dimension is above D.</exception>
    /// <exception cref="InvalidOperationException">No row has a score, a score is infinite, there are no rows to calibrate on, or a vector has a NaN or an infinity.</exception>
    public QuantizationReport EvaluateQuantizedSimilarity(
        IDataView data,
        string embeddingColumnName,
        string otherEmbeddingColumnName,
        string scoreColumnName = "Score",
        MatryoshkaDimensions? dimensions = null,
        QuantizationOptions? quantization = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(embeddingColumnName);
        ArgumentNullException.ThrowIfNull(otherEmbeddingColumnName);
        ArgumentNullException.ThrowIfNull(scoreColumnName);
        QuantizationOptions types = Checked(quantization);
        SimilarityRows rows = SimilarityView.Read(data, embeddingColumnName, otherEmbeddingColumnName, scoreColumnName, dimensions);
        float[] both = types.Calibration is null ? [.. rows.Left.Values.Span, .. rows.Right.Values.Span] : [];
        return Logged(QuantizationEvaluation.Run(
            rows.Left,
            rows.Right,
            types.Calibration is null
                ? new EmbeddingMatrix(both, 2 * rows.Left.Count, rows.Left.Width)
                : Calibration(types, embeddingColumnName, rows.Left),
            types.Calibration is null ? "the evaluated pairs themselves" : "other rows",
            quantizeQueries: true,
            rows.Dimensions,
            types,
            (left, right, at) => rows.Evaluate(left, right!.Value, at)));
    }

    /// <summary>Finds the type and dimension with the fewest bytes a vector that keep a share of the quality of the full width in single precision, with an interval that says how sure that is.</summary>
    /// <param name="report">What was measured. The full width must be among its dimensions.</param>
    /// <param name="keep">The share of the full width's metric to keep, in (0, 1]. Default 0.99.</param>
    /// <param name="options">Another metric, confidence level, number of resamples or seed. Default: those of a new <see cref="RecommendationOptions"/>.</param>
    /// <returns>The advice, with a row for every type and dimension.</returns>
    /// <remarks>
    /// Intervals and verdicts are those of <see cref="RecommendDimensions"/>: both metrics are computed on the same resamples. Of what takes equally many bytes, the best is taken.
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="report"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="keep"/> is not above 0 and at most 1.</exception>
    /// <exception cref="ArgumentException">The report has no row of the full width, or options make no sense.</exception>
    public QuantizationRecommendation RecommendQuantization(QuantizationReport report, double keep = 0.99, RecommendationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(report);
        CheckKeep(keep);
        CheckFullWidth(report.Dimensions.Largest, report.FullDimensions);
        options ??= new RecommendationOptions();
        options.Check(report.Metrics, nameof(options));
        QuantizationRecommendation advice = QuantizationAdviser.Recommend(report, keep, options);
        using IChannel channel = Environment.Start("Recommendation");
        channel.Info("{0}, {1}: {2}", advice.System, advice.Task, advice.Summary);
        return advice;
    }

    private static QuantizationOptions Checked(QuantizationOptions? options)
    {
        options ??= new QuantizationOptions();
        options.Check(nameof(options));
        return options;
    }

    private static EmbeddingMatrix Calibration(QuantizationOptions options, string columnName, EmbeddingMatrix stored)
    {
        if (options.Calibration is null)
        {
            return stored;
        }
        EmbeddingMatrix rows = EmbeddingColumnReader.ReadAll(options.Calibration, columnName, "calibration embedding", nameof(options));
        if (rows.Width != stored.Width)
        {
            throw SchemaErrors.Mismatch(nameof(options), "calibration embedding", columnName, $"Vector<Single, {stored.Width}>", $"Vector<Single, {rows.Width}>");
        }
        return rows.Count > 0 ? rows : throw new InvalidOperationException("Cannot find the ranges of signed bytes: the rows to calibrate on are none. Check the view and its filters.");
    }

    private QuantizationReport Logged(QuantizationReport report)
    {
        if (report.Skipped > 0)
        {
            using IChannel channel = Environment.Start("Evaluation");
            channel.Warning("{0}, {1}: {2} of {3} skipped; {4}.", report.System, report.Task, report.Skipped, report.Count + report.Skipped, report.Note);
        }
        return report;
    }
}
