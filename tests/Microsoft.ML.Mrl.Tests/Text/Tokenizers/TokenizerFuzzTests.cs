using System.Text;
using System.Text.Json.Nodes;
using Microsoft.ML.Mrl.Tests.Export;
using Microsoft.ML.Mrl.Tests.Text.Encoders;
using Microsoft.ML.Mrl.Text.Tokenizers;

namespace Microsoft.ML.Mrl.Tests.Text.Tokenizers;

/// <summary>Damaged files are refused by name or give some tokens; nothing else comes out of the readers.</summary>
public class TokenizerFuzzTests(ITestOutputHelper output)
{
    private static readonly string Data = Path.Combine(Repository.Root, "tests/Microsoft.ML.Mrl.Tests/Text/Tokenizers/Data");

    private static readonly string[] Texts = ["", "the cat's 23 ﬁne e\u0301 😀 <mask>", "a\n b"];

    [Fact]
    public void TokenizerJson_OfBytePairs() =>
        Fuzz("bpe", Encoding.UTF8.GetBytes(SlowBytePairs.Learn("the thing the cat sings", 8).Json()), 500, bytes =>
            TokenizerFile.ParseWhole(bytes, "tokenizer.json").Tokenizer);

    [Fact]
    public void TokenizerJson_OfUnigram()
    {
        byte[] map = Microsoft.ML.Mrl.Text.Tokenizers.SentencePieceModel.Parser.ParseFrom(
            File.ReadAllBytes(Path.Combine(Data, "unigram.model"))).Normalizer.PrecompiledCharsmap.ToByteArray();
        string json = new JsonObject
        {
            ["normalizer"] = new JsonObject { ["type"] = "Precompiled", ["precompiled_charsmap"] = Convert.ToBase64String(map) },
            ["pre_tokenizer"] = JsonNode.Parse(
                """{"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},{"type":"Metaspace","replacement":"▁","prepend_scheme":"always"}]}"""),
            ["post_processor"] = JsonNode.Parse(
                """{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>"}},{"Sequence":{"id":"A"}},{"SpecialToken":{"id":"</s>"}}],"special_tokens":{"<s>":{"ids":[0]},"</s>":{"ids":[2]}}}"""),
            ["model"] = JsonNode.Parse(
                """{"type":"Unigram","unk_id":1,"vocab":[["<s>",0],["<unk>",0],["</s>",0],["▁the",-2.5],["▁",-3],["c",-4],["at",-5]]}"""),
        }.ToJsonString();
        Fuzz("unigram", Encoding.UTF8.GetBytes(json), 500, bytes => TokenizerFile.ParseWhole(bytes, "tokenizer.json").Tokenizer);
    }

    [Theory]
    [InlineData("unigram")]
    [InlineData("bpe")]
    [InlineData("bpe_unused")]
    public void SentencePieceModel(string name) =>
        Fuzz(name, TokenizerData.Model(name), 500, bytes => SentencePieceFile.Parse(bytes, "m", 1, 3, []));

    [Fact]
    public void CharacterMap()
    {
        byte[] map = Microsoft.ML.Mrl.Text.Tokenizers.SentencePieceModel.Parser.ParseFrom(
            File.ReadAllBytes(Path.Combine(Data, "unigram.model"))).Normalizer.PrecompiledCharsmap.ToByteArray();
        var random = new Random(3);
        for (int i = Mutation.Count(2000); i > 0; i--)
        {
            // Units of the trie whatever they are: only lengths are checked when reading.
            byte[] damaged = [.. map];
            for (int changes = random.Next(1, 30); changes > 0; changes--)
            {
                damaged[random.Next(4, damaged.Length)] = (byte)random.Next(256);
            }
            try
            {
                CharacterMap read = global::Microsoft.ML.Mrl.Text.Tokenizers.CharacterMap.Read(damaged, "map");
                foreach (string text in Texts)
                {
                    new PrecompiledNormalizer(read).Apply(text, new CharBuffer());
                    new SentencePieceNormalizer(read, addsPrefix: true, dropsExtra: true, marks: true).Apply(text, new CharBuffer());
                }
            }
            catch (InvalidDataException)
            {
            }
        }
    }

    [Fact]
    public void MergesText() => Fuzz("merges", Encoding.UTF8.GetBytes("#version: 0.2\nt h\nth e\na t\nc at\n"), 2000, bytes =>
    {
        var vocabulary = new TokenVocabulary(
            [.. new[] { "t", "h", "e", "a", "c", "th", "the", "at", "cat" }.Select((t, i) => KeyValuePair.Create(t, i))]);
        BytePairMerges merges = BytePairMerges.From(BytePairMerges.ReadLines(bytes, "merges.txt"), vocabulary, "", "merges.txt");
        return new JsonTokenizer(
            null, [], new BytePairModel(vocabulary, merges, new BytePairOptions()), new Dictionary<string, int> { ["t"] = 0 }, []);
    });

    private void Fuzz(string name, byte[] good, int usual, Func<byte[], JsonTokenizer> read)
    {
        var random = new Random(8);
        int refused = 0, files = Mutation.Count(usual);
        for (int i = 0; i < files; i++)
        {
            byte[] damaged = Mutation.Of(good, random);
            try
            {
                JsonTokenizer tokenizer = read(damaged);
                foreach (string text in Texts)
                {
                    StaticEncoders.Ids(tokenizer, text, tokenizer.UnknownId);
                }
            }
            catch (Exception e) when (e is InvalidDataException or NotSupportedException)
            {
                Assert.NotEmpty(e.Message);
                refused++;
            }
        }
        output.WriteLine($"{name}: {refused} of {files} damaged files refused");
        Assert.InRange(refused, files / 20, files);
    }
}
