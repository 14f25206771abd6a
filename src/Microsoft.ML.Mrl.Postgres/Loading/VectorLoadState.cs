namespace Microsoft.ML.Mrl;

/// <summary>Represents the progress of a load, as recorded with its last committed chunk of rows.</summary>
public sealed class VectorLoadState
{
    internal VectorLoadState(string loadName, long rowsRead, long rowsSkipped, bool isComplete)
    {
        LoadName = loadName;
        RowsRead = rowsRead;
        RowsSkipped = rowsSkipped;
        IsComplete = isComplete;
    }

    /// <summary>Gets the name of the load.</summary>
    public string LoadName { get; }

    /// <summary>Gets the number of rows of the data that were read: <see cref="RowsLoaded"/> + <see cref="RowsSkipped"/>.</summary>
    public long RowsRead { get; }

    /// <summary>Gets the number of rows that were skipped because their vectors are invalid (<see cref="InvalidVectors.Skip"/>).</summary>
    public long RowsSkipped { get; }

    /// <summary>Gets the number of rows that were loaded into the table.</summary>
    public long RowsLoaded => RowsRead - RowsSkipped;

    /// <summary>Gets a value indicating whether the end of the data was reached.</summary>
    public bool IsComplete { get; }
}
