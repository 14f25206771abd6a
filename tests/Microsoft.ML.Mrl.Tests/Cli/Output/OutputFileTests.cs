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

        OutputFile.Claim(path).Write(temporary =>
        {
            File.WriteAllText(temporary, "after");
            Assert.Equal("before\n", File.ReadAllText(path));
        });

        Assert.Equal("after", File.ReadAllText(path));
        Assert.Equal(["model.zip"], _folder.Files);
    }

    [Fact]
    public void Write_Fails_KeepsWhatWasThere()
    {
        string path = _folder.Write("model.zip", "before");

        Assert.Throws<InvalidOperationException>(() => OutputFile.Claim(path).Write(temporary =>
        {
            File.WriteAllText(temporary, "half");
            throw new InvalidOperationException();
        }));

        Assert.Equal("before\n", File.ReadAllText(path));
        Assert.Equal(["model.zip"], _folder.Files);
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
