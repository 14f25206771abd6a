using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl;

/// <summary>Gathers the rows of one column while they are read.</summary>
internal abstract class ColumnRows(VectorRole role, DataViewSchema.Column column) : IDisposable
{
    public VectorRole Role { get; } = role;

    public DataViewSchema.Column Column { get; } = column;

    /// <summary>Prepares for a cursor.</summary>
    public abstract void Open(DataViewRowCursor cursor);

    /// <summary>Adds the cursor's present row.</summary>
    public abstract void Add(long rowNumber);

    public abstract VectorRows Build();

    /// <summary>Gives the rows up, for when they will not be built after all.</summary>
    public abstract void Dispose();
}
