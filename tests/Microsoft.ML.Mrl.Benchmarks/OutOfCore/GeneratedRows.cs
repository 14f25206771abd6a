using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl.Benchmarks.OutOfCore;

/// <summary>A view of as many rows as asked for, each made from its number as it is read: a label and a noisy vector around the label's centre.</summary>
internal sealed class GeneratedRows : IDataView
{
    private const int Labels = 20;
    private const int NoiseNumbers = 1 << 20;

    private readonly long _rows;
    private readonly int _width;
    private readonly float[] _centres;
    private readonly float[] _noise;

    public GeneratedRows(long rows, int width, int seed)
    {
        _rows = rows;
        _width = width;
        var random = new Random(seed);
        _centres = [.. Enumerable.Range(0, Labels * width).Select(_ => random.NextSingle() - 0.5f)];
        _noise = [.. Enumerable.Range(0, NoiseNumbers + width).Select(_ => (random.NextSingle() - 0.5f) * 4)];
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("Input", new VectorDataViewType(NumberDataViewType.Single, width));
        builder.AddColumn("Label", NumberDataViewType.Int32);
        Schema = builder.ToSchema();
    }

    public bool CanShuffle => false;

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => _rows;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) => new Cursor(this);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor(GeneratedRows view) : DataViewRowCursor
    {
        private long _position = -1;

        public override long Position => _position;

        public override long Batch => 0;

        public override DataViewSchema Schema => view.Schema;

        private int Label => (int)(_position % Labels);

        public override bool MoveNext() => ++_position < view._rows;

        public override bool IsColumnActive(DataViewSchema.Column column) => true;

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => (ValueGetter<TValue>)(Delegate)(column.Index == 0
            ? (ValueGetter<VBuffer<float>>)Vector
            : (ValueGetter<int>)((ref int label) => label = Label));

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)_position, 0);

        private void Vector(ref VBuffer<float> row)
        {
            VBufferEditor<float> editor = VBufferEditor.Create(ref row, view._width);
            ulong mixed = ((ulong)_position + 1) * 0x9E3779B97F4A7C15;
            ReadOnlySpan<float> noise = view._noise.AsSpan((int)(mixed >> 44), view._width);
            ReadOnlySpan<float> centre = view._centres.AsSpan(Label * view._width, view._width);
            for (int i = 0; i < noise.Length; i++)
            {
                editor.Values[i] = centre[i] + noise[i];
            }
            editor.Values[0] += (uint)mixed * 1e-9f;
            row = editor.Commit();
        }
    }
}
