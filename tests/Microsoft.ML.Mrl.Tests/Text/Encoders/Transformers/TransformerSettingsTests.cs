using System.Text.Json.Nodes;

namespace Microsoft.ML.Mrl.Tests.Text.Encoders.Transformers;

/// <summary>Settings of transformer folders: each is honoured, or refused by its name.</summary>
public sealed class TransformerSettingsTests : IDisposable
{
    // [CLS] is 4, [SEP] 5, [UNK] 3, a 8, b 9, ##b 25 in the vocabulary of 40, of which the last is ##p.
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("added_tokens.json", """{"New": 39}""", "a new b", 4, 8, 39, 9, 5)]
    [InlineData(
        "tokenizer_config.json", """{"added_tokens_decoder": {"39": {"content": "New", "normalized": true, "special": false}}}""",
        "a NEW b", 4, 8, 39, 9, 5)]
    [InlineData(
        "tokenizer_config.json", """{"added_tokens_decoder": {"39": {"content": "New", "normalized": false, "special": true}}}""",
        "aNewb new", 4, 8, 39, 9, 3, 5)]
    [InlineData(
        "tokenizer_config.json", """{"added_tokens_decoder": {"39": {"content": "New", "normalized": false, "single_word": true}}}""",
        "aNew New", 4, 3, 39, 5)]
    [InlineData("tokenizer_config.json", """{"additional_special_tokens": ["b"]}""", "ab", 4, 8, 9, 5)]
    [InlineData("special_tokens_map.json", """{"mask_token": "b"}""", "ab", 4, 8, 9, 5)]
    public void Load_AddedTokens_AreFound(string file, string content, string text, params int[] expected)
    {
        Folder();
        File.WriteAllText(_folder[file], content);

        Assert.Equal(expected, Load().Tokenizer.Encode(text));
    }

    [Fact]
    public void Load_AddedTokensOfTokenizerJson_AreFound()
    {
        Folder(tokenizerJson: true,
            added: """{"id":39,"content":"New York","single_word":false,"lstrip":false,"rstrip":false,"normalized":true,"special":false}""");

        Assert.Equal([4, 8, 39, 9, 5], Load().Tokenizer.Encode("A new york B"));
    }

    [Fact]
    public void Load_DoLowerCaseOfTheModule_LeavesTokensThatAreFoundAsTheyAre()
    {
        Folder();
        File.WriteAllText(_folder["tokenizer_config.json"], """{"do_lower_case": false}""");
        Assert.Equal([4, 3, 6, 5], Load().Tokenizer.Encode("A[MASK]"));

        File.WriteAllText(_folder["sentence_bert_config.json"], """{"max_seq_length": 9, "do_lower_case": true}""");
        Assert.Equal([4, 8, 6, 9, 5], Load().Tokenizer.Encode("A[MASK]B"));
        Assert.Equal(9, Load().MaxLength);
    }

    [Theory]
    [InlineData("""{"truncation_side": "left"}""", null, 4, 9, 8, 5)]
    [InlineData("""{"truncation_side": "right"}""", "Left", 4, 8, 9, 5)]
    [InlineData("{}", "Left", 4, 9, 8, 5)]
    [InlineData("{}", "Right", 4, 8, 9, 5)]
    public void Load_TruncationSide_IsThatOfTheSettingsAndThenOfTheTokenizer(string settings, string? direction, params int[] expected)
    {
        Folder(tokenizerJson: direction is not null, truncation: direction is null ? "null"
            : $$"""{"direction":"{{direction}}","max_length":99,"strategy":"LongestFirst","stride":0}""");
        File.WriteAllText(_folder["tokenizer_config.json"], settings);

        Assert.Equal(expected, Load().Tokenizer.Encode("a b c b a", 4));
    }

    [Theory]
    [InlineData(
        """{"type":"Sequence","normalizers":[{"type":"Strip"},{"type":"Lowercase"}]}""", """{"type":"BertPreTokenizer"}""", 100,
        "Sequence")]
    [InlineData("""{"type":"BertNormalizer","clean_text":false,"lowercase":true}""", """{"type":"BertPreTokenizer"}""", 100, "clean_text")]
    [InlineData("""{"type":"BertNormalizer","lowercase":true}""", """{"type":"WhitespaceSplit"}""", 100, "WhitespaceSplit")]
    [InlineData("""{"type":"BertNormalizer","lowercase":true}""", """{"type":"BertPreTokenizer"}""", 7, "at most 7")]
    [InlineData("""{"type":"BertNormalizer","lowercase":false}""", """{"type":"BertPreTokenizer"}""", 100, "do_lower_case")]
    public void Load_TokenizerJsonThatBertsClassWouldPassOver_IsRefusedOrTakenWhole(
        string normalizer, string preTokenizer, int longest, string named)
    {
        Folder(tokenizerJson: true, normalizer: normalizer, preTokenizer: preTokenizer, longest: longest);
        Assert.Contains(
            named, Assert.Throws<NotSupportedException>(() => TextEncoder.Load(_folder.Path)).Message, StringComparison.Ordinal);

        File.WriteAllText(_folder["tokenizer_config.json"], """{"tokenizer_class": "PreTrainedTokenizerFast"}""");
        int[] ids = Load().Tokenizer.Encode("A é");

        // The file has no post-processor, and so no special tokens; é is none of its tokens, unless accents are stripped.
        Assert.Equal(named == "do_lower_case" ? [3, 3] : named is "Sequence" ? [8, 3] : [8, 12], ids);
    }

    [Theory]
    [InlineData("sentence_bert_config.json", """{"query_expansion": {"strategy": "fixed"}}""", "query_expansion")]
    [InlineData("sentence_bert_config.json", """{"transformer_task": "fill-mask"}""", "transformer_task")]
    [InlineData("sentence_bert_config.json", """{"processing_kwargs": {"text": {"max_length": 3}}}""", "processing_kwargs")]
    [InlineData("sentence_bert_config.json", """{"modality_config": {"image": {"method": "forward"}}}""", "modality_config")]
    [InlineData("sentence_bert_config.json", """{"tokenizer_args": {"do_lower_case": false}}""", "tokenizer_args")]
    [InlineData("1_Pooling/config.json", """{"pooling_mode": "mean", "pooling_temperature": 2}""", "pooling_temperature")]
    [InlineData("3_Normalize/config.json", """{"module_input_name": "token_embeddings"}""", "module_input_name")]
    [InlineData("tokenizer_config.json", """{"split_special_tokens": true}""", "split_special_tokens")]
    [InlineData("tokenizer_config.json", """{"truncation_side": "both"}""", "truncation_side")]
    public void Load_SettingThatIsNotKnown_IsRefusedByName(string file, string content, string key)
    {
        Folder();
        Directory.CreateDirectory(_folder["3_Normalize"]);
        File.WriteAllText(_folder[file], content);

        Assert.Contains(key, Assert.Throws<NotSupportedException>(() => TextEncoder.Load(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_WhatNewerVersionsWrite_IsRead()
    {
        Folder();
        float[] expected = Load().Encode("a b");
        Directory.CreateDirectory(_folder["3_Normalize"]);
        File.WriteAllText(
            _folder["3_Normalize/config.json"],
            """{"module_input_name": "sentence_embedding", "module_output_name": "sentence_embedding"}""");
        File.WriteAllText(
            _folder["1_Pooling/config.json"], """{"embedding_dimension": 12, "pooling_mode": "mean", "include_prompt": true}""");
        File.WriteAllText(_folder["sentence_bert_config.json"], """
            {"transformer_task": "feature-extraction", "modality_config": {"text": {"method": "forward", "method_output_name": "last_hidden_state"}},
             "module_output_name": "token_embeddings", "unpad_inputs": null, "max_seq_length": 64, "do_lower_case": false}
            """);

        Assert.Equal(expected, Load().Encode("a b"));
    }

    [Fact]
    public void Encode_PromptThatIsLeftOutOfTheMean_IsRefused()
    {
        Folder();
        File.WriteAllText(_folder["1_Pooling/config.json"], """{"pooling_mode": "mean", "include_prompt": false}""");
        File.WriteAllText(_folder["config_sentence_transformers.json"], """{"prompts": {"query": "a b", "plain": ""}}""");
        TextEncoder encoder = TextEncoder.Load(_folder.Path);

        Assert.Equal(encoder.Encode("a"), encoder.Encode("a", "plain"));
        Assert.Contains(
            "include_prompt", Assert.Throws<NotSupportedException>(() => encoder.Encode("a", "query")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""["mean", "cls"]""", "mean", "cls")]
    [InlineData("""["max", "mean_sqrt_len_tokens", "cls"]""", "max", "mean_sqrt_len_tokens", "cls")]
    [InlineData("""["mean", "mean"]""", "mean", "mean")]
    public void Load_SeveralPoolingModes_AreJoinedInTheOrderOfTheList(string list, params string[] modes)
    {
        float[] expected = [.. modes.SelectMany((mode, i) =>
        {
            RandomModel.Write(_folder[$"one{i}"], RandomModel.Config("bert"), $$"""{"pooling_mode": "{{mode}}"}""");
            File.WriteAllText(_folder[$"one{i}/modules.json"], WithoutLast(_folder[$"one{i}/modules.json"]));
            return TextEncoder.Load(_folder[$"one{i}"]).Encode("a bc");
        })];
        RandomModel.Write(_folder["all"], RandomModel.Config("bert"), $$"""{"pooling_mode": {{list}}}""");
        File.WriteAllText(_folder["all/modules.json"], WithoutLast(_folder["all/modules.json"]));

        TextEncoder encoder = TextEncoder.Load(_folder["all"]);
        encoder.ExportToOnnx(_folder["onnx"]);

        Assert.Equal(expected.Length, encoder.Dimensions);
        Assert.InRange(GoldenEncoder.Gap(expected, encoder.Encode("a bc")), 0, 1e-6);
        OnnxTextEncoder graph = TextEncoder.LoadOnnx(_folder["onnx/onnx/model.onnx"], _folder["onnx"]);
        Assert.InRange(GoldenEncoder.Gap(expected, graph.Encode("a bc")), 0, 1e-6);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Load_DenseWithAResidual_AddsIt(bool changesWidth)
    {
        int outputs = changesWidth ? 5 : RandomModel.Hidden;
        RandomModel.Write(_folder["m"], RandomModel.Config("bert"), """{"pooling_mode": "mean"}""");
        float[] pooled = Unnormalized("m");
        JsonArray modules = [
            .. ((JsonArray)JsonNode.Parse(File.ReadAllText(_folder["m/modules.json"]))!).Take(2).Select(m => m!.DeepClone())];
        modules.Add(
            new JsonObject { ["idx"] = 2, ["name"] = "2", ["path"] = "2_Dense",
            ["type"] = "sentence_transformers.base.modules.dense.Dense" });
        File.WriteAllText(_folder["m/modules.json"], modules.ToJsonString());
        Directory.CreateDirectory(_folder["m/2_Dense"]);
        File.WriteAllText(
            _folder["m/2_Dense/config.json"],
            $$"""{"in_features": 12, "out_features": {{outputs}}, "bias": false, "activation_function": "torch.nn.modules.activation.Tanh", "use_residual": true}""");
        (string, long[])[] tensors = [("linear.weight", [outputs, 12]), ("residual.weight", [outputs, 12])];
        RandomModel.WriteTensors(
            _folder["m/2_Dense/model.safetensors"], changesWidth ? tensors : tensors[..1], new Random(3),
            Microsoft.ML.Mrl.Files.Safetensors.SafetensorsDataType.F32);
        using var file = Microsoft.ML.Mrl.Files.Safetensors.SafetensorsFile.Open(_folder["m/2_Dense/model.safetensors"]);
        float[] weight = file.ReadSingles(file.Find("linear.weight"));
        float[]? residual = changesWidth ? file.ReadSingles(file.Find("residual.weight")) : null;

        double[] expected = [
            .. Enumerable.Range(0, outputs).Select(o => Math.Tanh(pooled.Select((x, i) => (double)x * weight[o * 12 + i]).Sum())
            + (residual is null ? pooled[o] : pooled.Select((x, i) => (double)x * residual[o * 12 + i]).Sum()))];
        Assert.InRange(GoldenEncoder.Gap([.. expected.Select(v => (float)v)], TextEncoder.Load(_folder["m"]).Encode("a bc")), 0, 1e-5);
    }

    private float[] Unnormalized(string name)
    {
        string modules = File.ReadAllText(_folder[name + "/modules.json"]);
        File.WriteAllText(_folder[name + "/modules.json"], WithoutLast(_folder[name + "/modules.json"]));
        float[] pooled = TextEncoder.Load(_folder[name]).Encode("a bc");
        File.WriteAllText(_folder[name + "/modules.json"], modules);
        return pooled;
    }

    private static string WithoutLast(string path)
    {
        var modules = (JsonArray)JsonNode.Parse(File.ReadAllText(path))!;
        modules.RemoveAt(modules.Count - 1);
        return modules.ToJsonString();
    }

    private TransformerTextEncoder Load() => (TransformerTextEncoder)TextEncoder.Load(_folder.Path);

    private void Folder(
        bool tokenizerJson = false, string added = "", string truncation = "null",
        string normalizer =
            """{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true}""",
        string preTokenizer = """{"type":"BertPreTokenizer"}""", int longest = 100)
    {
        RandomModel.Write(_folder.Path, RandomModel.Config("bert"), """{"pooling_mode": "mean"}""");
        string[] tokens = File.ReadAllLines(_folder["vocab.txt"])[..39];
        File.WriteAllLines(_folder["vocab.txt"], tokens);
        if (tokenizerJson)
        {
            var vocabulary = new JsonObject();
            foreach (string token in tokens)
            {
                vocabulary.Add(token, vocabulary.Count);
            }
            File.WriteAllText(_folder["tokenizer.json"], $$$"""
                {"version":"1.0","truncation":{{{truncation}}},"padding":null,"added_tokens":[{{{added}}}],"normalizer":{{{normalizer}}},"pre_tokenizer":{{{preTokenizer}}},"post_processor":null,"decoder":null,
                 "model":{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##","max_input_chars_per_word":{{{longest}}},"vocab":{{{vocabulary.ToJsonString()}}}}}
                """);
        }
    }
}
