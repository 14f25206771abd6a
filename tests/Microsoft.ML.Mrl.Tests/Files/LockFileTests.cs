using Microsoft.ML.Mrl.Files;

namespace Microsoft.ML.Mrl.Tests.Files;

public sealed class LockFileTests
{
    [Fact]
    public void TryHold_WhileAnotherHoldsIt_GivesNothing()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("mrl-lock-").FullName, "lock");
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
        () => LockFile.TryHold(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName(), "lock")));
}
