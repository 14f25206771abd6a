using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Tests.Cli;

/// <summary><c>mrl embed --shard</c> and <c>mrl merge</c> give what one run gives.</summary>
public sealed class ShardTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("csv")]
    [InlineData("npy")]
    [InlineData("parquet")]
    public void EmbedInShards_Merged_IsTheFileOfOneRun(string extension)
    {
        // Blocks of 2,000 rows: the third is cut short, and the last shard has none.
        string model = Train(), data = _folder.Write("data.csv", VectorData.Numbers(4_500));
        string[] kept = extension == "npy" ? [] : ["--keep-cols", "kind"];
        string[] embed = ["embed", model, "--dataset", data, "--vector-col", "x0..x11", "--dimensions", "4", .. kept];
        Run([.. embed, "--output", _folder[$"whole.{extension}"]]);
        string output = _folder[$"parts.{extension}"];
        for (int shard = 4; shard >= 1; shard--)
        {
            if (shard < 4)
            {
                CommandRun.Of("merge", "--output", output).AssertFails(ExitCode.BadInput, "are missing", "--shard");
            }
            Run([.. embed, "--output", output, "--shard", $"{shard}/4"]);
        }
        Assert.Contains(
            "Part 2 of 4 already exists", Run([.. embed, "--output", output, "--shard", "2/4"]).Output, StringComparison.Ordinal);

        Assert.Contains("Wrote 4,500 embeddings of 4 part files", Run("merge", "--output", output).Output, StringComparison.Ordinal);

        Assert.Equal(File.ReadAllBytes(_folder[$"whole.{extension}"]), File.ReadAllBytes(output));
    }

    [Fact]
    public void Merge_PartsOfTwoEmbeddings_AreNotMixed()
    {
        string model = Train(), data = _folder.Write("data.csv", VectorData.Numbers(30));
        foreach (string dimensions in new[] { "4", "8" })
        {
            Run("embed", model, "--dataset", data, "--vector-col", "x0..x11", "--dimensions", dimensions, "--output", _folder["e.npy"],
                "--shard", "1/1");
        }

        CommandRun.Of("merge", "--output", _folder["e.npy"]).AssertFails(ExitCode.BadInput, "2 different embeddings");
        CommandRun.Of("merge", "--output", _folder["none.npy"]).AssertFails(ExitCode.BadInput, "no part file");
    }

    [Theory]
    [InlineData("0/4")]
    [InlineData("5/4")]
    [InlineData("two")]
    public void Embed_ShardThatIsNone_SaysWhatIs(string shard) =>
        CommandRun.Of("embed", "m.zip", "--dataset", "a.csv", "--output", "a.npy", "--shard", shard).AssertFails(
            ExitCode.Usage, $"--shard {shard}", "such as 2/8");

    private string Train()
    {
        Run("train", "--dataset", _folder.Write("numbers.csv", VectorData.Numbers(80)), "--label-col", "kind", "--name", "numbers",
            "--output", _folder["out"], "--epochs", "1", "--dimensions", "4,8");
        return Path.Combine(_folder["out"], "numbers", "numbers.zip");
    }

    private static CommandRun Run(params string[] args)
    {
        CommandRun run = CommandRun.Of(args);
        Assert.Equal(("", ExitCode.Ok), (run.Error, run.ExitCode));
        return run;
    }
}
