using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Models;
using Microsoft.ML.Mrl.Cli.Output;
using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl.Tests.Cli;

/// <summary>The tool with the encoder that comes with it.</summary>
public sealed class PretrainedTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Train_TextsWithoutAnEncoder_AHeadLearnsFromMiniLm()
    {
        string data = _folder.Write("topics.csv", TopicRows.Csv(120));

        CommandRun run = Run("train", "--dataset", data, "--name", "topics", "--output", _folder["out"], "--epochs", "2");

        Assert.Equal(
            ["8", "16", "32", "64", "128", "256", "384"],
            run.Lines.SkipWhile(line => !line.StartsWith("dimensions", StringComparison.Ordinal)).Skip(1).Take(7).Select(
                line => line.Split(' ')[0]));
        Assert.Contains(run.Lines, line => line.StartsWith("raw prefix  random  PCA prefix", StringComparison.Ordinal));
        Assert.Contains(
            run.Lines,
            line => line.StartsWith("kept: the share of what the raw vectors reach with all 384 values", StringComparison.Ordinal));
        Assert.Contains(
            run.Lines, line => line.StartsWith("Cut to ", StringComparison.Ordinal)
            && line.Contains(" of 384 dimensions: ", StringComparison.Ordinal));
        Assert.Contains("Encoder   all-MiniLM-L6-v2, which is not trained", run.Lines);
        Assert.DoesNotContain("fine-tuned", run.Output, StringComparison.Ordinal);
        var mlContext = new MLContext();
        ITransformer model = mlContext.Model.Load(Path.Combine(_folder["out"], "topics", "topics.zip"), out DataViewSchema schema);
        Assert.Equal("Text", Assert.Single(schema).Name);
        float[] embedding = mlContext.Model.CreatePredictionEngine<TopicRows.Written, TopicRows.Embedded>(model).Predict(
            new TopicRows.Written { Text = "an apple and a pear" }).Embedding;
        float[] vector = mlContext.Mrl().FindEncoder(model).Encode("an apple and a pear");
        Assert.Equal(1, vector.Sum(value => (double)value * value), 1e-5);
        Assert.Equal(384, embedding.Length);
        Assert.Contains(
            "EncodeText", File.ReadAllText(Path.Combine(_folder["out"], "topics", "topics.training.cs")), StringComparison.Ordinal);

        // The second training finds the vectors in the cache, and is the same.
        CommandRun again = Run(
            "train", "--training-config", Path.Combine(_folder["out"], "topics", "topics.mbconfig"), "--output", _folder["again"]);
        Assert.Contains("Embedding texts", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Embedding texts", again.Output, StringComparison.Ordinal);
        Assert.Equal(
            mlContext.Mrl().FindHead(model).Fingerprint,
            mlContext.Mrl().FindHead(mlContext.Model.Load(Path.Combine(_folder["again"], "topics", "topics.zip"), out _)).Fingerprint);
    }

    [Fact]
    public void EvaluateRecommendEmbedExport_OnABareEncoder()
    {
        string data = _folder.Write("topics.csv", TopicRows.Csv(60));

        Assert.Contains(Run("evaluate", "minilm", "--dataset", data).Lines, line => line.StartsWith("384 ", StringComparison.Ordinal));
        Assert.Contains("dimensions", Run("recommend", "minilm", "--dataset", data).Output, StringComparison.Ordinal);
        string[] embed = ["embed", "minilm", "--dataset", data, "--text-col", "utterance", "--output", _folder["e.npy"]];
        Assert.Contains("Wrote 60 embeddings of 384 of 384 values", Run(embed).Output, StringComparison.Ordinal);
        using (RowReader texts = RowReader.OpenFile(data), embedded = RowReader.OpenFile(_folder["e.npy"]))
        {
            Assert.True(texts.Read() && embedded.Read());
            float[] expected = KnownEncoder.Default.Load(new LineProgress(TextWriter.Null), CancellationToken.None).Encode(texts.Text(0));
            Assert.All(embedded.Vector(0).Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-5));
        }
        Run([.. embed, "--shard", "1/1"]);
        Assert.Contains("already exists", Run([.. embed, "--shard", "1/1"]).Output, StringComparison.Ordinal);

        // The folder and its ONNX file are encoders as well.
        Run("export", "minilm", "--output", _folder["copy"]);
        foreach (string model in (string[])[_folder["copy"], _folder["copy/onnx/model.onnx"]])
        {
            Run("embed", model, "--dataset", data, "--text-col", "utterance", "--output", _folder["f.npy"]);
            using RowReader first = RowReader.OpenFile(_folder["e.npy"]), second = RowReader.OpenFile(_folder["f.npy"]);
            Assert.True(first.Read() && second.Read());
            Assert.All(first.Vector(0).Zip(second.Vector(0)), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        }
        CommandRun.Of("evaluate", "nowhere", "--dataset", data).AssertFails(ExitCode.BadInput, "no such file", "minilm");
        CommandRun.Of("evaluate", "minilm").AssertFails(ExitCode.Usage, "it is an encoder alone", "Name a file of rows with --dataset");
        CommandRun alone = CommandRun.Of("export", "minilm", "--output", _folder["e.onnx"]);
        alone.AssertFails(ExitCode.Usage, "only a trained head is written as one file");
        Assert.DoesNotContain("mrl train left", alone.Error, StringComparison.Ordinal);
        foreach (string command in (string[])["embed", "evaluate"])
        {
            string[] more = command == "embed" ? ["--output", _folder["g.npy"]] : [];
            CommandRun.Of([command, "minilm", "--dataset", _folder["e.npy"], .. more]).AssertFails(
                ExitCode.BadInput, $"'{_folder["e.npy"]}' has no column of texts: 'Vector'. Give a file of texts.");
        }
    }

    [Theory]
    [InlineData("--text-features with --encoder minilm", "--text-features", "--encoder", "minilm")]
    [InlineData("--tune head with --encoder static", "--tune", "head", "--encoder", "static")]
    [InlineData("--head residual", "--tune", "encoder", "--head", "residual")]
    [InlineData("--text-features with --tune encoder", "--text-features", "--tune", "encoder")]
    [InlineData("--learning-rate 0", "--learning-rate", "0")]
    [InlineData("--batch-size 1", "--batch-size", "1")]
    public void Train_OptionsThatExcludeEachOther_AreNamed(string what, params string[] more) => CommandRun.Of(
        ["train", "--dataset", _folder.Write("topics.csv", TopicRows.Csv(30)), "--output", _folder["out"], .. more]).AssertFails(
            ExitCode.Usage, what);

    [Fact]
    public void Train_RateBatchAndHead_AreKeptAndWrittenDown()
    {
        string data = _folder.Write("nums.csv", VectorData.Numbers(80));

        Run("train", "--dataset", data, "--label-col", "kind", "--name", "nums", "--output", _folder["out"], "--epochs", "2", "--head",
            "residual", "--learning-rate", "0.005", "--batch-size", "16", "--dimensions", "4,8");

        string code = File.ReadAllText(Path.Combine(_folder["out"], "nums", "nums.training.cs"));
        Assert.All(
            ["Epochs = 2,", "BatchSize = 16,", "LearningRate = 0.005,", "Head = HeadKind.Residual,"],
            line => Assert.Contains(line, code, StringComparison.Ordinal));
        string config = Path.Combine(_folder["out"], "nums", "nums.mbconfig");
        Run("train", "--training-config", config, "--output", _folder["again"]);
        Assert.Equal(code, File.ReadAllText(Path.Combine(_folder["again"], "nums", "nums.training.cs")));
        File.WriteAllText(config, File.ReadAllText(config).Replace("\"Residual\"", "\"Round\"", StringComparison.Ordinal));
        CommandRun.Of("train", "--training-config", config, "--output", _folder["again"]).AssertFails(
            ExitCode.BadInput, "'TrainingOption.Head' is 'Round'", "Linear");
    }

    private static CommandRun Run(params string[] args)
    {
        CommandRun run = CommandRun.Of(args);
        Assert.Equal(("", ExitCode.Ok), (run.Error, run.ExitCode));
        return run;
    }
}
