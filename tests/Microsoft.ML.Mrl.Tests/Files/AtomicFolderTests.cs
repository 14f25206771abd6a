using Microsoft.ML.Mrl.Files;

namespace Microsoft.ML.Mrl.Tests.Files;

public sealed class AtomicFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Write_NewFolder_IsThere_AndNothingElse()
    {
        AtomicFolder.Write(_folder["a/b"], aside => File.WriteAllText(Path.Combine(aside, "x"), "1"));

        Assert.Equal("1", File.ReadAllText(_folder["a/b/x"]));
        Assert.Equal([_folder["a/b"]], Directory.GetFileSystemEntries(_folder["a"]));
    }

    [Fact]
    public void Write_WriterFails_TheOldFolderStays_AndNothingElse()
    {
        Directory.CreateDirectory(_folder["m/sub"]);
        File.WriteAllText(_folder["m/x"], "old");

        Assert.Throws<NotSupportedException>(() => AtomicFolder.Write(_folder["m"], aside =>
        {
            AtomicFile.Write(Path.Combine(aside, "x"), stream => stream.Write("new"u8));
            throw new NotSupportedException();
        }));

        Assert.Equal("old", File.ReadAllText(_folder["m/x"]));
        Assert.Equal([_folder["m"]], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Write_OverAFolder_KeepsOtherFilesAndLinks()
    {
        Directory.CreateDirectory(_folder["m/sub"]);
        File.WriteAllText(_folder["m/x"], "old");
        File.WriteAllText(_folder["m/sub/y"], "y");
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a right on Windows.");
        File.CreateSymbolicLink(_folder["m/z"], "sub/y");

        AtomicFolder.Write(_folder["m"], aside =>
        {
            AtomicFile.Write(Path.Combine(aside, "x"), stream => stream.Write("new"u8));
            // Until the end the place is as it was.
            Assert.Equal("old", File.ReadAllText(_folder["m/x"]));
        });

        Assert.Equal("new", File.ReadAllText(_folder["m/x"]));
        Assert.Equal("y", File.ReadAllText(_folder["m/z"]));
        Assert.Equal("sub/y", new FileInfo(_folder["m/z"]).LinkTarget);
        Assert.Equal([_folder["m"]], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Write_ThroughALink_KeepsTheLink()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a right on Windows.");
        Directory.CreateDirectory(_folder["real"]);
        Directory.CreateSymbolicLink(_folder["link"], "real");

        AtomicFolder.Write(_folder["link"], aside => File.WriteAllText(Path.Combine(aside, "x"), "1"));

        Assert.Equal("1", File.ReadAllText(_folder["real/x"]));
        Assert.Equal("real", new DirectoryInfo(_folder["link"]).LinkTarget);
    }

    [Fact]
    public void Write_AfterAWriterWasKilled_RemovesWhatItLeft_AndNothingOfOneThatWrites()
    {
        string? aside = null;
        AtomicFolder.Write(_folder["m"], path => aside = path);
        Directory.CreateDirectory(aside!);
        File.WriteAllText(Path.Combine(aside!, "half"), "");

        AtomicFolder.Write(_folder["m"], outer =>
        {
            Assert.False(Directory.Exists(aside));
            AtomicFolder.Write(_folder["m"], _ => Assert.True(Directory.Exists(outer)));
        });

        Assert.Equal([_folder["m"]], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Recover_FolderThatWasMovedAway_IsPutBack()
    {
        string? aside = null;
        AtomicFolder.Write(_folder["m"], path => aside = path);
        File.WriteAllText(_folder["m/x"], "1");
        Directory.Move(_folder["m"], aside!.Replace(".mrl.tmp", ".mrl.old", StringComparison.Ordinal));

        AtomicFolder.Recover(_folder["m"]);

        Assert.Equal("1", File.ReadAllText(_folder["m/x"]));
    }

    [Fact]
    public void Write_OverAnotherOwnersFolder_KeepsOwnerAndMode()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Only root may give folders away.");
        Directory.CreateDirectory(_folder["m"]);
        File.WriteAllText(_folder["m/kept"], "");
        Run("chown", "-R", "1234:4321", _folder["m"]);
        Run("chmod", "750", _folder["m"]);

        AtomicFolder.Write(_folder["m"], aside => File.WriteAllText(Path.Combine(aside, "x"), "1"));

        Assert.Equal("1234:4321 750", Run("stat", "-c", "%u:%g %a", _folder["m"]).Trim());
        Assert.Equal("1234:4321", Run("stat", "-c", "%u:%g", _folder["m/kept"]).Trim());
    }

    private static string Run(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output;
    }

    [Fact]
    public void Write_WhereAFileIs_IsRefused()
    {
        File.WriteAllText(_folder["file"], "");

        Assert.Contains(
            "a file of that name", Assert.Throws<IOException>(() => AtomicFolder.Write(_folder["file"], _ => { })).Message,
            StringComparison.Ordinal);
    }
}
