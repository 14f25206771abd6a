using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl.TorchSharp.Data;

/// <summary>Gathers the rows of a vector column.</summary>
internal sealed class VectorColumnRows(VectorRowsBuilder builder) : ColumnRows
{
    private ValueGetter<VBuffer<float>>? _read;
    private VBuffer<float> _buffer;

    public override void Open(DataViewRowCursor cursor, DataViewSchema.Column column) => _read = cursor.GetGetter<VBuffer<float>>(column);

    public override void Add(long rowNumber, string place)
    {
        _read!(ref _buffer);
        builder.Add(in _buffer, rowNumber, place);
    }

    public override VectorRows Build() => builder.Build();

    public override void Dispose() => builder.Dispose();
}
