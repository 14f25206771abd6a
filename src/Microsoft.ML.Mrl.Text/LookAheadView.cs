using System.Runtime.ExceptionServices;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Transforms.Views;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl.Text;

/// <summary>Represents the view of a text encoder. It reads some rows ahead, so that their texts are encoded together.</summary>
/// <remarks>
/// One source cursor is read once; what else is asked for of its rows is kept with the texts. Texts are encoded when the first embedding of
/// a window is asked for. The first window is short, so that a look at a few rows costs little. An error of the source comes where its row
/// would have come, after the rows before it.
/// </remarks>
internal sealed class LookAheadView : MappedView
{
    internal const int MaxRows = 1024;
    internal const int FirstRows = 16;
    internal const long MaxBytes = 16L << 20;

    private readonly TextEncoder _encoder;
    private readonly string? _prompt;
    private readonly IReadOnlyList<(string Output, string Input)> _columns;
    private readonly CancellationToken _cancellationToken;

    public LookAheadView(
        IHostEnvironment environment, RowToRowMapperTransform mapped, TextEncoder encoder, string? prompt,
        IReadOnlyList<(string Output, string Input)> columns, CancellationToken cancellationToken)
        : base(environment, nameof(LookAheadView), mapped)
    {
        _encoder = encoder;
        _prompt = prompt;
        _columns = columns;
        _cancellationToken = cancellationToken;
    }

    protected override MappedView Over(IHostEnvironment environment, RowToRowMapperTransform mapped) =>
        new LookAheadView(environment, mapped, _encoder, _prompt, _columns, _cancellationToken);

    protected override DataViewRowCursor MakeCursor(DataViewRowCursor source, IReadOnlyCollection<DataViewSchema.Column> columnsNeeded)
    {
        var encoded = new Dictionary<int, EncodedColumn>();
        foreach ((string output, string input) in _columns)
        {
            int index = OutputSchema[output].Index;
            if (columnsNeeded.Any(c => c.Index == index))
            {
                encoded.Add(index, new EncodedColumn(_encoder, _prompt, source, source.Schema[input], _cancellationToken));
            }
        }
        return encoded.Count == 0 ? base.MakeCursor(source, columnsNeeded) : new LookAheadCursor(this, source, columnsNeeded, encoded);
    }

    private sealed class LookAheadCursor : RootCursorBase
    {
        private readonly LookAheadView _view;
        private readonly DataViewRowCursor _source;
        private readonly Dictionary<int, EncodedColumn> _encoded;
        private readonly Dictionary<int, RowBuffer> _kept = [];
        private readonly ValueGetter<DataViewRowId> _readId;
        private readonly DataViewRowId[] _ids = new DataViewRowId[MaxRows];
        private readonly long[] _batches = new long[MaxRows];
        private int _rows;
        private int _slot = -1;
        private int _nextRows = FirstRows;
        private long _bytesKept;
        private bool _isAtEnd;
        private ExceptionDispatchInfo? _error;

        public LookAheadCursor(
            LookAheadView view, DataViewRowCursor source, IReadOnlyCollection<DataViewSchema.Column> columnsNeeded, Dictionary<int,
                EncodedColumn> encoded)
            : base(view.Host)
        {
            _view = view;
            _source = source;
            _encoded = encoded;
            _readId = source.GetIdGetter();
            DataViewSchema.Column[] others = [.. columnsNeeded.Where(c => !_encoded.ContainsKey(c.Index)).DistinctBy(c => c.Index)];
            DataViewRow row = view.GetRow(source, others);
            foreach (DataViewSchema.Column column in others)
            {
                _kept.Add(column.Index, RowBuffer.Of(row, column, MaxRows));
            }
        }

        public override DataViewSchema Schema => _view.OutputSchema;

        public override long Batch => _slot >= 0 ? _batches[_slot] : 0;

        public override bool IsColumnActive(DataViewSchema.Column column) =>
            _encoded.ContainsKey(column.Index) || _kept.ContainsKey(column.Index);

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = _ids[Slot()];

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Ch.Check(IsColumnActive(column), $"Column '{column.Name}' was not asked for when this cursor was made.");
            Delegate getter = _encoded.TryGetValue(column.Index, out EncodedColumn? encoded)
                ? encoded.MakeGetter(Slot)
                : _kept[column.Index].MakeGetter(Slot);
            return getter as ValueGetter<TValue>
                ?? throw Ch.Except(
                    $"Column '{column.Name}' is of type {column.Type.RawType}, but a getter of {typeof(TValue)} was asked for.");
        }

        protected override bool MoveNextCore()
        {
            if (_slot + 1 == _rows)
            {
                // Rows that came before an error are given first.
                _slot = -1;
                _rows = 0;
                _error?.Throw();
                Fill();
            }
            _slot++;
            return _rows > 0;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _slot = -1;
                _rows = 0;
                _source.Dispose();
            }
            base.Dispose(disposing);
        }

        private int Slot()
        {
            Ch.Check(IsGood, "The cursor is not at a row: call MoveNext, and read only while it returns true.");
            return _slot;
        }

        private void Fill()
        {
            _view.Host.CheckAlive();
            _view._cancellationToken.ThrowIfCancellationRequested();
            foreach (EncodedColumn column in _encoded.Values)
            {
                column.Clear();
            }
            if (_bytesKept > 4 * MaxBytes)
            {
                // Slots keep the longest vector that they had.
                foreach (RowBuffer column in _kept.Values)
                {
                    column.Clear();
                }
                _bytesKept = 0;
            }
            long bytes = 0;
            while (!_isAtEnd && _rows < _nextRows && bytes < MaxBytes)
            {
                try
                {
                    _isAtEnd = !_source.MoveNext();
                    bytes += _isAtEnd ? 0 : ReadRow();
                }
                catch (Exception e) when (_rows > 0)
                {
                    _error = ExceptionDispatchInfo.Capture(e);
                    break;
                }
            }
            _nextRows = Math.Min(4 * _nextRows, MaxRows);
        }

        private long ReadRow()
        {
            _readId(ref _ids[_rows]);
            _batches[_rows] = _source.Batch;
            long kept = 0;
            foreach (RowBuffer column in _kept.Values)
            {
                kept += column.Read(_rows);
            }
            _bytesKept += kept;
            long texts = 0;
            foreach (EncodedColumn column in _encoded.Values)
            {
                texts += column.Read();
            }
            _rows++;
            return kept + texts;
        }
    }
}
