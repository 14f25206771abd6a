using Microsoft.ML.Mrl.Tests.Text.Encoders;
using Microsoft.ML.Mrl.Text.Encoders.Static;
using Microsoft.ML.Mrl.Text.Tokenizers;

namespace Microsoft.ML.Mrl.Tests.Text.Tokenizers;

public class BytePairTests
{
    private const string Corpus =
        "the thing that sings: a man is playing, the cat's there; it'll be 23 the 中の 中 éé 😀😀 abc abc abab, ing ing \n\n  the end the";

    private static readonly SlowBytePairs Slow = SlowBytePairs.Learn(Corpus, 60);

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void Encode_RandomTexts_EqualsPlainLoops(bool addsPrefixSpace, bool listsPairs)
    {
        JsonTokenizer tokenizer = StaticEncoders.Parse(Slow.Json(addsPrefixSpace, listsPairs));
        var random = new Random(11);
        for (int i = 0; i < 2000; i++)
        {
            string text = RandomText.Of(random, 24, withHalves: true);
            Assert.Equal(Slow.Ids(RandomText.Repaired(text), addsPrefixSpace), StaticEncoders.Ids(tokenizer, text));
        }
    }

    // The words of the reference implementation's own tests (GPT-2's expression), and what follows from it.
    [Theory]
    [InlineData("Hello my friend, how is your day going?", "Hello|Ġmy|Ġfriend|,|Ġhow|Ġis|Ġyour|Ġday|Ġgoing|?")]
    [InlineData("Hello there\nHello there", "Hello|Ġthere|Ċ|Hello|Ġthere")]
    [InlineData("Hello there       dear", "Hello|Ġthere|ĠĠĠĠĠĠ|Ġdear")]
    [InlineData("i⭢j", "i|âŃ¢|j")]
    [InlineData("It's we'll WE'LL 'd", "It|'s|Ġwe|'ll|ĠWE|'|LL|Ġ'|d")]
    [InlineData("a \n b", "a|ĠĊ|Ġb")]
    [InlineData("a\n\n", "a|ĊĊ")]
    [InlineData("x²3 ٣", "x|Â²3|ĠÙ£")]
    [InlineData("\u00A0a", "ÂłĊ|a")]
    [InlineData("𝔘a", "ðĿĶĺa")]
    public void ByteLevel_CutsWords(string text, string words)
    {
        JsonTokenizer tokenizer = StaticEncoders.Parse(
            """{"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false},"model":{"type":"WordLevel","unk_token":"[UNK]","vocab":{"[UNK]":0}}}""");

        // U+00A0 is C2 A0.
        Assert.Equal(
            words.Replace("ÂłĊ", "Âł", StringComparison.Ordinal).Split('|'), StaticEncoders.Tokens(tokenizer, text).Select(t => t[1..]));
    }

    [Fact]
    public void ByteAlphabet_OfEveryByte_IsItsOwn()
    {
        char[] all = [.. Enumerable.Range(0, 256).Select(b => ByteAlphabet.Of((byte)b))];

        Assert.Equal(256, all.Distinct().Count());
        Assert.Equal(('Ġ', 'Ċ', 'A', 'Ń'), (all[' '], all['\n'], all['A'], all[0xAD]));
    }

    // Worked out by hand: l o w e r with the merges (l,o) (lo,w) (e,r).
    [Theory]
    [InlineData("lower", "low", "er")]
    [InlineData("lowlow", "low", "low")]
    [InlineData("wer", "w", "er")]
    [InlineData("lzzl", "l", "?z", "?z", "l")]
    public void Merges_ByRank_GiveTokens(string text, params string[] tokens) => Assert.Equal(tokens, StaticEncoders.Tokens(Small(), text));

    [Fact]
    public void UnknownCharacters_AreFusedWhereTheFileSaysSo() =>
        Assert.Equal(["l", "?zz", "l"], StaticEncoders.Tokens(Small(""" "fuse_unk":true, """), "lzzl"));

    [Fact]
    public void UnknownCharacters_WithoutAToken_AreLeftOut() =>
        Assert.Equal(
            ["l", "l"], StaticEncoders.Tokens(StaticEncoders.Parse("""{"model":{"type":"BPE","vocab":{"l":0},"merges":[]}}"""), "lzzl"));

    [Fact]
    public void UnknownCharacters_FallBackToTheirBytes() =>
        Assert.Equal(["a", "<0xC3>", "<0xA9>", "?ж"], StaticEncoders.Tokens(
            StaticEncoders.Parse(
                """{"model":{"type":"BPE","unk_token":"u","byte_fallback":true,"vocab":{"u":0,"a":1,"<0xC3>":2,"<0xA9>":3},"merges":[]}}"""), "aéж"));

    [Fact]
    public void WholeWords_ArePreferredWhereTheFileSaysSo()
    {
        Assert.Equal(["low", "er"], StaticEncoders.Tokens(Small(vocabulary: ""","lower":7 """), "lower"));
        Assert.Equal(["lower"], StaticEncoders.Tokens(Small(""" "ignore_merges":true, """, ""","lower":7 """), "lower"));
    }

    [Fact]
    public void PrefixAndSuffix_MarkPlacesInAWord() =>
        Assert.Equal(["a", "##b</w>"], StaticEncoders.Tokens(
            StaticEncoders.Parse(
                """{"model":{"type":"BPE","continuing_subword_prefix":"##","end_of_word_suffix":"</w>","vocab":{"a":0,"##b</w>":1},"merges":[]}}"""), "ab"));

    [Fact]
    public void Encode_OneMegabyteWord_EndsAndMergesAll()
    {
        JsonTokenizer tokenizer = StaticEncoders.Parse(
            """{"model":{"type":"BPE","vocab":{"a":0,"aa":1,"aaaa":2},"merges":["a a","aa aa"]}}""");

        int[] ids = StaticEncoders.Ids(tokenizer, new string('a', (1 << 20) + 3));

        Assert.Equal([.. Enumerable.Repeat(2, 1 << 18), 1, 0], ids);
    }

    [Theory]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0}}}""", "without merges")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":["a b"]}}""", "no token 'b'")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0,"b":1},"merges":["a b"]}}""", "no token 'ab'")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":["a"]}}""", "not a pair")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[["a"]]}}""", "not a pair")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[3]}}""", "not a pair")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":{}}}""", "tokenizer.json")]
    [InlineData("""{"model":{"type":"BPE","unk_token":"u","vocab":{"a":0},"merges":[]}}""", "'u'")]
    [InlineData("""{"model":{"type":"BPE","continuing_subword_prefix":"#","vocab":{"a":0},"merges":["a a"]}}""", "'#'")]
    public void Parse_MergesThatDoNotFit_SaysWhich(string json, string part) =>
        Assert.Contains(part, Assert.Throws<InvalidDataException>(() => StaticEncoders.Parse(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void StaticEncoder_WithABytePairTokenizer_TakesTheMean()
    {
        int rows = Slow.Vocabulary.Count;
        var encoder = new StaticTextEncoder(new StaticEncoderContent
        {
            TokenizerJson = System.Text.Encoding.UTF8.GetBytes(Slow.Json()), Dimensions = 1,
            Table = [.. Enumerable.Range(0, rows).Select(i => (float)i)], SkipsUnknown = false,
        });

        Assert.Equal(Slow.Ids("the cat's 中").Average(), encoder.Encode("the cat's 中")[0], 1e-3);
    }

    private static JsonTokenizer Small(string settings = "", string vocabulary = "") => StaticEncoders.Parse(
        $$$"""{"model":{"type":"BPE","unk_token":"u",{{{settings}}}"vocab":{"u":0,"l":1,"o":2,"w":3,"e":4,"r":5,"lo":8,"low":9,"er":10{{{vocabulary}}}},"merges":["l o","lo w","e r"]}}""");
}
