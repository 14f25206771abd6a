using System.Numerics.Tensors;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Postgres.Tables;
using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl.Postgres.Loading;

/// <summary>Reads the rows of a view in order, and keeps the hashes of those read.</summary>
internal sealed class RowReader<TId> : IDisposable
    where TId : notnull
{
    private readonly VectorLoadOptions _options;
    private readonly PostgresVectorTableOptions _table;
    private readonly DataViewRowCursor _cursor;
    private readonly Func<TId> _id;
    private readonly ValueGetter<VBuffer<float>> _vector;
    private readonly Func<object>[] _columns;
    private readonly float[] _values;
    private readonly Half[] _halves;
    private RowChain _ids = new();
    private RowChain _rows = new();
    private VBuffer<float> _buffer;

    /// <exception cref="ArgumentException">A column is missing or of another type, or the vectors are of another width.</exception>
    public RowReader(IDataView data, PostgresVectorTableOptions table, VectorLoadOptions options)
    {
        _options = options;
        _table = table;
        DataViewSchema.Column? id = IdKind<TId>.FindColumn(data.Schema, options.IdColumnName);
        DataViewSchema.Column embedding = SchemaErrors.Find(data.Schema, options.EmbeddingColumnName, "embedding", nameof(data));
        int width = SchemaErrors.EmbeddingWidth(embedding, "embedding", nameof(data));
        if (width != table.Dimensions)
        {
            throw new ArgumentException(
                $"Embedding column '{options.EmbeddingColumnName}' has {width} values, but the table's vectors have {table.Dimensions}. "
                + $"Load into a table of vector({width}).", nameof(data));
        }
        DataViewSchema.Column[] columns = [.. table.Columns.Select(column => ColumnKind.Find(data.Schema, column))];
        _values = new float[width];
        _halves = table.EmbeddingColumnType == PgvectorType.HalfVector ? new Half[width] : [];
        _cursor = data.GetRowCursor([embedding, .. columns, .. id is { } known ? new[] { known } : []]);
        _id = IdKind<TId>.Open(_cursor, id, () => options.FirstRowNumber + RowsRead);
        _vector = _cursor.GetGetter<VBuffer<float>>(embedding);
        _columns = [.. columns.Zip(table.Columns, (column, kept) => ColumnKind.Open(_cursor, column, kept.Type))];
    }

    public long RowsRead { get; private set; }

    public long RowsSkipped { get; private set; }

    public string? LastId { get; private set; }

    public bool AtEnd { get; private set; }

    public byte[] IdsHash => _ids.ToArray();

    public byte[] RowsHash => _rows.ToArray();

    /// <summary>Reads the rows that a load has processed, and checks that they are the same.</summary>
    /// <exception cref="InvalidOperationException">The rows differ.</exception>
    public void Skip(LoadRecord record, string loadName, CancellationToken cancellation)
    {
        while (RowsRead < record.State.RowsRead)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!_cursor.MoveNext())
            {
                throw new InvalidOperationException(
                    $"Load '{loadName}' has processed {record.State.RowsRead} rows, but the data has {RowsRead}. {LoadRecord.Advice}");
            }
            string id = IdKind<TId>.Format(_id());
            _ids.Add(id, [], []);
            if (_options.ResumeCheck == ResumeCheck.Rows)
            {
                ReadVector();
                _rows.Add(id, _values, ReadColumns());
            }
            RowsRead++;
        }
        bool same = _ids.Is(record.IdsHash) && (_options.ResumeCheck == ResumeCheck.Ids || _rows.Is(record.RowsHash));
        if (!same)
        {
            string what = _ids.Is(record.IdsHash) ? "vectors or columns" : "ids";
            throw new InvalidOperationException(
                $"Load '{loadName}' has processed {record.State.RowsRead} rows, "
                + $"but the first {record.State.RowsRead} rows of the data have other {what}. "
                + LoadRecord.Advice);
        }
        if (_options.ResumeCheck == ResumeCheck.Ids)
        {
            _rows.Dispose();
            _rows = new RowChain(record.RowsHash);
        }
        RowsSkipped = record.State.RowsSkipped;
        LastId = record.LastId;
    }

    /// <summary>Determines whether there is another row. That row counts as read only once it is in a chunk.</summary>
    public bool HasMore() => _cursor.MoveNext();

    /// <summary>Reads the next rows into a chunk.</summary>
    /// <exception cref="InvalidOperationException">A row cannot be loaded.</exception>
    /// <exception cref="InvalidOperationException">An id occurs twice.</exception>
    public void Fill(RowChunk<TId> chunk, CancellationToken cancellation)
    {
        chunk.Clear();
        for (int i = 0; i < _options.RowsPerChunk; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!_cursor.MoveNext())
            {
                AtEnd = true;
                return;
            }
            Read(chunk);
            RowsRead++;
        }
    }

    public void Dispose()
    {
        _cursor.Dispose();
        _ids.Dispose();
        _rows.Dispose();
    }

    private void Read(RowChunk<TId> chunk)
    {
        TId id = _id();
        string words = IdKind<TId>.Format(id);
        ReadVector();
        object[] columns = ReadColumns();
        if (PostgresText.Problem(words) is { } idProblem)
        {
            throw new InvalidOperationException(
                $"The id of row {RowsRead}, counted from 0, {idProblem}. Repair or filter out such rows.");
        }
        for (int i = 0; i < columns.Length; i++)
        {
            if (columns[i] is string text && PostgresText.Problem(text) is { } textProblem)
            {
                throw new InvalidOperationException(
                    $"Column '{_table.Columns[i].Name}' of row {RowsRead}, counted from 0, {textProblem}. Repair or filter out such rows.");
            }
        }
        _ids.Add(words, [], []);
        _rows.Add(words, _values, columns);
        if (Problem() is { } problem)
        {
            if (_options.InvalidVectors == InvalidVectors.Throw)
            {
                throw new InvalidOperationException(
                    $"The vector of row {RowsRead}, counted from 0, with id '{words}', {problem}. "
                    + $"Repair or filter out such rows, or choose {nameof(InvalidVectors)}.{nameof(InvalidVectors.Skip)}.");
            }
            RowsSkipped++;
            return;
        }
        if (!chunk.TryAdd(id, _values, columns))
        {
            throw new InvalidOperationException(
                $"Id '{words}' occurs again in row {RowsRead}, counted from 0. Give every row its own id.");
        }
        LastId = words;
    }

    private string? Problem()
    {
        if (_table.EmbeddingColumnType == PgvectorType.Vector)
        {
            return VectorValidation.Problem(_values, _table.ShortDimensions);
        }
        TensorPrimitives.ConvertToHalf(_values, _halves);
        return VectorValidation.Problem(_values, _halves, _table.ShortDimensions);
    }

    private void ReadVector()
    {
        _vector(ref _buffer);
        _buffer.CopyTo(_values);
    }

    private object[] ReadColumns() => Array.ConvertAll(_columns, read => read());
}
