namespace Microsoft.ML.Mrl.Tests.Postgres;

/// <summary>Keeps what a load reports, at once.</summary>
internal sealed class LoadReports : List<VectorLoadState>, IProgress<VectorLoadState>
{
    public void Report(VectorLoadState value) => Add(value);
}

/// <summary>Compares states of loads.</summary>
internal static class LoadStates
{
    public static void AssertEqual(string loadName, long rowsRead, long rowsSkipped, bool isComplete, VectorLoadState? found)
    {
        Assert.NotNull(found);
        Assert.Equal((loadName, rowsRead, rowsSkipped, isComplete), (found.LoadName, found.RowsRead, found.RowsSkipped, found.IsComplete));
    }
}
