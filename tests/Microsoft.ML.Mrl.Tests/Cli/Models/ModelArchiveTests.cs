using System.IO.Compression;
using Microsoft.ML.Mrl.Cli.Models;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Tests.Cli.Models;

public sealed class ModelArchiveTests : IDisposable
{
    private const int Mebibyte = 1 << 20;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Check_FewBytesThatInflateToManyTimesAsMany_AreRefusedByName()
    {
        string path = Archive("bomb.zip", 300);
        Assert.True(new FileInfo(path).Length < 3 * Mebibyte);

        string message = Assert.Throws<CommandException>(() => ModelArchive.Check(path)).Message;

        Assert.Contains("bomb.zip", message, StringComparison.Ordinal);
        Assert.Contains("would have 314,572,800 when they are unpacked", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_WithSuchAModel_IsRefusedBeforeAnythingIsUnpacked()
    {
        string path = Archive("bomb.zip", 300);

        CommandRun run = CommandRun.Of(["evaluate", path, "--dataset", path]);

        Assert.Contains("was made to fill the memory", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_SmallModelsOfZeros_AndWhatIsNoArchive_AreLeftToWhoeverReadsThem()
    {
        ModelArchive.Check(Archive("small.zip", 20));
        File.WriteAllText(_folder["text.zip"], "no archive");
        ModelArchive.Check(_folder["text.zip"]);
        ModelArchive.Check(_folder["missing.zip"]);
    }

    private string Archive(string name, int mebibytes)
    {
        using ZipArchive archive = ZipFile.Open(_folder[name], ZipArchiveMode.Create);
        using Stream stream = archive.CreateEntry("Model.key", CompressionLevel.Fastest).Open();
        var zeros = new byte[Mebibyte];
        for (int i = 0; i < mebibytes; i++)
        {
            stream.Write(zeros);
        }
        return _folder[name];
    }
}
