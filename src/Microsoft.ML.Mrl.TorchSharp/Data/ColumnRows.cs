using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl.TorchSharp.Data;

/// <summary>Gathers the rows of one column while they are read, from one view after another.</summary>
internal abstract class ColumnRows : IDisposable
{
    /// <summary>Prepares for a view's cursor.</summary>
    public abstract void Open(DataViewRowCursor cursor, DataViewSchema.Column column);

    /// <summary>Adds the cursor's present row.</summary>
    /// <param name="rowNumber">Its number, for messages.</param>
    /// <param name="place">What the number counts in, for messages.</param>
    public abstract void Add(long rowNumber, string place);

    public abstract VectorRows Build();

    /// <summary>Gives the rows up, for when they will not be built after all.</summary>
    public abstract void Dispose();
}

/// <summary>How text columns are kept for a training.</summary>
internal interface ITextColumns
{
    /// <summary>Gathers the texts of one more column.</summary>
    ColumnRows NewColumn();
}

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
