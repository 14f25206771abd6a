using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl;

/// <summary>Gathers the rows of a vector column.</summary>
internal sealed class VectorColumnRows(VectorRole role, DataViewSchema.Column column, VectorRowsBuilder builder) : ColumnRows(role, column)
{
    private ValueGetter<VBuffer<float>>? _read;
    private VBuffer<float> _buffer;

    public override void Open(DataViewRowCursor cursor) => _read = cursor.GetGetter<VBuffer<float>>(Column);

    public override void Add(long rowNumber)
    {
        _read!(ref _buffer);
        builder.Add(in _buffer, rowNumber);
    }

    public override VectorRows Build() => builder.Build();

    public override void Dispose() => builder.Dispose();
}
