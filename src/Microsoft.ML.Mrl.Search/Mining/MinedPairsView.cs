using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Search.Mining;

/// <summary>
/// The rows of a view, each repeated for every negative found for it, with the negative as a further column; rows without one are left out.
/// Only the negatives are held; the rows are read again from the source, which must give them in the same order each time.
/// </summary>
internal sealed class MinedPairsView : IDataView
{
    private readonly IDataView _source;
    private readonly int[][] _found;
    private readonly EmbeddingMatrix _negatives;
    private readonly int _negativeIndex;

    /// <param name="source">The pairs.</param>
    /// <param name="like">The column whose type and annotations the new one takes.</param>
    /// <param name="negativeColumnName">The column to make.</param>
    /// <param name="found">For each row of the source its negatives.</param>
    /// <param name="negatives">All negatives, <c>[U, D]</c>.</param>
    public MinedPairsView(IDataView source, DataViewSchema.Column like, string negativeColumnName, int[][] found, EmbeddingMatrix negatives)
    {
        _source = source;
        _found = found;
        _negatives = negatives;
        _negativeIndex = source.Schema.Count;
        var schema = new DataViewSchema.Builder();
        schema.AddColumns(source.Schema);
        schema.AddColumn(negativeColumnName, like.Type, like.Annotations);
        Schema = schema.ToSchema();
    }

    public DataViewSchema Schema { get; }

    public bool CanShuffle => false;

    public long? GetRowCount() => _found.Sum(list => (long)list.Length);

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        DataViewSchema.Column[] needed = [.. columnsNeeded];
        return new Cursor(this, _source.GetRowCursor(needed.Where(column => column.Index != _negativeIndex)
            .Select(column => _source.Schema[column.Index])), needed);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor : DataViewRowCursor
    {
        private readonly MinedPairsView _view;
        private readonly DataViewRowCursor _source;
        private readonly bool[] _active;
        private int[] _found = [];
        private int _row = -1;
        private int _which;
        private long _position = -1;

        public Cursor(MinedPairsView view, DataViewRowCursor source, DataViewSchema.Column[] needed)
        {
            _view = view;
            _source = source;
            _active = new bool[view.Schema.Count];
            foreach (DataViewSchema.Column column in needed)
            {
                _active[column.Index] = true;
            }
        }

        public override DataViewSchema Schema => _view.Schema;

        public override long Position => _position;

        public override long Batch => 0;

        public override bool MoveNext()
        {
            _which++;
            while (_which >= _found.Length)
            {
                if (!_source.MoveNext())
                {
                    if (_row + 1 != _view._found.Length)
                    {
                        throw Changed();
                    }
                    _found = [];
                    _position = -1;
                    return false;
                }
                if (++_row >= _view._found.Length)
                {
                    throw Changed();
                }
                _found = _view._found[_row];
                _which = 0;
            }
            _position++;
            return true;
        }

        public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!IsColumnActive(column))
            {
                throw new ArgumentOutOfRangeException(nameof(column),
                    $"Column '{column.Name}' was not asked for when this cursor was made.");
            }
            if (column.Index != _view._negativeIndex)
            {
                return _source.GetGetter<TValue>(_source.Schema[column.Index]);
            }
            return (ValueGetter<VBuffer<float>>)Negative is ValueGetter<TValue> getter
                ? getter
                : throw new InvalidOperationException($"Column '{column.Name}' has values of {column.Type.RawType}, not {typeof(TValue)}.");
        }

        public override ValueGetter<DataViewRowId> GetIdGetter()
        {
            ValueGetter<DataViewRowId> source = _source.GetIdGetter();
            return (ref DataViewRowId id) =>
            {
                source(ref id);
                id = id.Combine(new DataViewRowId((ulong)_which, 0));
            };
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _source.Dispose();
            }
            base.Dispose(disposing);
        }

        private void Negative(ref VBuffer<float> value)
        {
            if (_position < 0)
            {
                throw new InvalidOperationException("There is no row to read: call MoveNext first, and stop when it returns false.");
            }
            ReadOnlySpan<float> row = _view._negatives.Row(_found[_which]);
            VBufferEditor<float> editor = VBufferEditor.Create(ref value, row.Length);
            row.CopyTo(editor.Values);
            value = editor.Commit();
        }

        private InvalidOperationException Changed() => new(
            $"The pairs have changed since negatives were mined: {_view._found.Length} rows then, " +
            $"{(_row >= _view._found.Length ? "more" : $"{_row + 1}")} now. Mine again.");
    }
}
