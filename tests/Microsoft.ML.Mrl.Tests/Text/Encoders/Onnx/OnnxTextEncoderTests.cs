using System.Text.Json;
using Microsoft.ML.Data;
using DataType = Microsoft.ML.Mrl.Export.Onnx.TensorProto.Types.DataType;

namespace Microsoft.ML.Mrl.Tests.Text.Encoders.Onnx;

public sealed class OnnxTextEncoderTests : IDisposable
{
    private const double Tolerance = 1e-6;
    private static readonly string[] s_vocabulary = [
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. "abcdefghij".Select(c => c.ToString()), "query", "document", ":"];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(TokenPooling.Mean)]
    [InlineData(TokenPooling.FirstToken)]
    [InlineData(TokenPooling.Max)]
    [InlineData(TokenPooling.LastToken)]
    public void LoadOnnx_TokenVectors_PoolsAsAsked(TokenPooling pooling)
    {
        OnnxGraphs graph = Bert();
        OnnxTextEncoder encoder = TextEncoder.LoadOnnx(
            Model(graph), Vocabulary(), new OnnxEncoderOptions { Pooling = pooling, Normalize = false });
        string[] texts = ["a b", "c", "d e f g", ""];
        var together = new float[texts.Length * encoder.Dimensions];

        encoder.Encode(texts, together, cancellationToken: TestContext.Current.CancellationToken);

        for (int i = 0; i < texts.Length; i++)
        {
            double[] expected = Slow(graph, encoder.Tokenizer.Encode(texts[i]), pooling);
            AssertNear(expected, together[(i * 4)..(i * 4 + 4)]);
            AssertNear(expected, encoder.Encode(texts[i]));
        }
        Assert.False(encoder.IsNormalized);
    }

    [Fact]
    public void LoadOnnx_NothingGiven_IsTheMeanOfUnitLength()
    {
        OnnxGraphs graph = Bert();
        OnnxTextEncoder encoder = TextEncoder.LoadOnnx(Model(graph), Vocabulary());

        double[] mean = Slow(graph, [2, 5, 6, 3], TokenPooling.Mean);
        double length = Math.Sqrt(mean.Sum(v => v * v));
        AssertNear([.. mean.Select(v => v / length)], encoder.Encode("A b"));
        Assert.True(encoder.IsNormalized);
        Assert.Equal((4, 512), (encoder.Dimensions, encoder.MaxLength));
    }

    [Fact]
    public void LoadOnnx_GraphOfUnknownWidth_FindsItByComputing() =>
        Assert.Equal(
            4, TextEncoder.LoadOnnx(
                Model(new OnnxGraphs().Ids().Added("attention_mask").Output("last_hidden_state", knowsWidth: false)), Vocabulary())
                .Dimensions);

    [Theory]
    [InlineData(11)]
    [InlineData(13)]
    [InlineData(18)]
    public void LoadOnnx_OperatorSets_PoolAlike(long operatorSet)
    {
        OnnxGraphs graph = new OnnxGraphs(operatorSet).Ids().Added("attention_mask").Output("last_hidden_state");
        foreach (TokenPooling pooling in new[] { TokenPooling.Mean, TokenPooling.Max, TokenPooling.LastToken })
        {
            OnnxTextEncoder encoder = TextEncoder.LoadOnnx(
                Model(graph), Vocabulary(), new OnnxEncoderOptions { Pooling = pooling, Normalize = false });
            AssertNear([.. Slow(graph, [2, 5, 3], pooling)], encoder.Encode("a"));
        }
    }

    [Fact]
    public void LoadOnnx_WithoutTokenTypes_AndWithPositions_FeedsWhatTheGraphTakes()
    {
        // As ModernBERT (no token types) and decoders such as Qwen3 (positions, empty caches) are exported.
        OnnxGraphs graph = new OnnxGraphs().Ids().Added("attention_mask").Added("position_ids").Cache("past_key_values.0.key")
            .Output("last_hidden_state");
        OnnxTextEncoder encoder = TextEncoder.LoadOnnx(
            Model(graph), Vocabulary(), new OnnxEncoderOptions { Pooling = TokenPooling.LastToken, Normalize = false });

        // The last token is [SEP] at place 3: its row, plus 0.1 for the mask, plus 0.3 for the position.
        AssertNear([.. Enumerable.Range(0, 4).Select(d => graph.Table[3 * 4 + d] + 0.4)], encoder.Encode("a b"));
    }

    [Fact]
    public void LoadOnnx_WithoutMask_PutsTextsOfOneLengthTogether()
    {
        OnnxGraphs graph = new OnnxGraphs().Ids("tokens", DataType.Int32).Output("output_0");
        OnnxTextEncoder encoder = TextEncoder.LoadOnnx(Model(graph), Vocabulary(), new OnnxEncoderOptions { Normalize = false });
        string[] texts = ["a b c", "d", "e f g"];
        var together = new float[12];

        encoder.Encode(texts, together, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(texts.SelectMany(text => encoder.Encode(text)), together);
        AssertNear(
            [.. Enumerable.Range(0, 4).Select(d => (graph.Table[2 * 4 + d] + graph.Table[8 * 4 + d] + graph.Table[3 * 4 + d]) / 3.0)],
            encoder.Encode("d"));
    }

    [Fact]
    public void LoadOnnx_GraphThatPools_IsTakenAsItIs()
    {
        OnnxGraphs graph = Bert().Pooled("sentence_embedding");
        OnnxTextEncoder own = TextEncoder.LoadOnnx(Model(graph), Vocabulary(), new OnnxEncoderOptions { Normalize = false });
        double[] sum = [.. Slow(graph, [2, 5, 3], TokenPooling.Mean).Select(v => 3 * v)];
        AssertNear(sum, own.Encode("a"));

        // Pooling that is asked for goes before what the graph does.
        OnnxTextEncoder mean = TextEncoder.LoadOnnx(
            Model(graph), Vocabulary(), new OnnxEncoderOptions { Pooling = TokenPooling.Mean, Normalize = false });
        AssertNear([.. sum.Select(v => v / 3)], mean.Encode("a"));
    }

    [Fact]
    public void LoadOnnx_LongText_IsCutAtTheEndOrTheStart()
    {
        OnnxGraphs graph = Bert();
        OnnxTextEncoder end = TextEncoder.LoadOnnx(Model(graph), Vocabulary(), new OnnxEncoderOptions { MaxLength = 4 });
        Assert.Equal(end.Encode("a b"), end.Encode("a b c d e"));

        File.WriteAllText(_folder["tokenizer_config.json"], """{"truncation_side": "left"}""");
        OnnxTextEncoder start = TextEncoder.LoadOnnx(Model(graph), Vocabulary(), new OnnxEncoderOptions { MaxLength = 4 });
        Assert.Equal(end.Encode("d e"), start.Encode("a b c d e"));
    }

    [Fact]
    public void Encode_Prompts_GoBeforeTexts()
    {
        var options =
            new OnnxEncoderOptions { Prompts = new Dictionary<string, string> { ["query"] = "query: ", ["document"] = "document: " },
            DefaultPrompt = "document" };
        OnnxTextEncoder encoder = TextEncoder.LoadOnnx(Model(Bert()), Vocabulary(), options);
        OnnxTextEncoder plain = TextEncoder.LoadOnnx(Model(Bert()), Vocabulary());

        Assert.Equal(plain.Encode("query: a"), encoder.Encode("a", "query"));
        Assert.Equal(plain.Encode("document: a"), encoder.Encode("a"));
        ArgumentException error = Assert.Throws<ArgumentException>("prompt", () => encoder.Encode("a", "passage"));
        Assert.Contains("'passage'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'document', 'query'", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>("prompt", () => new MLContext(1).Transforms.EncodeText("E", "Text", encoder, prompt: "passage"));
    }

    [Fact]
    public void EncodeText_WithPrompt_IsSavedAndLoaded()
    {
        var ml = new MLContext(1);
        var options = new OnnxEncoderOptions { Prompts = new Dictionary<string, string> { ["query"] = "query: " } };
        OnnxTextEncoder encoder = TextEncoder.LoadOnnx(Model(Bert()), Vocabulary(), options);
        float[][] rows = [[1, 2], [3, 4]];
        IDataView view = ml.Data.LoadFromEnumerable(rows.Select(r => new Row { Text = string.Join(' ', r), Embedding = r }));
        ITransformer model = ml.Transforms.EncodeText("Query", nameof(Row.Text), encoder, prompt: "query").Fit(view);
        float[][] expected = [.. model.Transform(view).GetColumn<float[]>("Query")];

        ml.Model.Save(model, view.Schema, _folder["model.zip"]);
        ITransformer loaded = new MLContext(1).Model.Load(_folder["model.zip"], out _);

        Assert.Equal(expected, loaded.Transform(view).GetColumn<float[]>("Query"));
        // The same texts together have the same bits.
        var together = new float[8];
        encoder.Encode(["1 2", "3 4"], together, "query", TestContext.Current.CancellationToken);
        Assert.Equal(together, expected.SelectMany(row => row));
        // A text alone need not: ONNX Runtime sums a tensor [1, T, D] in another order than [2, T, D].
        Assert.All(encoder.Encode("1 2", "query").Zip(expected[0]), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
    }

    [Fact]
    public void EncodeText_LoadedInAFreshProcess_GivesTheSame()
    {
        var ml = new MLContext(1);
        OnnxTextEncoder encoder = TextEncoder.LoadOnnx(
            Model(Bert()), Vocabulary(), new OnnxEncoderOptions { Prompts = new Dictionary<string, string> { ["query"] = "query: " } });
        float[][] rows = [[1, 2], [3, 4]];
        IDataView view = ml.Data.LoadFromEnumerable(rows.Select(r => new Row { Text = string.Join(' ', r), Embedding = r }));
        ITransformer model = ml.Transforms.EncodeText("Query", nameof(Row.Text), encoder, prompt: "query").Fit(view);

        Transforms.FreshProcess fresh = Transforms.FreshProcess.Apply(ml, model, view.Schema, rows, "Query");

        Assert.Equal(model.Transform(view).GetColumn<float[]>("Query"), fresh.Columns["Query"]);
        Assert.Contains("Microsoft.ML.Mrl.EncodeTextTransformer", fresh.Steps.Single(), StringComparison.Ordinal);
        Assert.False(fresh.HasTorchSharp);
    }

    [Fact]
    public void SaveThenLoad_Folder_IsTheSameEncoder()
    {
        var options =
            new OnnxEncoderOptions { Pooling = TokenPooling.FirstToken, Prompts = new Dictionary<string, string> { ["query"] = "query: " },
            DefaultPrompt = "query", MaxLength = 9 };
        TextEncoder encoder = TextEncoder.LoadOnnx(Model(Bert()), Vocabulary(), options);

        encoder.Save(_folder["saved"]);
        var loaded = (OnnxTextEncoder)TextEncoder.Load(_folder["saved"]);

        Assert.Equal(encoder.Encode("a b c"), loaded.Encode("a b c"));
        Assert.Equal(("query", true), (loaded.DefaultPrompt, loaded.IsNormalized));
        using JsonDocument pooling = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(_folder["saved"], "1_Pooling", "config.json")));
        Assert.True(pooling.RootElement.GetProperty("pooling_mode_cls_token").GetBoolean());
        Assert.False(pooling.RootElement.GetProperty("pooling_mode_mean_tokens").GetBoolean());
        TextEncoder narrow = loaded.WithDimensions(2);
        narrow.Save(_folder["narrow"]);
        Assert.Equal(encoder.Encode("a")[..2], TextEncoder.Load(_folder["narrow"]).Encode("a"));
        narrow.ExportToOnnx(_folder["exported"]);
        Assert.Equal(
            narrow.Encode("query: a", "query"),
            TextEncoder.LoadOnnx(
                Path.Combine(_folder["exported"], "onnx", "model.onnx"), _folder["exported"], new OnnxEncoderOptions { Normalize = false })
                .Encode("query: a"));
    }

    [Fact]
    public void Load_HuggingFaceFolderWithOnnxAndNoWeights_Works()
    {
        string folder = _folder["hf"];
        Bert().Write(Path.Combine(folder, "onnx", "model.onnx"));
        File.WriteAllText(
            Path.Combine(folder, "config.json"),
            """{"model_type": "modernbert", "max_position_embeddings": 64, "matryoshka_dimensions": [2, 4]}""");
        File.WriteAllLines(Path.Combine(folder, "vocab.txt"), s_vocabulary);

        TextEncoder encoder = TextEncoder.Load(folder);

        Assert.Equal(TextEncoder.LoadOnnx(Model(Bert()), Vocabulary()).Encode("a b"), encoder.Encode("a b"));
        Assert.Equal((64, "2, 4"), (((OnnxTextEncoder)encoder).MaxLength, string.Join(", ", encoder.TrainedDimensions!)));
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(1 << 20)]
    public void Load_PaddingIdBeyondAnyTableOfPositions_IsRefusedByName(int id)
    {
        string folder = _folder["hf"];
        Bert().Write(Path.Combine(folder, "onnx", "model.onnx"));
        File.WriteAllText(Path.Combine(folder, "config.json"), $$"""{"model_type": "roberta", "pad_token_id": {{id}}}""");
        File.WriteAllLines(Path.Combine(folder, "vocab.txt"), s_vocabulary);

        Assert.Contains(
            $"pad_token_id is {id}", Assert.Throws<InvalidDataException>(() => TextEncoder.Load(folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LoadOnnx_Streams_EqualPaths()
    {
        using FileStream model = File.OpenRead(Model(Bert()));
        using FileStream tokenizer = File.OpenRead(Vocabulary());
        Assert.Equal(
            TextEncoder.LoadOnnx(_folder["model.onnx"], Vocabulary()).Encode("a b"),
            TextEncoder.LoadOnnx(model, tokenizer, null).Encode("a b"));
    }

    [Theory]
    [InlineData("/dev/zero")]
    [InlineData("/dev/urandom")]
    public void LoadOnnx_FileWithoutEnd_IsRefusedAtOnce(string device)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "There are no such devices.");
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<InvalidDataException>(() => TextEncoder.LoadOnnx(device, Vocabulary()));

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1L << 26);
    }

    [Fact]
    public void LoadOnnx_WrongThings_AreSaid()
    {
        string model = Model(Bert());
        Assert.Throws<FileNotFoundException>(() => TextEncoder.LoadOnnx(_folder["none.onnx"], Vocabulary()));
        Assert.Contains(
            "vocab.txt", Assert.Throws<FileNotFoundException>(() => TextEncoder.LoadOnnx(model, _folder["none.txt"])).Message,
            StringComparison.Ordinal);
        File.WriteAllText(_folder["text.onnx"], "This is no model.");
        Assert.Contains(
            "not an ONNX model", Assert.Throws<InvalidDataException>(() => TextEncoder.LoadOnnx(_folder["text.onnx"], Vocabulary()))
            .Message, StringComparison.Ordinal);
        Directory.CreateDirectory(_folder["empty"]);
        Assert.Contains(
            "no tokenizer", Assert.Throws<FileNotFoundException>(() => TextEncoder.LoadOnnx(model, _folder["empty"])).Message,
            StringComparison.Ordinal);
        File.WriteAllText(_folder["other.json"], """{"model_type": "bert"}""");
        Assert.Contains(
            "not its configuration", Assert.Throws<InvalidDataException>(() => TextEncoder.LoadOnnx(model, _folder["other.json"])).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "Pooling is 9",
            Assert.Throws<ArgumentException>(
                () => TextEncoder.LoadOnnx(model, Vocabulary(), new OnnxEncoderOptions { Pooling = (TokenPooling)9 }))
                .Message, StringComparison.Ordinal);
        Assert.Contains(
            "one vector for each token",
            Assert.Throws<ArgumentException>(
                () => TextEncoder.LoadOnnx(
                    model, Vocabulary(), new OnnxEncoderOptions { OutputName = "last_hidden_state", Pooling = TokenPooling.None }))
                    .Message, StringComparison.Ordinal);
        Assert.Contains(
            "'logits'",
            Assert.Throws<ArgumentException>(
                () => TextEncoder.LoadOnnx(model, Vocabulary(), new OnnxEncoderOptions { OutputName = "logits" }))
                .Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LoadOnnx_GraphThatIsNoEncoder_IsRefusedWithItsInputs()
    {
        string image = Model(
            new OnnxGraphs()
            .Input("pixels", DataType.Float, new() { DimValue = 1 }, new() { DimValue = 3 }, new() { DimValue = 8 }, new() { DimValue = 8 })
            .Ids().Output("last_hidden_state"));
        Assert.Contains(
            "'pixels' (Float [1, 3, 8, 8])", Assert.Throws<NotSupportedException>(() => TextEncoder.LoadOnnx(image, Vocabulary())).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void LoadOnnx_UnknownPoolingInTheFolder_IsRefusedByName()
    {
        string folder = _folder["folder"];
        TextEncoder.LoadOnnx(Model(Bert()), Vocabulary()).Save(folder);
        File.WriteAllText(Path.Combine(folder, "1_Pooling", "config.json"), """{"pooling_mode": "attention"}""");
        Bert().Write(Path.Combine(folder, "onnx", "model.onnx"));
        Assert.Contains(
            "'attention'", Assert.Throws<NotSupportedException>(() => TextEncoder.Load(folder)).Message, StringComparison.Ordinal);
    }

    private static OnnxGraphs Bert() => new OnnxGraphs().Ids().Added("attention_mask").Added("token_type_ids").Output("last_hidden_state");

    /// <summary>The embedding in plain loops: a row a token, 0.1 more for its mask.</summary>
    private static double[] Slow(OnnxGraphs graph, int[] ids, TokenPooling pooling)
    {
        double[][] rows = [.. ids.Select(id => Enumerable.Range(0, 4).Select(d => (double)graph.Table[id * 4 + d] + 0.1f).ToArray())];
        return [.. Enumerable.Range(0, 4).Select(d => pooling switch
        {
            TokenPooling.Mean => rows.Average(r => r[d]),
            TokenPooling.FirstToken => rows[0][d],
            TokenPooling.Max => rows.Max(r => r[d]),
            _ => rows[^1][d],
        })];
    }

    private static void AssertNear(double[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.InRange(actual[i], expected[i] - Tolerance, expected[i] + Tolerance);
        }
    }

    private string Model(OnnxGraphs graph)
    {
        graph.Write(_folder["model.onnx"]);
        return _folder["model.onnx"];
    }

    private string Vocabulary()
    {
        File.WriteAllLines(_folder["vocab.txt"], s_vocabulary);
        return _folder["vocab.txt"];
    }

    private sealed class Row
    {
        public string Text { get; set; } = "";

        [VectorType(2)]
        public float[] Embedding { get; set; } = [];
    }
}
