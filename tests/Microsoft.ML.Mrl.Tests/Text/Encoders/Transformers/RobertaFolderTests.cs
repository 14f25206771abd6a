using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.Mrl.Tests.Text.Tokenizers;
using Microsoft.ML.Mrl.Text.Encoders;
using Microsoft.ML.Mrl.Text.Tokenizers;

namespace Microsoft.ML.Mrl.Tests.Text.Encoders.Transformers;

public sealed class RobertaFolderTests : IDisposable
{
    private const string Text = "the cat's there, 中 <mask> abc";

    private static readonly SlowBytePairs Slow = SlowBytePairs.Learn("the thing that sings the cat's 中 abc abab", 20);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("roberta.")]
    public void Roberta_OfEitherFilesAndNames_GivesTheSameTokensAndEmbeddings(string prefix)
    {
        WriteRoberta("fast", name => prefix + name, fast: true);
        WriteRoberta("slow", name => prefix + name, fast: false);
        var fast = (TransformerTextEncoder)TextEncoder.Load(_folder["fast"]);
        var slow = (TransformerTextEncoder)TextEncoder.Load(_folder["slow"]);

        // <mask> takes the blank before it, as the reference has it.
        int[] expected = [0, .. Slow.Ids("the cat's there, 中"), Slow.Vocabulary["<mask>"], .. Slow.Ids(" abc"), 2];
        Assert.Equal(expected, fast.Tokenize(Text));
        Assert.Equal(expected, slow.Tokenize(Text));
        Assert.Equal(fast.Encode(Text), slow.Encode(Text));
        Assert.Equal(("roberta", 298), (fast.ModelType, fast.MaxLength));
        Assert.Equal([0, 2], fast.Tokenize(""));
        Assert.Equal(298, fast.Tokenize(string.Concat(Enumerable.Repeat("z", 1 << 20))).Length);
    }

    [Theory]
    [InlineData("sentence_bert_config.json", """{"max_seq_length": 5}""")]
    [InlineData("tokenizer_config.json", """{"model_max_length": 5}""")]
    public void MaxLength_OfTheFiles_CutsTheText(string file, string json)
    {
        WriteRoberta("m", fast: true);
        File.WriteAllText(_folder[$"m/{file}"], json);

        var encoder = (TransformerTextEncoder)TextEncoder.Load(_folder["m"]);

        Assert.Equal([0, .. Slow.Ids("the cat's there").Take(3), 2], encoder.Tokenize("the cat's there"));
    }

    [Fact]
    public void XlmRoberta_OfASentencePieceModel_ShiftsIds()
    {
        JsonTokenizer pieces = WriteXlmRoberta("m", "xlm-roberta");
        var encoder = (TransformerTextEncoder)TextEncoder.Load(_folder["m"]);
        int mask = encoder.Model.Config.Vocabulary - 1;

        int[] Shifted(string text) => [.. StaticEncoders.Ids(pieces, text, 0).Select(id => id == 0 ? 3 : id + 1)];

        Assert.Equal([0, .. Shifted("A man ꙮ"), mask, .. Shifted("sings"), 2], encoder.Tokenize("A man ꙮ  <mask>sings"));
        Assert.All(encoder.Encode("A man sings"), v => Assert.True(float.IsFinite(v)));
    }

    [Fact]
    public void Camembert_OfASentencePieceModel_ShiftsIdsByFour()
    {
        JsonTokenizer pieces = WriteXlmRoberta("m", "camembert");
        var encoder = (TransformerTextEncoder)TextEncoder.Load(_folder["m"]);

        Assert.Equal(
            [5, .. StaticEncoders.Ids(pieces, "A man ꙮ sings", 0).Select(id => id == 0 ? 3 : id + 4), 6],
            encoder.Tokenize("A man ꙮ sings"));
    }

    [Theory]
    [InlineData("tokenizer_config.json", """{"added_tokens_decoder": {"7": {"content": "qq", "normalized": false, "special": true}}}""")]
    [InlineData("added_tokens.json", """{"qq": 7}""")]
    public void Roberta_TokensThatWereAdded_AreFoundWhole_BehindTheVocabulary(string file, string json)
    {
        WriteRoberta("m", fast: false, vocabulary: Slow.Vocabulary.Count + 1);
        File.WriteAllText(_folder[$"m/{file}"], json);

        Assert.Equal(
            [0, .. Slow.Ids("a"), Slow.Vocabulary.Count, .. Slow.Ids("z"), 2],
            ((TransformerTextEncoder)TextEncoder.Load(_folder["m"])).Tokenize("aqqz"));
    }

    [Fact]
    public void XlmRoberta_TokensThatWereAddedToASentencePieceModel_AreRefusedByName()
    {
        WriteXlmRoberta("m", "xlm-roberta");
        File.WriteAllText(
            _folder["m/tokenizer_config.json"],
            """{"added_tokens_decoder": {"0": {"content": "<s>", "special": true}, "9": {"content": "<extra>", "special": true}}}""");

        Assert.Contains(
            "'<extra>'", Assert.Throws<NotSupportedException>(() => TextEncoder.Load(_folder["m"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void XlmRoberta_OfASentencePieceModelOfBytePairs_ShiftsIds()
    {
        JsonTokenizer pieces = WriteXlmRoberta("m", "xlm-roberta", "bpe");
        var encoder = (TransformerTextEncoder)TextEncoder.Load(_folder["m"]);

        Assert.Equal(
            [0, .. StaticEncoders.Ids(pieces, "A dog ꙮ singing", 0).Select(id => id == 0 ? 3 : id + 1), 2],
            encoder.Tokenize("A dog ꙮ singing"));
    }

    [Theory]
    [InlineData("roberta")]
    [InlineData("xlm-roberta")]
    public void Save_ThenLoad_KeepsAllFilesAndEmbeddings(string type)
    {
        if (type == "roberta")
        {
            WriteRoberta("m", fast: false);
            File.WriteAllText(_folder["m/tokenizer.json"], Slow.Json());
            File.WriteAllText(_folder["m/tokenizer_config.json"], """{"add_prefix_space": false}""");
            File.WriteAllText(_folder["m/special_tokens_map.json"], """{"mask_token": "<mask>"}""");
        }
        else
        {
            WriteXlmRoberta("m", type);
        }
        TextEncoder encoder = TextEncoder.Load(_folder["m"]);

        encoder.Save(_folder["copy"]);
        using var stream = new MemoryStream();
        encoder.Write(stream);
        stream.Position = 0;
        TextEncoder read = TextEncoder.Read(stream);

        string[] files = [.. Directory.EnumerateFiles(_folder["m"]).Select(Path.GetFileName).Order()!];
        Assert.Equal(
            [.. files, ModelCard.FileName], Directory.EnumerateFiles(_folder["copy"]).Select(Path.GetFileName)
            .OrderBy(name => name == ModelCard.FileName).ThenBy(name => name));
        Assert.All(files, file => Assert.Equal(File.ReadAllBytes(_folder[$"m/{file}"]), File.ReadAllBytes(_folder[$"copy/{file}"])));
        float[] expected = encoder.Encode(Text);
        Assert.Equal(expected, TextEncoder.Load(_folder["copy"]).Encode(Text));
        Assert.Equal(expected, read.Encode(Text));
        Assert.Equal(encoder.Fingerprint, read.Fingerprint);
    }

    [Fact]
    public void Load_WithoutMerges_NamesThem()
    {
        WriteRoberta("m", fast: false);
        File.Delete(_folder["m/merges.txt"]);

        Assert.Contains(
            "merges.txt", Assert.Throws<FileNotFoundException>(() => TextEncoder.Load(_folder["m"])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("#version: 0.2\nt\n", "line 2")]
    [InlineData("t h e\n", "line 1")]
    [InlineData("t Q!\n", "no token 'Q!'")]
    [InlineData("Q R\n", "no token 'QR'")]
    public void Load_MergesThatDoNotFit_SaysWhich(string merges, string part)
    {
        WriteRoberta("m", fast: false);
        File.WriteAllText(_folder["m/merges.txt"], merges);

        Assert.Contains(part, Assert.Throws<InvalidDataException>(() => TextEncoder.Load(_folder["m"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_WithoutATokenizer_NamesTheFilesThatWouldDo()
    {
        WriteRoberta("m", fast: true);
        File.Delete(_folder["m/tokenizer.json"]);

        string message = Assert.Throws<FileNotFoundException>(() => TextEncoder.Load(_folder["m"])).Message;
        Assert.All(
            ["tokenizer.json", "vocab.json", "merges.txt", "sentencepiece.bpe.model"],
            name => Assert.Contains(name, message, StringComparison.Ordinal));
    }

    [Fact]
    public void Load_VocabularyLargerThanTheTable_IsRefused()
    {
        WriteRoberta("m", fast: true, vocabulary: Slow.Vocabulary.Count - 1);

        string message = Assert.Throws<InvalidDataException>(() => TextEncoder.Load(_folder["m"])).Message;
        Assert.Contains($"{Slow.Vocabulary.Count} tokens", message, StringComparison.Ordinal);
        Assert.Contains($"{Slow.Vocabulary.Count - 1}", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        """{"type":"TemplateProcessing","single":[{"Sequence":{"id":"A"}},{"SpecialToken":{"id":"</s>"}}],"special_tokens":{}}""",
        typeof(NotSupportedException))]
    [InlineData("""{"type":"Unheard"}""", typeof(NotSupportedException))]
    [InlineData("""{"type":"RobertaProcessing","sep":["</s>",99999],"cls":["<s>",0]}""", typeof(InvalidDataException))]
    [InlineData("""{"type":"RobertaProcessing"}""", typeof(InvalidDataException))]
    [InlineData(
        """{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"x"}},{"Sequence":{"id":"A"}},{"SpecialToken":{"id":"x"}}],"special_tokens":{}}""", typeof(InvalidDataException))]
    public void Load_PostProcessorThatIsNotKnown_IsRefused(string processor, Type error)
    {
        WriteRoberta("m", fast: true);
        JsonNode json = JsonNode.Parse(Slow.Json())!;
        json["post_processor"] = JsonNode.Parse(processor);
        File.WriteAllText(_folder["m/tokenizer.json"], json.ToJsonString());

        Assert.Throws(error, () => TextEncoder.Load(_folder["m"]));
    }

    [Fact]
    public void Load_SentencePieceFileOfAnotherKindOrDamaged_IsRefused()
    {
        WriteXlmRoberta("m", "xlm-roberta");
        string path = _folder["m/sentencepiece.bpe.model"];
        byte[] good = File.ReadAllBytes(path);
        var model = Microsoft.ML.Mrl.Text.Tokenizers.SentencePieceModel.Parser.ParseFrom(good);
        model.Trainer.ModelType = 3;
        File.WriteAllBytes(path, Google.Protobuf.MessageExtensions.ToByteArray(model));
        Assert.Contains(
            "Unigram", Assert.Throws<NotSupportedException>(() => TextEncoder.Load(_folder["m"])).Message, StringComparison.Ordinal);

        File.WriteAllBytes(path, good[..^100]);
        Assert.Throws<InvalidDataException>(() => TextEncoder.Load(_folder["m"]));
        File.WriteAllBytes(path, []);
        Assert.Throws<InvalidDataException>(() => TextEncoder.Load(_folder["m"]));
    }

    private void WriteRoberta(string name, Func<string, string>? rename = null, bool fast = true, int? vocabulary = null)
    {
        JsonObject config = RandomModel.Config("roberta");
        config["vocab_size"] = vocabulary ?? Slow.Vocabulary.Count;
        RandomModel.Write(_folder[name], config, rename: rename);
        File.Delete(_folder[$"{name}/vocab.txt"]);
        if (fast)
        {
            File.WriteAllText(_folder[$"{name}/tokenizer.json"], Slow.Json());
            return;
        }
        File.WriteAllText(_folder[$"{name}/vocab.json"], JsonSerializer.Serialize(Slow.Vocabulary));
        File.WriteAllText(
            _folder[$"{name}/merges.txt"], "#version: 0.2\n" + string.Concat(Slow.Merges.Select(m => $"{m.Left} {m.Right}\n")),
            new UTF8Encoding(false));
    }

    private JsonTokenizer WriteXlmRoberta(string name, string type, string tokenizer = "unigram")
    {
        byte[] model = TokenizerData.Model(tokenizer);
        int pieces = Microsoft.ML.Mrl.Text.Tokenizers.SentencePieceModel.Parser.ParseFrom(model).Pieces.Count;
        JsonObject config = RandomModel.Config(type);
        config["vocab_size"] = pieces + (type == "camembert" ? 5 : 2);
        RandomModel.Write(_folder[name], config);
        File.Delete(_folder[$"{name}/vocab.txt"]);
        File.WriteAllBytes(_folder[$"{name}/sentencepiece.bpe.model"], model);
        return SentencePieceFile.Parse(model, "m", 0, 0, []);
    }
}
