using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl.Evaluation;

/// <summary>Reads relevance judgements. Each one says how relevant a document is to a query.</summary>
internal sealed class RelevanceReader
{
    private readonly NameColumnReader _queryId;
    private readonly NameColumnReader _documentId;
    private readonly NumberColumnReader? _score;

    /// <exception cref="ArgumentOutOfRangeException">A column is not there or has another type.</exception>
    public RelevanceReader(DataViewSchema schema, RetrievalColumns columns)
    {
        _queryId = new NameColumnReader(schema, columns.RelevanceQueryId, "relevance query id", "relevance");
        _documentId = new NameColumnReader(schema, columns.RelevanceDocumentId, "relevance document id", "relevance");
        _score = columns.RelevanceScore is null
            ? null
            : new NumberColumnReader(schema, columns.RelevanceScore, "relevance score", "relevance");
    }

    /// <summary>
    /// Returns the judgements of each query in its row. Judgements of unknown queries are ignored. An unknown document gets the row -1,
    /// since it still counts as one to find. If a pair is judged twice, the greater grade is used.
    /// </summary>
    /// <exception cref="InvalidOperationException">No judgement joins a query to a document.</exception>
    public RelevantDocument[][] Read(IDataView relevance, Dictionary<string, int> queries, Dictionary<string, int> documents)
    {
        var grades = new Dictionary<string, float>?[queries.Count];
        bool joined = false;
        using DataViewRowCursor cursor = relevance.GetRowCursor(
            _score is null ? [_queryId.Column, _documentId.Column] : [_queryId.Column, _documentId.Column, _score.Column]);
        _queryId.Open(cursor);
        _documentId.Open(cursor);
        _score?.Open(cursor);
        while (cursor.MoveNext())
        {
            float grade = _score?.Read() ?? 1;
            if (!(grade > 0) || _queryId.Read() is not { } query || !queries.TryGetValue(query, out int row)
                || _documentId.Read() is not { } document)
            {
                continue;
            }
            if (float.IsInfinity(grade))
            {
                throw new InvalidOperationException(
                    $"The relevance score column '{_score!.Column.Name}' has an infinity in row {cursor.Position} (counted from 0).");
            }
            joined |= documents.ContainsKey(document);
            Dictionary<string, float> ofQuery = grades[row] ??= new Dictionary<string, float>(StringComparer.Ordinal);
            ofQuery[document] = Math.Max(grade, ofQuery.GetValueOrDefault(document));
        }
        if (!joined)
        {
            throw new InvalidOperationException(
                $"Nothing to evaluate: no judgement above 0 joins a query to a document. " +
                $"Check that '{_queryId.Column.Name}' and '{_documentId.Column.Name}' hold the ids of queries and documents.");
        }
        return [.. grades.Select(list => list is null
            ? []
            : list.Select(pair => new RelevantDocument(documents.TryGetValue(pair.Key, out int row) ? row : -1, pair.Value)).ToArray())];
    }
}

/// <summary>Represents a document that a query should find.</summary>
/// <param name="Document">The document's row, or -1 for one that is not among the documents and so is never found.</param>
/// <param name="Grade">The grade. The document is relevant if it is above 0.</param>
internal readonly record struct RelevantDocument(int Document, float Grade);
