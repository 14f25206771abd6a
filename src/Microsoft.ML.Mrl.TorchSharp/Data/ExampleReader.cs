using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl;

/// <summary>Reads the columns of an objective, once, in order, and nothing else.</summary>
internal static class ExampleReader
{
    private const int RowsBetweenChecks = 1024;

    /// <summary>Reads into the storage of the defaults.</summary>
    public static ExampleSet Read(IDataView data, string inputColumnName, RoleColumns roles, CancellationToken cancellation) =>
        Read(data, inputColumnName, roles, RowStorage.Of(), cancellation);

    /// <summary>Reads into a storage, and gives up what was read if anything goes wrong.</summary>
    public static ExampleSet Read(IDataView data, string inputColumnName, RoleColumns roles, RowStorage storage, CancellationToken cancellation) =>
        Read(data, inputColumnName, roles, storage, null, null, cancellation);

    /// <summary>Reads text columns as the tokens of an encoder, and all others as above.</summary>
    /// <param name="data">The data.</param>
    /// <param name="inputColumnName">The input column.</param>
    /// <param name="roles">The objective's columns.</param>
    /// <param name="storage">Where vectors lie.</param>
    /// <param name="encoder">Cuts texts into tokens; null where the embedded columns are vectors.</param>
    /// <param name="touched">Is told the rows of its table that are used.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public static ExampleSet Read(
        IDataView data, string inputColumnName, RoleColumns roles, RowStorage storage, StaticTextEncoder? encoder, TouchedRows? touched, CancellationToken cancellation)
    {
        DataViewSchema schema = data.Schema;
        var vectors = new List<ColumnRows>();
        AddVectors(VectorRole.Anchor, inputColumnName);
        foreach ((VectorRole role, string columnName) in roles.Vectors)
        {
            AddVectors(role, columnName);
        }
        NameColumnReader? label = roles.Label is null ? null : new NameColumnReader(schema, roles.Label, "label", "inputSchema");
        NumberColumnReader? score = roles.Score is null ? null : new NumberColumnReader(schema, roles.Score, "score", "inputSchema");

        var classes = new Dictionary<string, int>(StringComparer.Ordinal);
        var labels = new GrowingArray<int>();
        var scores = new GrowingArray<float>();
        int skipped = 0;
        try
        {
            ReadRows();
            return new ExampleSet
            {
                Vectors = vectors.ToDictionary(v => v.Role, v => v.Build()),
                Labels = label is null ? null : labels.ToArray(),
                Classes = classes.Count,
                LearnsLabels = roles.LearnsLabels,
                Scores = score is null ? null : scores.ToArray(),
                Skipped = skipped,
            };
        }
        catch
        {
            vectors.ForEach(v => v.Dispose());
            throw;
        }

        void ReadRows()
        {
            long rowNumber = -1;
            using DataViewRowCursor cursor = data.GetRowCursor(Columns());
            label?.Open(cursor);
            score?.Open(cursor);
            vectors.ForEach(v => v.Open(cursor));
            while (cursor.MoveNext())
            {
                rowNumber++;
                if (rowNumber % RowsBetweenChecks == 0)
                {
                    cancellation.ThrowIfCancellationRequested();
                }
                string? name = label?.Read();
                float value = score?.Read() ?? 0;
                if ((label is not null && name is null) || float.IsNaN(value))
                {
                    skipped++;
                    continue;
                }
                if (float.IsInfinity(value))
                {
                    throw new InvalidOperationException($"Column '{roles.Score}' has the value {value} at row {rowNumber} (counted from 0). Scores are finite numbers.");
                }
                foreach (ColumnRows column in vectors)
                {
                    column.Add(rowNumber);
                }
                if (name is not null)
                {
                    labels.Add(ClassOf(name));
                }
                if (score is not null)
                {
                    scores.Add(value);
                }
            }
        }

        void AddVectors(VectorRole role, string columnName)
        {
            if (role.IsEmbedded && encoder is not null)
            {
                vectors.Add(new TokenColumnRows(role, TextSchema.FindText(schema, columnName, role.ToString()), encoder, touched!));
                return;
            }
            (DataViewSchema.Column column, int width) = EmbeddingSchema.FindEmbedding(schema, columnName, role.ToString());
            if (role.IsEmbedded && vectors.Count > 0 && ((VectorDataViewType)vectors[0].Column.Type).Size != width)
            {
                throw SchemaErrors.Mismatch("inputSchema", role.ToString(), columnName, $"{vectors[0].Column.Type} as in the input column '{inputColumnName}'", column.Type.ToString()!);
            }
            vectors.Add(new VectorColumnRows(role, column, new VectorRowsBuilder(columnName, width, storage, () => Announce(role, width))));
        }

        void Announce(VectorRole role, int width)
        {
            if (data.GetRowCount() is { } rows)
            {
                int coordinates = role.IsEmbedded ? Math.Min(width, TrainingSpace.MostCoordinates) : 0;
                storage.Announce(rows * width * sizeof(float), rows * coordinates * sizeof(float));
            }
        }

        IEnumerable<DataViewSchema.Column> Columns()
        {
            IEnumerable<DataViewSchema.Column> columns = vectors.Select(v => v.Column);
            if (label is not null)
            {
                columns = columns.Append(label.Column);
            }
            return score is null ? columns : columns.Append(score.Column);
        }

        int ClassOf(string name)
        {
            if (!classes.TryGetValue(name, out int number))
            {
                number = classes.Count;
                classes.Add(name, number);
            }
            return number;
        }
    }
}
