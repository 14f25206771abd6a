using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl.Benchmarks;

/// <summary>A view of as many rows as asked for, each made from its number as it is read.</summary>
internal abstract class MadeRows : IDataView
{
    private readonly long _rows;

    /// <param name="rows">The number of rows.</param>
    /// <param name="columns">The columns.</param>
    protected MadeRows(long rows, params (string Name, DataViewType Type)[] columns)
    {
        _rows = rows;
        var builder = new DataViewSchema.Builder();
        foreach ((string name, DataViewType type) in columns)
        {
            builder.AddColumn(name, type);
        }
        Schema = builder.ToSchema();
    }

    public bool CanShuffle => false;

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => _rows;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) => new Cursor(this);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    /// <summary>The getter of a column's values.</summary>
    /// <param name="column">The column's position.</param>
    /// <param name="row">Whose <see cref="DataViewRow.Position"/> says which row is read.</param>
    protected abstract Delegate GetterOf(int column, DataViewRow row);

    private sealed class Cursor(MadeRows view) : DataViewRowCursor
    {
        private long _position = -1;

        public override long Position => _position;

        public override long Batch => 0;

        public override DataViewSchema Schema => view.Schema;

        public override bool MoveNext() => ++_position < view._rows;

        public override bool IsColumnActive(DataViewSchema.Column column) => true;

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
            (ValueGetter<TValue>)view.GetterOf(column.Index, this);

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)_position, 0);
    }
}
