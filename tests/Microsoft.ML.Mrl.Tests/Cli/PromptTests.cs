using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Output;
using Microsoft.ML.Mrl.Tests.TorchSharp.Training.Encoders;
using Microsoft.ML.Mrl.Text.Encoders.Transformers;

namespace Microsoft.ML.Mrl.Tests.Cli;

/// <summary><c>mrl embed --prompt</c>.</summary>
public sealed class PromptTests : IDisposable
{
    private static readonly string[] s_texts = ["a b", "c d a", "b"];
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(1);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("query", "query")]
    [InlineData("document", "document")]
    [InlineData(null, null)]
    public void Embed_AnEncoder_PutsThePromptBeforeEveryText(string? asked, string? expected)
    {
        TransformerTextEncoder encoder = Encoder();

        float[][] got = Embed(_folder["tiny"], asked);

        AssertEqual([.. s_texts.Select(text => encoder.Encode(text, expected))], got);
        Assert.NotEqual(encoder.Encode(s_texts[0], "query"), encoder.Encode(s_texts[0]));
    }

    [Fact]
    public void Embed_AHeadBehindAnEncoder_PutsThePromptBeforeEveryText()
    {
        TransformerTextEncoder encoder = Encoder();
        var head = new LinearHead(
            [.. Enumerable.Range(0, 64).Select(i => i % 3 - 1f)], [0.5f, -0.25f], new MatryoshkaDimensions(1, 2));
        Save(_ml.Transforms.EncodeText("Features", "Text", encoder)
            .Append(_ml.Transforms.ApplyEmbeddingHead("Embedding", "Features", head)));

        float[][] got = Embed(_folder["model.zip"], "query");

        AssertEqual([.. s_texts.Select(text =>
        {
            var mapped = new float[2];
            head.Apply(encoder.Encode(text, "query"), mapped);
            return mapped;
        })], got);
    }

    [Fact]
    public void Embed_InShards_PartsOfAnotherPromptAreNotMixed()
    {
        Encoder();
        foreach (string prompt in new[] { "query", "document" })
        {
            Assert.Contains("Wrote 3 embeddings", Run(_folder["tiny"], prompt, "--shard", "1/1").Output, StringComparison.Ordinal);
        }
        Assert.Contains("already exists", Run(_folder["tiny"], "query", "--shard", "1/1").Output, StringComparison.Ordinal);

        CommandRun.Of("merge", "--output", _folder["e.npy"]).AssertFails(ExitCode.BadInput, "2 different embeddings");
    }

    [Fact]
    public void Embed_PromptThatCannotBe_SaysWhatCan()
    {
        TransformerTextEncoder encoder = Encoder();
        Run(_folder["tiny"], "questions").AssertFails(
            ExitCode.Usage, "Cannot use --prompt questions with", "has no prompt 'questions'. It has 'document', 'query'.");

        Save(_ml.Transforms.EncodeText("Embedding", "Text", encoder, "document"));
        Run(_folder["model.zip"], "query").AssertFails(
            ExitCode.Usage, "Cannot use --prompt query", "puts its prompt 'document' before every text");
        AssertEqual([.. s_texts.Select(text => encoder.Encode(text, "document"))], Embed(_folder["model.zip"], "document"));

        Save(_ml.Transforms.Text.FeaturizeText("Features", "Text").Append(_ml.Transforms.PcaRotate("Embedding", "Features", 2)));
        Run(_folder["model.zip"], "query").AssertFails(ExitCode.Usage, "Cannot use --prompt query: only a text encoder has prompts");
    }

    private TransformerTextEncoder Encoder()
    {
        TinyTransformer.Make(_folder["tiny"], ["a b c d e f"], dropout: 0);
        File.WriteAllText(
            Path.Combine(_folder["tiny"], "config_sentence_transformers.json"),
            """{"prompts": {"query": "e f ", "document": "d "}, "default_prompt_name": null}""");
        return (TransformerTextEncoder)TextEncoder.Load(_folder["tiny"]);
    }

    private void Save(IEstimator<ITransformer> pipeline)
    {
        IDataView view = _ml.Data.LoadFromEnumerable(s_texts.Select(text => new Line { Text = text }));
        _ml.Model.Save(pipeline.Fit(view), view.Schema, _folder["model.zip"]);
    }

    private float[][] Embed(string model, string? prompt)
    {
        CommandRun run = Run(model, prompt);
        Assert.Equal((ExitCode.Ok, ""), (run.ExitCode, run.Error));
        using RowReader rows = RowReader.OpenFile(_folder["e.npy"]);
        return [.. s_texts.Select(_ =>
        {
            Assert.True(rows.Read());
            return rows.Vector(0).ToArray();
        })];
    }

    private CommandRun Run(string model, string? prompt, params string[] more) => CommandRun.Of(
    [
        "embed", model, "--dataset", _folder.Write("texts.csv", ["utterance", .. s_texts]), "--text-col", "utterance", "--output",
        _folder["e.npy"], .. prompt is null ? (string[])[] : ["--prompt", prompt], .. more,
    ]);

    private static void AssertEqual(float[][] expected, float[][] actual)
    {
        foreach ((float[] one, float[] other) in expected.Zip(actual))
        {
            Assert.Equal(one.Length, other.Length);
            Assert.All(one.Zip(other), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        }
    }

    private sealed class Line
    {
        public string Text { get; set; } = "";
    }
}
