namespace Microsoft.ML.Mrl.Tests.Postgres;

/// <summary>Keeps what it is told, at once and in order.</summary>
internal sealed class LoadReports : List<VectorLoadState>, IProgress<VectorLoadState>
{
    public void Report(VectorLoadState value) => Add(value);
}
