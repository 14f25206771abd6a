using System.Globalization;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Evaluation;

/// <summary>Evaluates retrieval from columns of three views, or of one view of pairs.</summary>
internal static class RetrievalView
{
    public static DimensionReport Evaluate(
        IDataView queries,
        IDataView documents,
        IDataView relevance,
        RetrievalColumns columns,
        MatryoshkaDimensions? dimensions,
        RetrievalOptions options,
        IDataView? calibration)
    {
        RetrievalRows rows = Read(queries, documents, relevance, columns, dimensions);
        int[]? unranked = options.IgnoreIdenticalIds ? rows.Identical : null;
        return Run(
            rows.Queries,
            rows.Documents,
            rows.Documents,
            columns.DocumentEmbedding,
            rows.Dimensions,
            options,
            calibration,
            (asking, stored, at)
                => RetrievalEvaluation.Evaluate(asking, stored!.Value, rows.Relevant, at, options, unranked: unranked).WithNote(rows.Note));
    }

    public static DimensionReport EvaluatePairs(
        IDataView pairs,
        string queryColumnName,
        string documentColumnName,
        MatryoshkaDimensions? dimensions,
        RetrievalOptions options,
        IDataView? calibration)
    {
        (EmbeddingMatrix queries, EmbeddingMatrix documents, MatryoshkaDimensions chosen) =
            ReadPairs(pairs, queryColumnName, documentColumnName, dimensions);
        // Identical vectors are one query or document before they are quantized, not because they are equal afterwards.
        (DistinctRows distinctQueries, DistinctRows distinctDocuments, RelevantDocument[][] relevant) =
            PairedRetrieval.Fold(queries, documents);
        return Run(
            distinctQueries.Rows,
            distinctDocuments.Rows,
            documents,
            documentColumnName,
            chosen,
            options,
            calibration,
            (asking, stored, at) => RetrievalEvaluation.Evaluate(asking, stored!.Value, relevant, at, options));
    }

    private static DimensionReport Run(
        EmbeddingMatrix queries,
        EmbeddingMatrix stored,
        EmbeddingMatrix documents,
        string documentColumnName,
        MatryoshkaDimensions dimensions,
        RetrievalOptions options,
        IDataView? calibration,
        TypedEvaluation.Evaluate evaluate)
        => TypedEvaluation.Run(
            queries,
            stored,
            () => calibration is null ? documents : TypedEvaluation.ReadCalibration(calibration, documentColumnName, documents.Width),
            calibration is null ? "the documents" : "other rows",
            options.QuantizeQueries,
            dimensions,
            options.Types,
            evaluate);

    private static RetrievalRows Read(
        IDataView queries, IDataView documents, IDataView relevance, RetrievalColumns columns, MatryoshkaDimensions? dimensions)
    {
        var query = new EmbeddingColumnReader(queries.Schema, columns.QueryEmbedding, "query embedding", nameof(queries));
        var document = new EmbeddingColumnReader(documents.Schema, columns.DocumentEmbedding, "document embedding", nameof(documents));
        var queryId = new NameColumnReader(queries.Schema, columns.QueryId, "query id", nameof(queries));
        var documentId = new NameColumnReader(documents.Schema, columns.DocumentId, "document id", nameof(documents));
        CheckSameWidth(query, document, nameof(documents));
        MatryoshkaDimensions chosen = EvaluatedDimensions.Choose(dimensions, document.Column, document.Width);
        var judgements = new RelevanceReader(relevance.Schema, columns);

        Dictionary<string, int> queryRows = Read(queries, query, queryId, nameof(queries));
        Dictionary<string, int> documentRows = Read(documents, document, documentId, nameof(documents));
        RelevantDocument[][] relevant = judgements.Read(relevance, queryRows, documentRows);
        int absent = relevant.Sum(list => list.Count(r => r.Document < 0));
        string note = absent == 0
            ? ""
            : string.Create(
                CultureInfo.InvariantCulture, $"{absent} judgements name a document that is not there, which counts as not found");
        var identical = new int[queryRows.Count];
        foreach ((string id, int row) in queryRows)
        {
            identical[row] = documentRows.GetValueOrDefault(id, -1);
        }
        return new RetrievalRows(query.ToMatrix(), document.ToMatrix(), relevant, identical, chosen, note);
    }

    private static (EmbeddingMatrix Queries, EmbeddingMatrix Documents, MatryoshkaDimensions Dimensions) ReadPairs(
        IDataView pairs, string queryColumnName, string documentColumnName, MatryoshkaDimensions? dimensions)
    {
        var query = new EmbeddingColumnReader(pairs.Schema, queryColumnName, "query embedding", nameof(queryColumnName));
        var document = new EmbeddingColumnReader(pairs.Schema, documentColumnName, "document embedding", nameof(documentColumnName));
        CheckSameWidth(query, document, nameof(documentColumnName));
        MatryoshkaDimensions chosen = EvaluatedDimensions.Choose(dimensions, document.Column, document.Width);

        using (DataViewRowCursor cursor = pairs.GetRowCursor([query.Column, document.Column]))
        {
            query.Open(cursor, pairs.GetRowCount());
            document.Open(cursor, pairs.GetRowCount());
            while (cursor.MoveNext())
            {
                query.Append();
                document.Append();
            }
        }
        return (NotEmpty(query.ToMatrix(), nameof(pairs)), document.ToMatrix(), chosen);
    }

    private static Dictionary<string, int> Read(IDataView data, EmbeddingColumnReader embedding, NameColumnReader id, string viewName)
    {
        var rows = new Dictionary<string, int>(StringComparer.Ordinal);
        using DataViewRowCursor cursor = data.GetRowCursor([embedding.Column, id.Column]);
        embedding.Open(cursor, data.GetRowCount());
        id.Open(cursor);
        while (cursor.MoveNext())
        {
            string name = id.Read() ?? throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture,
                $"The id column '{id.Column.Name}' of {viewName} has no value in row {cursor.Position} (counted from 0)."));
            if (!rows.TryAdd(name, rows.Count))
            {
                throw new InvalidOperationException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"The id '{name}' in column '{id.Column.Name}' of {viewName} is in row {rows[name]} " +
                    $"and again in row {cursor.Position} (counted from 0). Keep one."));
            }
            embedding.Append();
        }
        NotEmpty(embedding.ToMatrix(), viewName);
        return rows;
    }

    private static EmbeddingMatrix NotEmpty(EmbeddingMatrix rows, string viewName) => rows.Count > 0
        ? rows
        : throw new InvalidOperationException($"Nothing to evaluate: {viewName} has no rows. Check the view and its filters.");

    private static void CheckSameWidth(EmbeddingColumnReader query, EmbeddingColumnReader document, string parameterName)
    {
        if (query.Width != document.Width)
        {
            throw SchemaErrors.Mismatch(
                parameterName, "document embedding", document.Column.Name, query.Column.Type.ToString()!, document.Column.Type.ToString()!);
        }
    }
}

/// <summary>Represents the rows of an evaluation of retrieval.</summary>
/// <param name="Queries">The queries, <c>[Q, D]</c>.</param>
/// <param name="Documents">The documents, <c>[N, D]</c>.</param>
/// <param name="Relevant">The documents of each query.</param>
/// <param name="Identical">For each query the document with the same id, or -1.</param>
/// <param name="Dimensions">The dimensions to evaluate at.</param>
/// <param name="Note">A note for the reader of the numbers, or an empty text.</param>
internal sealed record RetrievalRows(
    EmbeddingMatrix Queries,
    EmbeddingMatrix Documents,
    RelevantDocument[][] Relevant,
    int[] Identical,
    MatryoshkaDimensions Dimensions,
    string Note);
