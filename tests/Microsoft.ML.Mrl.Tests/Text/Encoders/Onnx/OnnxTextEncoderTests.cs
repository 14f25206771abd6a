using System.Text.Json;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Export.Onnx;
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

    [Theory]
    [InlineData(1, null)]
    [InlineData(2, null)]
    [InlineData(null, 12)]
    [InlineData(1, 12)]
    [InlineData(4, 12)]
    public void LoadOnnx_GraphOfFixedSize_GivesWhatTheFreeOneGives(int? rows, int? length)
    {
        string[] texts = ["a b", "c", "d e f g", "", "h i j"];
        TextEncoder free = TextEncoder.LoadOnnx(Model(Bert()), Vocabulary());
        var expected = new float[texts.Length * free.Dimensions];
        free.Encode(texts, expected, cancellationToken: TestContext.Current.CancellationToken);
        OnnxGraphs graph = OnnxGraphs.Fixed(rows, length).Ids().Added("attention_mask").Added("token_type_ids").Output("last_hidden_state");

        OnnxTextEncoder encoder = TextEncoder.LoadOnnx(Model(graph), Vocabulary());
        var got = new float[expected.Length];
        encoder.Encode(texts, got, cancellationToken: TestContext.Current.CancellationToken);

        AssertNear([.. expected.Select(v => (double)v)], got);
        Assert.Equal(length ?? 512, encoder.MaxLength);
        Assert.Equal(4, encoder.Encode(string.Join(' ', Enumerable.Repeat("a", 100))).Length);
    }

    [Fact]
    public void LoadOnnx_GraphOfFixedLengthWithoutMask_IsRefused() =>
        Assert.Contains(
            "exactly 12 tokens and has no mask",
            Assert.Throws<NotSupportedException>(
                () => TextEncoder.LoadOnnx(Model(OnnxGraphs.Fixed(1, 12).Ids().Output("last_hidden_state")), Vocabulary())).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void LoadOnnx_ScoresOfWordsOrClasses_AreNoEmbeddings(bool isPooled)
    {
        OnnxGraphs bare = new OnnxGraphs().Ids().Added("attention_mask");
        string model = Model(isPooled ? bare.Pooled("logits") : bare.Output("logits"));
        Assert.Contains("'logits' (Float", Assert.Throws<NotSupportedException>(
            () => TextEncoder.LoadOnnx(model, Vocabulary())).Message, StringComparison.Ordinal);
        // Named, they are what was asked for.
        Assert.Equal(4, TextEncoder.LoadOnnx(model, Vocabulary(), new OnnxEncoderOptions { OutputName = "logits" }).Dimensions);
    }

    [Fact]
    public void LoadOnnx_PoolingOfTheGraphAskedOfTokenVectors_SaysWhatToChoose() =>
        Assert.Contains(
            "Mean, FirstToken, Max or LastToken",
            Assert.Throws<ArgumentException>(
                () => TextEncoder.LoadOnnx(Model(Bert()), Vocabulary(), new OnnxEncoderOptions { Pooling = TokenPooling.None })).Message,
            StringComparison.Ordinal);

    [Fact]
    public void LoadOnnx_WrongKindsOfFiles_AreNamed()
    {
        string model = Model(Bert());
        string pointer = _folder["pointer.onnx"];
        File.WriteAllText(pointer, "version https://git-lfs.github.com/spec/v1\noid sha256:4d\nsize 90893304\n");
        File.Copy(pointer, _folder["pointer.json"]);

        Assert.Contains(
            "is a folder", Assert.Throws<FileNotFoundException>(() => TextEncoder.LoadOnnx(_folder.Path, Vocabulary())).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "There is no model", Assert.Throws<FileNotFoundException>(
                () => TextEncoder.LoadOnnx(Path.Combine(_folder["nowhere"], "model.onnx"), Vocabulary())).Message, StringComparison.Ordinal);
        Assert.Contains(
            "git lfs pull", Assert.Throws<InvalidDataException>(() => TextEncoder.LoadOnnx(pointer, Vocabulary())).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "git lfs pull", Assert.Throws<InvalidDataException>(() => TextEncoder.LoadOnnx(model, _folder["pointer.json"])).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "is an ONNX model, not a tokenizer", Assert.Throws<InvalidDataException>(() => TextEncoder.LoadOnnx(model, model)).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "load an .onnx file with LoadOnnx",
            Assert.Throws<DirectoryNotFoundException>(() => TextEncoder.Load(model)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Encode_TokenizerOfALargerModel_SaysSo()
    {
        string model = Model(Bert());
        File.WriteAllLines(_folder["vocab.txt"], s_vocabulary.Concat(Enumerable.Range(0, 60).Select(i => $"w{i}")));
        OnnxTextEncoder encoder = TextEncoder.LoadOnnx(model, _folder["vocab.txt"]);

        Assert.Contains(
            "the token 77, but the graph has vectors for 40 tokens",
            Assert.Throws<InvalidOperationException>(() => encoder.Encode("w59")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LoadOnnx_DefaultPromptWithoutItsWords_IsRefused() =>
        Assert.Contains(
            "DefaultPrompt is 'query'",
            Assert.Throws<ArgumentException>(
                "options", () => TextEncoder.LoadOnnx(Model(Bert()), Vocabulary(), new OnnxEncoderOptions { DefaultPrompt = "query" }))
                .Message, StringComparison.Ordinal);

    [Fact]
    public void Load_FolderWithPoolingButNoListOfModules_PoolsSo()
    {
        string folder = HuggingFace("onnx/model.onnx");
        Directory.CreateDirectory(Path.Combine(folder, "1_Pooling"));
        File.WriteAllText(
            Path.Combine(folder, "1_Pooling", "config.json"), """{"word_embedding_dimension": 4, "pooling_mode_cls_token": true}""");
        TextEncoder first = TextEncoder.LoadOnnx(
            Model(Bert()), Vocabulary(), new OnnxEncoderOptions { Pooling = TokenPooling.FirstToken });

        TextEncoder encoder = TextEncoder.Load(folder);
        encoder.Save(_folder["again"]);

        Assert.Equal(first.Encode("a b"), encoder.Encode("a b"));
        // Python reads the list.
        Assert.Contains("1_Pooling", File.ReadAllText(Path.Combine(_folder["again"], "modules.json")), StringComparison.Ordinal);
        Assert.Equal(first.Encode("a b"), TextEncoder.Load(_folder["again"]).Encode("a b"));
    }

    [Fact]
    public void Load_FolderWithOneGraphOfAnotherName_TakesIt()
    {
        string folder = HuggingFace("onnx/model_quantized.onnx");
        Assert.Equal(TextEncoder.LoadOnnx(Model(Bert()), Vocabulary()).Encode("a b"), TextEncoder.Load(folder).Encode("a b"));

        Bert().Write(Path.Combine(folder, "onnx", "model_fp16.onnx"));
        string message = Assert.Throws<NotSupportedException>(() => TextEncoder.Load(folder)).Message;
        Assert.Contains("model_quantized.onnx", message, StringComparison.Ordinal);
        Assert.Contains("TextEncoder.LoadOnnx(path, folder)", message, StringComparison.Ordinal);
    }

    [Fact]
    public void ExportToOnnx_OfAnExportedEncoder_NamesTheNewOneAlone()
    {
        string folder = HuggingFace("onnx/model.onnx");
        File.WriteAllText(
            Path.Combine(folder, "config_sentence_transformers.json"),
            """{"prompts": {"query": "query: "}, "similarity_fn_name": "dot", "matryoshka_dimensions": [2, 4], "mine": 7}""");
        TextEncoder encoder = TextEncoder.Load(folder);
        encoder.Save(_folder["saved"]);
        encoder.WithDimensions(2).ExportToOnnx(_folder["cut"]);
        OnnxTextEncoder cut = TextEncoder.LoadOnnx(
            Path.Combine(_folder["cut"], "onnx", "model.onnx"), _folder["cut"], new OnnxEncoderOptions { Normalize = false });

        cut.ExportToOnnx(_folder["twice"]);

        // Of the settings that are not read nothing is lost, and both files name the dimensions.
        string settings = File.ReadAllText(Path.Combine(_folder["saved"], "config_sentence_transformers.json"));
        Assert.All(["\"dot\"", "\"mine\"", "query: ", "is_matryoshka"], part => Assert.Contains(part, settings, StringComparison.Ordinal));
        using JsonDocument config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(_folder["saved"], "config.json")));
        Assert.True(config.RootElement.GetProperty("is_matryoshka").GetBoolean());
        Assert.Equal([2, 4], config.RootElement.GetProperty("matryoshka_dimensions").EnumerateArray().Select(d => d.GetInt32()));
        Assert.Equal((2, "2"), (cut.Dimensions, cut.TrainedDimensions!.ToString()));
        Assert.Equal(encoder.Encode("a")[..2], cut.Encode("a"));
        ModelProto model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(Path.Combine(_folder["twice"], "onnx", "model.onnx")));
        Assert.Equal(model.MetadataProps.Count, model.MetadataProps.Select(p => p.Key).Distinct().Count());
        Assert.Equal(cut.Fingerprint, model.MetadataProps.Single(p => p.Key == "mrl.encoder_fingerprint").Value);
        Assert.Equal("2", model.MetadataProps.Single(p => p.Key == "mrl.dimensions").Value);
    }

    private string HuggingFace(string model)
    {
        string folder = _folder["hub"];
        Bert().Write(Path.Combine(folder, model));
        File.WriteAllText(Path.Combine(folder, "config.json"), """{"model_type": "bert", "max_position_embeddings": 64}""");
        File.WriteAllLines(Path.Combine(folder, "vocab.txt"), s_vocabulary);
        return folder;
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
