using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl.Benchmarks;

/// <summary>A view of one column, Embedding: many dense rows, copied out of a few that come around again and again.</summary>
internal sealed class CycledVectors : IDataView
{
    private readonly float[] _values;
    private readonly int _width;
    private readonly long _rows;

    public CycledVectors(long rows, int distinctRows, int width, int seed)
    {
        var random = new Random(seed);
        _values = new float[distinctRows * width];
        for (int i = 0; i < _values.Length; i++)
        {
            _values[i] = (float)(random.NextDouble() * 2 - 1);
        }
        _width = width;
        _rows = rows;
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("Embedding", new VectorDataViewType(NumberDataViewType.Single, width));
        Schema = builder.ToSchema();
    }

    public bool CanShuffle => false;

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => _rows;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) => new Cursor(this);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor(CycledVectors view) : DataViewRowCursor
    {
        private long _position = -1;

        public override long Position => _position;

        public override long Batch => 0;

        public override DataViewSchema Schema => view.Schema;

        public override bool MoveNext() => ++_position < view._rows;

        public override bool IsColumnActive(DataViewSchema.Column column) => true;

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => (ValueGetter<TValue>)(Delegate)(ValueGetter<VBuffer<float>>)Copy;

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)_position, 0);

        private void Copy(ref VBuffer<float> row)
        {
            VBufferEditor<float> editor = VBufferEditor.Create(ref row, view._width);
            int distinctRows = view._values.Length / view._width;
            view._values.AsSpan((int)(_position % distinctRows) * view._width, view._width).CopyTo(editor.Values);
            row = editor.Commit();
        }
    }
}
