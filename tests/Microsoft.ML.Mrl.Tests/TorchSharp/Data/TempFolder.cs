namespace Microsoft.ML.Mrl.Tests.Data;

/// <summary>An empty folder of a test's own, gone with it.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("mrl-tests-").FullName;

    public string[] Files => Directory.GetFiles(Path);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
