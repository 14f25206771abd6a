using Microsoft.ML.Mrl.Files;

namespace Microsoft.ML.Mrl.Tests.Files;

public sealed class LockFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TryHold_WhileAnotherHoldsIt_GivesNothing()
    {
        string path = _folder["lock"];
        using (FileStream? first = LockFile.TryHold(path))
        {
            Assert.NotNull(first);
            Assert.Null(LockFile.TryHold(path));
        }
        Assert.False(File.Exists(path));
        using FileStream? again = LockFile.TryHold(path);
        Assert.NotNull(again);
    }

    [Fact]
    public void TryHold_WithoutAFolder_Throws() => Assert.Throws<DirectoryNotFoundException>(
        () => LockFile.TryHold(_folder["missing/lock"]));
}
