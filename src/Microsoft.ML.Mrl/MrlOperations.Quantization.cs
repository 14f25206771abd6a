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
        return Recommend(report, keep, options, rescoring: null);
    }

    private QuantizationRecommendation Recommend(QuantizationReport report, double keep, RecommendationOptions? options, RescoringGrid? rescoring)
    {
        CheckKeep(keep);
        CheckFullWidth(report.Dimensions.Largest, report.FullDimensions);
        options ??= new RecommendationOptions();
        options.Check(report.Metrics, nameof(options));
        QuantizationRecommendation advice = QuantizationAdviser.Recommend(report, keep, options, rescoring);
        using IChannel channel = Environment.Start("Recommendation");
        channel.Info("{0}, {1}: {2}", advice.System, advice.Task, advice.Summary);
        return advice;
    }

    /// <summary>
    /// The same, with the factor by which a short list of each type and dimension must be longer than wanted, where it is to be re-ranked: <see cref="QuantizationRecommendationRow.Rescoring"/>.
    /// </summary>
    /// <param name="report">What was measured. The full width must be among its dimensions.</param>
    /// <param name="rescoring">What was tuned, with the same embeddings; types and dimensions that are not in it have none.</param>
    /// <param name="keep">The share of the full width's metric to keep, in (0, 1]. Default 0.99.</param>
    /// <param name="options">Another metric, confidence level, number of resamples or seed. Default: those of a new <see cref="RecommendationOptions"/>.</param>
    /// <returns>The advice, with a row for every type and dimension. What is recommended is that without a second ranking, and does not depend on the factors; the summary names the smallest short list beside it.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="report"/> or <paramref name="rescoring"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="keep"/> is not above 0 and at most 1.</exception>
    /// <exception cref="ArgumentException">The report has no row of the full width, it is of another task than retrieval, no type and dimension of it was tuned, or options make no sense.</exception>
    public QuantizationRecommendation RecommendQuantization(QuantizationReport report, RescoringGrid rescoring, double keep = 0.99, RecommendationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(rescoring);
        if (report.Task != RetrievalEvaluation.Task || !report.Rows.Any(row => rescoring.Find(row.Type, row.Dimensions) is not null))
        {
            throw new ArgumentException(
                $"The tuning does not fit the report of {report.Task} with {string.Join(", ", report.Types)} at {report.Dimensions}. Tune the types and dimensions of a report of retrieval.", nameof(rescoring));
        }
        return Recommend(report, keep, options, rescoring);
    }

    /// <summary>
    /// Finds how much longer than wanted a short list by quantized vectors must be, so that re-ranking it finds what full vectors in single precision would.
    /// </summary>
    /// <param name="documents">The documents to search; ranges of signed bytes are theirs.</param>
    /// <param name="queries">Queries like those to come, which are not among the documents and had no part in training.</param>
    /// <param name="documentColumnName">The documents' vectors, a known-size vector of Single, <c>[N, D]</c>.</param>
    /// <param name="queryColumnName">The queries' vectors, <c>[Q, D]</c>. Default <see langword="null"/>: of the same name.</param>
    /// <param name="options">The recall wanted, the types, and more. Default: those of a new <see cref="RescoringOptions"/>.</param>
    /// <returns>The least factor that is enough, or none, and what every factor reaches.</returns>
    /// <remarks>
    /// <para>
    /// For each query the K nearest documents by cosine of the full vectors are those to be found. A short list has factor · K documents: the nearest by what is stored as the short list's type.
    /// Re-ranked in single precision, all of them that are on the list come to the front; re-ranked by a coarser type, what that ranks into the first K counts.
    /// </para>
    /// <para>
    /// If queries are drawn at random, the factor returned reaches the recall for all queries of their kind with the confidence asked for, whatever the distribution: the lower bounds are those
    /// of betting (Waudby-Smith and Ramdas 2024), and factors are tested from the greatest down to the first that fails, which keeps the level though many are tested. No bound reaches 1; a
    /// recall of 0.95 with 95 % confidence takes 66 queries where every one finds all, and more where some do not. Another collection of documents, above all a larger one, needs a tuning of its own.
    /// </para>
    /// </remarks>
    /// <exception cref="ArgumentNullException">A view, or <paramref name="documentColumnName"/>, is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">Options make no sense.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A column is not there or has another type, the widths differ, or the dimension is below 1 or above D.</exception>
    /// <exception cref="InvalidOperationException">There are no documents or no queries, or a vector has a NaN or an infinity.</exception>
    public RescoringTuning TuneRescoring(IDataView documents, IDataView queries, string documentColumnName, string? queryColumnName = null, RescoringOptions? options = null)
    {
        options ??= new RescoringOptions();
        (EmbeddingMatrix stored, EmbeddingMatrix asking) = ReadRescoring(documents, queries, documentColumnName, queryColumnName, options, options.Dimensions);
        RescoringTuning tuning = RescoringTuner.Tune(stored, asking, options);
        using IChannel channel = Environment.Start("Rescoring");
        channel.Info("{0}", tuning.Summary);
        return tuning;
    }

    /// <summary>The same for short lists by several types and dimensions, each cut and then quantized; what is to be found is found once.</summary>
    /// <param name="documents">The documents to search; ranges of signed bytes are theirs.</param>
    /// <param name="queries">Queries like those to come, which are not among the documents and had no part in training.</param>
    /// <param name="documentColumnName">The documents' vectors, a known-size vector of Single, <c>[N, D]</c>.</param>
    /// <param name="types">The types of short lists, each once.</param>
    /// <param name="dimensions">Their prefix lengths, none above D.</param>
    /// <param name="queryColumnName">The queries' vectors, <c>[Q, D]</c>. Default <see langword="null"/>: of the same name.</param>
    /// <param name="options">The recall wanted, the type to re-rank by, and more; its <see cref="RescoringOptions.Type"/> and <see cref="RescoringOptions.Dimensions"/> are not looked at. Default: those of a new <see cref="RescoringOptions"/>.</param>
    /// <returns>A result for each type and dimension, each that of a tuning of its own.</returns>
    /// <exception cref="ArgumentNullException">A view, <paramref name="documentColumnName"/>, <paramref name="types"/> or <paramref name="dimensions"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">Options make no sense, or there are no types, unknown ones or one twice.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A column is not there or has another type, the widths differ, or a dimension is above D.</exception>
    /// <exception cref="InvalidOperationException">There are no documents or no queries, or a vector has a NaN or an infinity.</exception>
    public RescoringGrid TuneRescoring(
        IDataView documents,
        IDataView queries,
        string documentColumnName,
        IReadOnlyList<EmbeddingType> types,
        MatryoshkaDimensions dimensions,
        string? queryColumnName = null,
        RescoringOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(types);
        ArgumentNullException.ThrowIfNull(dimensions);
        if (types.Count == 0 || types.Any(type => !Enum.IsDefined(type)) || types.Distinct().Count() < types.Count)
        {
            throw new ArgumentException($"Found the types '{string.Join(", ", types)}'. Choose of {string.Join(", ", Enum.GetNames<EmbeddingType>())}, at least one and each once.", nameof(types));
        }
        options = (options ?? new RescoringOptions()) with { Type = types[0], Dimensions = null };
        (EmbeddingMatrix stored, EmbeddingMatrix asking) = ReadRescoring(documents, queries, documentColumnName, queryColumnName, options, dimensions.Largest);
        var grid = new RescoringGrid(Array.AsReadOnly(RescoringTuner.Tune(stored, asking, [.. types.SelectMany(type => dimensions.Select(m => (type, (int?)m)))], options)));
        using IChannel channel = Environment.Start("Rescoring");
        channel.Info("{0}", grid.Smallest?.Summary ?? "No type and dimension reaches the recall asked for.");
        return grid;
    }

    private static (EmbeddingMatrix Stored, EmbeddingMatrix Asking) ReadRescoring(
        IDataView documents, IDataView queries, string documentColumnName, string? queryColumnName, RescoringOptions options, int? largest)
    {
        ArgumentNullException.ThrowIfNull(documents);
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentNullException.ThrowIfNull(documentColumnName);
        options.Check(nameof(options));
        EmbeddingMatrix stored = EmbeddingColumnReader.ReadAll(documents, documentColumnName, "document embedding", nameof(documentColumnName));
        EmbeddingMatrix asking = EmbeddingColumnReader.ReadAll(queries, queryColumnName ?? documentColumnName, "query embedding", nameof(queryColumnName));
        if (stored.Width != asking.Width)
        {
            throw SchemaErrors.Mismatch(nameof(queryColumnName), "query embedding", queryColumnName ?? documentColumnName, $"Vector<Single, {stored.Width}>", $"Vector<Single, {asking.Width}>");
        }
        foreach (int m in new[] { largest, options.RescoreDimensions }.OfType<int>())
        {
            if (m < 1 || m > stored.Width)
            {
                throw new ArgumentOutOfRangeException(nameof(options), m,
                    string.Create(CultureInfo.InvariantCulture, $"Cannot truncate to {m}: column '{documentColumnName}' has {stored.Width} values. Choose 1..{stored.Width}."));
            }
        }
        if (stored.Count == 0 || asking.Count == 0)
        {
            throw new InvalidOperationException($"Nothing to tune with: there are {stored.Count} documents and {asking.Count} queries. Check the views and their filters.");
        }
        return (stored, asking);
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
