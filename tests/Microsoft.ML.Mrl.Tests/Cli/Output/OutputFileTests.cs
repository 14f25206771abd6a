using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Tests.Cli.Output;

public sealed class OutputFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Claim_LeavesNoTrace()
    {
        OutputFile.Claim(_folder["model.zip"]);

        Assert.Empty(_folder.Files);
    }

    [Fact]
    public void Write_ReplacesTheFileOnlyOnceComplete()
    {
        string path = _folder.Write("model.zip", "before");

        OutputFile.Claim(path).Write(stream =>
        {
            stream.Write("after"u8);
            Assert.Equal("before\n", File.ReadAllText(path));
        });

        Assert.Equal("after", File.ReadAllText(path));
        Assert.Equal(["model.zip"], _folder.Files);
    }

    [Fact]
    public void Write_Fails_KeepsWhatWasThere()
    {
        string path = _folder.Write("model.zip", "before");

        Assert.Throws<InvalidOperationException>(() => OutputFile.Claim(path).Write(stream =>
        {
            stream.Write("half"u8);
            throw new InvalidOperationException();
        }));

        Assert.Equal("before\n", File.ReadAllText(path));
        Assert.Equal(["model.zip"], _folder.Files);
    }

    [Fact]
    public void Write_ThroughALinkToAFileForItsUserOnly_KeepsBoth()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a right, and there are no modes.");
#pragma warning disable CA1416 // Skipped on Windows.
        Directory.CreateDirectory(_folder["store"]);
        File.WriteAllText(_folder["store/real.html"], "before");
        File.SetUnixFileMode(_folder["store/real.html"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.CreateSymbolicLink(_folder["report.html"], "store/real.html");

        OutputFile.Claim(_folder["report.html"]).Write(stream => stream.Write("after"u8));

        Assert.Equal("store/real.html", new FileInfo(_folder["report.html"]).LinkTarget);
        Assert.Equal("after", File.ReadAllText(_folder["store/real.html"]));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["store/real.html"]));
#pragma warning restore CA1416
    }

    [Fact]
    public void Claim_AfterAWriterWasKilled_RemovesWhatItLeft()
    {
        string aside = "";
        OutputFile.Claim(_folder["e.npy"]).Write(_ => aside = Directory.GetFiles(_folder.Path).Single());
        File.Delete(_folder["e.npy"]);
        File.WriteAllText(aside, "half");

        OutputFile.Claim(_folder["e.npy"]);

        Assert.Empty(_folder.Files);
    }

    [Fact]
    public void Write_NameAsLongAsTheSystemAllows_IsWritten()
    {
        string name = new string('n', 251) + ".npy";

        OutputFile.Claim(_folder[name]).Write(stream => stream.Write("x"u8));

        Assert.Equal([name], _folder.Files);
    }

    [Fact]
    public void Claim_FolderThatIsAFile_SaysSo()
    {
        string file = _folder.Write("file.txt", "x");

        Assert.Contains("no folder", Assert.Throws<CommandException>(() => OutputFile.Claim(Path.Combine(file, "model.zip"))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Claim_Folder_SaysSo() =>
        Assert.Contains(
            "is a folder", Assert.Throws<CommandException>(() => OutputFile.Claim(_folder["."])).Message, StringComparison.Ordinal);
}
