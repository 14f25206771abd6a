namespace Microsoft.ML.Mrl;

/// <summary>How far a load has come, as its last committed chunk recorded it.</summary>
/// <param name="LoadName">The load's name.</param>
/// <param name="RowsRead">Rows of the data that are dealt with: in the table, or left out.</param>
/// <param name="RowsLeftOut">Those left out as <see cref="UnfitVectors.LeaveOut"/> says.</param>
/// <param name="IsComplete">Whether the end of the data was reached.</param>
public sealed record VectorLoadState(string LoadName, long RowsRead, long RowsLeftOut, bool IsComplete)
{
    /// <summary>Rows that are in the table.</summary>
    public long RowsLoaded => RowsRead - RowsLeftOut;
}
