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
