using Microsoft.ML.Mrl.Cli.Output;
using Microsoft.ML.Mrl.Tests.Text.Encoders.Onnx;

namespace Microsoft.ML.Mrl.Tests.Cli;

/// <summary><c>--pooling</c> of an ONNX file.</summary>
public sealed class PoolingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("mean", TokenPooling.Mean)]
    [InlineData("first", TokenPooling.FirstToken)]
    [InlineData("last", TokenPooling.LastToken)]
    [InlineData("max", TokenPooling.Max)]
    public void Embed_PoolsAsAsked(string word, TokenPooling pooling)
    {
        string onnx = Encoder();
        string data = _folder.Write("texts.csv", ["utterance", "a b", "c d e", "f"]);

        CommandRun run = CommandRun.Of(
            "embed", onnx, "--dataset", data, "--text-col", "utterance", "--pooling", word, "--output", _folder["e.npy"]);

        Assert.Equal((ExitCode.Ok, ""), (run.ExitCode, run.Error));
        using Microsoft.ML.Mrl.Cli.Data.RowReader rows = Microsoft.ML.Mrl.Cli.Data.RowReader.OpenFile(_folder["e.npy"]);
        TextEncoder encoder = TextEncoder.LoadOnnx(onnx, Path.GetDirectoryName(onnx)!, new OnnxEncoderOptions { Pooling = pooling });
        foreach (string text in new[] { "a b", "c d e", "f" })
        {
            Assert.True(rows.Read());
            Assert.All(encoder.Encode(text).Zip(rows.Vector(0)), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        }
    }

    [Theory]
    [InlineData(true, "", true)]
    [InlineData(false, "", true)]
    [InlineData(true, "--pooling mean", false)]
    [InlineData(true, "modules.json", false)]
    [InlineData(false, "1_Pooling/config.json", false)]
    [InlineData(true, "sentence_embedding", false)]
    public void Embed_PoolingThatNothingNames_IsTold(bool isFile, string named, bool isTold)
    {
        string onnx = Encoder();
        string folder = Path.GetDirectoryName(onnx)!;
        string pooling = Path.Combine(folder, "1_Pooling", "config.json");
        switch (named)
        {
            case "sentence_embedding":
                new OnnxGraphs().Ids().Added("attention_mask").Pooled(named).Write(onnx);
                break;
            case "modules.json":
            case "1_Pooling/config.json":
                Directory.CreateDirectory(Path.GetDirectoryName(pooling)!);
                File.WriteAllText(pooling, """{"pooling_mode": "cls"}""");
                if (named == "modules.json")
                {
                    File.WriteAllText(Path.Combine(folder, named), """
                        [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
                         {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]
                        """);
                }
                break;
        }
        string data = _folder.Write("texts.csv", ["utterance", "a b", "c d e", "f"]);
        string[] more = named.StartsWith("--", StringComparison.Ordinal) ? named.Split(' ') : [];

        CommandRun run = CommandRun.Of(
            ["embed", isFile ? onnx : folder, "--dataset", data, "--text-col", "utterance", .. more, "--output", _folder["e.npy"]]);

        Assert.Equal((ExitCode.Ok, ""), (run.ExitCode, run.Error));
        string[] warnings = [.. run.Lines.Where(line => line.StartsWith("Warning: ", StringComparison.Ordinal))];
        Assert.Equal(isTold ? 1 : 0, warnings.Length);
        Assert.All(warnings, warning => Assert.Contains(
            isFile ? "their mean is taken. Name another way with --pooling." : "If the model has another way, add these files from it.",
            warning, StringComparison.Ordinal));
    }

    [Fact]
    public void Train_Pooling_IsKeptInTheConfiguration()
    {
        string onnx = Encoder();
        string data = _folder.Write("topics.csv", TopicRows.Csv(60));
        CommandRun Train(string output, params string[] more) =>
            CommandRun.Of(["train", .. more, "--epochs", "1", "--dimensions", "2,4", "--name", "topics", "--output", _folder[output]]);

        CommandRun first = Train("out", "--dataset", data, "--encoder", onnx, "--pooling", "last");
        Assert.Equal((ExitCode.Ok, ""), (first.ExitCode, first.Error));
        string config = Path.Combine(_folder["out"], "topics", "topics.mbconfig");
        Assert.Contains("\"Pooling\": \"Last\"", File.ReadAllText(config), StringComparison.Ordinal);
        CommandRun again = Train("again", "--training-config", config);

        Assert.Equal((ExitCode.Ok, ""), (again.ExitCode, again.Error));
        Assert.Equal(Fingerprint("out"), Fingerprint("again"));
        Assert.NotEqual(TextEncoder.LoadOnnx(onnx, Path.GetDirectoryName(onnx)!).Fingerprint, Fingerprint("out"));
    }

    [Fact]
    public void Pooling_OfWhatIsNoOnnxFile_IsRefused()
    {
        string data = _folder.Write("topics.csv", TopicRows.Csv(60));

        CommandRun.Of("train", "--dataset", data, "--encoder", "minilm", "--pooling", "max", "--output", _folder["out"]).AssertFails(
            ExitCode.Usage, "Cannot use --pooling max with minilm: only an .onnx file");
        CommandRun.Of("train", "--dataset", data, "--pooling", "max", "--output", _folder["out"])
            .AssertFails(ExitCode.Usage, "Cannot use --pooling max: only an .onnx file");
        CommandRun.Of("embed", "minilm", "--dataset", data, "--pooling", "first", "--output", _folder["e.npy"])
            .AssertFails(ExitCode.Usage, "Cannot use --pooling first with minilm");
        CommandRun.Of("embed", "minilm", "--dataset", data, "--pooling", "sum", "--output", _folder["e.npy"])
            .AssertFails(ExitCode.Usage, "Cannot use --pooling sum: choose m (mean)");
    }

    private string Fingerprint(string output) =>
        new MLContext().Mrl().FindEncoder(new MLContext().Model.Load(Path.Combine(_folder[output], "topics", "topics.zip"), out _))
            .Fingerprint;

    private string Encoder()
    {
        string onnx = Path.Combine(_folder["encoder"], "model.onnx");
        new OnnxGraphs().Ids().Added("attention_mask").Output("last_hidden_state").Write(onnx);
        File.WriteAllLines(
            Path.Combine(_folder["encoder"], "vocab.txt"),
            ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. "abcdefghijklmnop".Select(c => c.ToString()),
            .. "abcdefghijklmnop".Select(c => "##" + c)]);
        return onnx;
    }
}
