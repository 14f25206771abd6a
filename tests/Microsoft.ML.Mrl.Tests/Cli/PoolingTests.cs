using Microsoft.ML.Mrl.Cli.Output;
using Microsoft.ML.Mrl.Tests.Text.Encoders.Onnx;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

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

    /// <summary>The head learned from vectors of unit length, and the file of the encoder gives the tokens alone.</summary>
    [Fact]
    public void Export_HeadBehindTheFileOfItsEncoder_GivesWhatTheModelGives()
    {
        string onnx = Encoder();
        TextEncoder encoder = TextEncoder.LoadOnnx(
            onnx, Path.GetDirectoryName(onnx)!, new OnnxEncoderOptions { Pooling = TokenPooling.Mean });
        var head = new LinearHead(
            [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1], [0.5f, -0.25f, 0.125f, 1], new MatryoshkaDimensions(2, 4));
        var mlContext = new MLContext(seed: 1);
        IDataView view = mlContext.Data.LoadFromEnumerable(new[] { new Line { Text = "a b" } });
        ITransformer model = mlContext.Transforms.EncodeText("Features", "Text", encoder)
            .Append(mlContext.Transforms.ApplyEmbeddingHead("Embedding", "Features", head)).Fit(view);
        mlContext.Model.Save(model, view.Schema, _folder["model.zip"]);
        string[] export = ["export", _folder["model.zip"], "--append-to", onnx, "--output", _folder["whole.onnx"]];

        CommandRun run = CommandRun.Of([.. export, "--pooling", "mean"]);

        Assert.Equal((ExitCode.Ok, ""), (run.ExitCode, run.Error));
        using var session = new InferenceSession(_folder["whole.onnx"]);
        foreach (string text in new[] { "a b", "c d e f", "g" })
        {
            int[] ids = ((OnnxTextEncoder)encoder).Tokenizer.Encode(text);
            using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> results = session.Run(
                [Tokens("input_ids", [.. ids.Select(id => (long)id)]), Tokens("attention_mask", [.. ids.Select(_ => 1L)])]);
            var expected = new float[4];
            head.Apply(encoder.Encode(text), expected);
            double length = Math.Sqrt(expected.Sum(v => (double)v * v));
            Assert.All(results[0].AsEnumerable<float>().Zip(expected), pair => Assert.Equal(pair.Second / length, pair.First, 1e-5));
        }
        CommandRun.Of(export).AssertFails(ExitCode.BadInput, "say with --pooling how they become one");

        static NamedOnnxValue Tokens(string name, long[] values) =>
            NamedOnnxValue.CreateFromTensor(name, new DenseTensor<long>(values, [1, values.Length]));
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

    private sealed class Line
    {
        public string Text { get; set; } = "";
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
