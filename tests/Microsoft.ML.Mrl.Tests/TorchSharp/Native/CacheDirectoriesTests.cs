using Microsoft.ML.Mrl.TorchSharp.Native;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Native;

public class CacheDirectoriesTests
{
    private static readonly string Home = Path.GetFullPath("home");
    private static readonly string Temporary = Path.GetFullPath("temporary");

    [Fact]
    public void InOrder_OrdinaryUser_StartsWithTheUsersOwnFolderThenOneNamedAfterTheUser() => Assert.Equal(
        [Path.Combine(Home, "Microsoft.ML.Mrl", "native"), Path.Combine(Temporary, "Microsoft.ML.Mrl-ann")],
        CacheDirectories.InOrder(Home, Temporary, "ann", isPrivileged: false).Take(2));

    [Fact]
    public void InOrder_NoFolderOfTheUsersOwn_StartsWithTheTemporaryOne() => Assert.Equal(
        Path.Combine(Temporary, "Microsoft.ML.Mrl-ann"), CacheDirectories.InOrder("", Temporary, "ann", isPrivileged: false).First());

    [Fact]
    public void InOrder_UserNameWithPathCharacters_StaysInTheTemporaryFolder() => Assert.Equal(
        Path.Combine(Temporary, "Microsoft.ML.Mrl-_____DOMAIN_ann"), CacheDirectories.InOrder("", Temporary, "../..DOMAIN\\ann", isPrivileged: false).First());

    [Fact]
    public void InOrder_PrivilegedProcess_NeverUsesAFolderThatOthersCouldHaveMade()
    {
        string[] directories = [.. CacheDirectories.InOrder(Home, Temporary, "root", isPrivileged: true)];
        try
        {
            Assert.Equal(2, directories.Length);
            Assert.Empty(Directory.GetFileSystemEntries(directories[1]));
            Assert.DoesNotContain(directories, d => d.StartsWith(Temporary, StringComparison.Ordinal));
        }
        finally
        {
            Directory.Delete(directories[1]);
        }
    }
}
