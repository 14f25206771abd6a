using System.Diagnostics;
using Microsoft.ML.Mrl.Files;

namespace Microsoft.ML.Mrl.Tests.Files;

public sealed class AtomicFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mrl-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Write_NewFile_IsThere_AndNothingElse()
    {
        AtomicFile.Write(At("new.bin"), stream => stream.Write([1, 2, 3]));

        Assert.Equal([1, 2, 3], File.ReadAllBytes(At("new.bin")));
        Assert.Single(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void Write_WriterFails_TheOldFileStays_AndNothingElse()
    {
        File.WriteAllText(At("old.txt"), "old");

        Assert.Throws<NotSupportedException>(() => AtomicFile.Write(At("old.txt"), _ => throw new NotSupportedException()));

        Assert.Equal("old", File.ReadAllText(At("old.txt")));
        Assert.Single(Directory.GetFileSystemEntries(_folder));
    }

    [Theory]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite)]
    [InlineData(
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite)]
    public void Write_OverAFile_KeepsItsMode(UnixFileMode mode)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        File.WriteAllText(At("kept.txt"), "old");
#pragma warning disable CA1416 // Skipped on Windows.
        File.SetUnixFileMode(At("kept.txt"), mode);

        AtomicFile.Write(At("kept.txt"), stream => stream.Write("new"u8));

        Assert.Equal(mode, File.GetUnixFileMode(At("kept.txt")));
#pragma warning restore CA1416
        Assert.Equal("new", File.ReadAllText(At("kept.txt")));
    }

    [Fact]
    public void Write_OverASymbolicLink_ReplacesWhatItLeadsTo()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a right on Windows.");
        Directory.CreateDirectory(At("store"));
        File.WriteAllText(At("store/real.txt"), "old");
        File.CreateSymbolicLink(At("first.txt"), "store/real.txt");
        File.CreateSymbolicLink(At("second.txt"), "first.txt");

        AtomicFile.Write(At("second.txt"), stream => stream.Write("new"u8));

        Assert.Equal("first.txt", new FileInfo(At("second.txt")).LinkTarget);
        Assert.Equal("store/real.txt", new FileInfo(At("first.txt")).LinkTarget);
        Assert.Equal("new", File.ReadAllText(At("store/real.txt")));
        Assert.Single(Directory.GetFileSystemEntries(At("store")));
    }

    [Fact]
    public void Write_OverAnotherOwnersFile_KeepsTheOwner()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Only root may give files away.");
        File.WriteAllText(At("owned.txt"), "old");
        Run("chown", "1234:4321", At("owned.txt"));

        AtomicFile.Write(At("owned.txt"), stream => stream.Write("new"u8));

        Assert.Equal("1234:4321", Run("stat", "-c", "%u:%g", At("owned.txt")).Trim());
        Assert.Equal("new", File.ReadAllText(At("owned.txt")));
    }

    [Fact]
    public void Write_AfterAWriterWasKilled_RemovesWhatItLeft_AndNothingOfOthers()
    {
        string? aside = null;
        AtomicFile.Write(At("model.bin"), _ => aside = Directory.GetFiles(_folder).Single());
        File.WriteAllText(aside!, "half of a mod");
        string other = At(".other.mrl.tmp");
        File.WriteAllText(other, "somebody else's");

        AtomicFile.Write(At("model.bin"), stream => stream.Write("new"u8));

        Assert.Equal([other, At("model.bin")], Directory.GetFiles(_folder).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Write_WhileTheSameFileIsWritten_LeavesTheOtherWriterAlone()
    {
        AtomicFile.Write(At("model.bin"), outer =>
        {
            outer.Write("outer"u8);
            AtomicFile.Write(At("model.bin"), inner => inner.Write("inner"u8));
            Assert.Equal("inner", File.ReadAllText(At("model.bin")));
        });

        Assert.Equal("outer", File.ReadAllText(At("model.bin")));
        Assert.Single(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void Write_NameAsLongAsTheSystemAllows_IsWritten()
    {
        string name = new('n', 255);

        AtomicFile.Write(At(name), stream => stream.Write("new"u8));

        Assert.Equal("new", File.ReadAllText(At(name)));
    }

    private string At(string name) => Path.Combine(_folder, name);

    private static string Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}
