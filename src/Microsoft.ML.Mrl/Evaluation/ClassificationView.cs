using System.Globalization;
using Microsoft.ML.Mrl.Schema;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Evaluation;

/// <summary>Evaluates classification from columns of a view.</summary>
internal static class ClassificationView
{
    public static DimensionReport Evaluate(
        IDataView data,
        string embeddingColumnName,
        string labelColumnName,
        IDataView? reference,
        MatryoshkaDimensions? dimensions,
        ClassificationOptions options,
        IDataView? calibration)
    {
        ClassificationRows read = Read(data, embeddingColumnName, labelColumnName, reference, dimensions);
        return TypedEvaluation.Run(
            read.Rows,
            read.Reference,
            () => calibration is null
                ? read.Reference ?? read.Rows
                : TypedEvaluation.ReadCalibration(calibration, embeddingColumnName, read.Rows.Width),
            calibration is not null ? "other rows" : reference is not null ? "the reference rows" : "the evaluated rows themselves",
            options.QuantizeQueries || reference is null,
            read.Dimensions,
            options.Types,
            (asking, stored, at) => read.Evaluate(asking, stored, at, options));
    }

    private static ClassificationRows Read(
        IDataView data, string embeddingColumnName, string labelColumnName, IDataView? reference, MatryoshkaDimensions? dimensions)
    {
        var embedding = new EmbeddingColumnReader(data.Schema, embeddingColumnName, "embedding", nameof(embeddingColumnName));
        var label = new NameColumnReader(data.Schema, labelColumnName, "label", nameof(labelColumnName));
        MatryoshkaDimensions chosen = EvaluatedDimensions.Choose(dimensions, embedding.Column, embedding.Width);
        var classes = new Dictionary<string, int>(StringComparer.Ordinal);

        if (reference is null)
        {
            (EmbeddingMatrix rows, int[] labels, int missing) = Read(data, embedding, label, classes, "data");
            return labels.Length > 1
                ? new ClassificationRows(rows, labels, null, [], classes.Count, chosen, missing)
                : throw new InvalidOperationException(
                    "Leaving one row out needs at least 2 rows with a label, and data has 1. Add rows, or give a reference.");
        }

        var referenceEmbedding = new EmbeddingColumnReader(reference.Schema, embeddingColumnName, "reference embedding", nameof(reference));
        var referenceLabel = new NameColumnReader(reference.Schema, labelColumnName, "reference label", nameof(reference));
        if (referenceEmbedding.Width != embedding.Width)
        {
            throw SchemaErrors.Mismatch(
                nameof(reference),
                "reference embedding",
                embeddingColumnName,
                embedding.Column.Type.ToString()!,
                referenceEmbedding.Column.Type.ToString()!);
        }
        // Reference rows first: classes are numbered, and ties between them broken, in the order in which the reference names them.
        (EmbeddingMatrix referenceRows, int[] referenceLabels, _) =
            Read(reference, referenceEmbedding, referenceLabel, classes, nameof(reference));
        (EmbeddingMatrix testRows, int[] testLabels, int skipped) = Read(data, embedding, label, classes, "data");
        return new ClassificationRows(testRows, testLabels, referenceRows, referenceLabels, classes.Count, chosen, skipped);
    }

    private static (EmbeddingMatrix Rows, int[] Labels, int Missing) Read(
        IDataView data, EmbeddingColumnReader embedding, NameColumnReader label, Dictionary<string, int> classes, string viewName)
    {
        var labels = new List<int>();
        int missing = 0;
        using DataViewRowCursor cursor = data.GetRowCursor([embedding.Column, label.Column]);
        embedding.Open(cursor, data.GetRowCount());
        label.Open(cursor);
        while (cursor.MoveNext())
        {
            if (label.Read() is not { } name)
            {
                missing++;
                continue;
            }
            if (!classes.TryGetValue(name, out int number))
            {
                classes.Add(name, number = classes.Count);
            }
            labels.Add(number);
            embedding.Append();
        }
        return labels.Count > 0
            ? (embedding.ToMatrix(), [.. labels], missing)
            : throw new InvalidOperationException(
                $"Nothing to evaluate: {viewName} has no row with a value in label column '{label.Column.Name}' ({missing} without). " +
                "Check the view and its filters.");
    }
}
