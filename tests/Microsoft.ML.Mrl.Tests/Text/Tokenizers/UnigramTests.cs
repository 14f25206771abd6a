using System.Text.Json;
using Google.Protobuf;
using Microsoft.ML.Mrl.Tests.Text.Encoders;
using Microsoft.ML.Mrl.Text.Tokenizers;
using Kind = Microsoft.ML.Mrl.Text.Tokenizers.SentencePieceModel.Types.Piece.Types.Kind;

namespace Microsoft.ML.Mrl.Tests.Text.Tokenizers;

public class UnigramTests
{
    private static readonly string Data = Path.Combine(Repository.Root, "tests/Microsoft.ML.Mrl.Tests/Text/Tokenizers/Data");

    // The reference implementation's own example.
    [Fact]
    public void Encode_ReferenceExample_GivesItsPieces()
    {
        JsonTokenizer tokenizer = Unigram(
            ("<unk>", 0), ("a", 0), ("b", 0), ("c", 0), ("d", 0), ("cd", 1), ("ab", 2), ("abc", 5), ("abcd", 10));

        Assert.Equal(["abcd", "a", "cd", "?xx"], StaticEncoders.Tokens(tokenizer, "abcdacdxx"));
    }

    [Fact]
    public void Encode_RandomWords_TakesTheBestOfAllSegmentations()
    {
        var random = new Random(4);
        for (int round = 0; round < 40; round++)
        {
            (string Text, double Score)[] pieces = [
                ("<unk>", 0),
                .. Enumerable.Range(0, 30).Select(_ => (Word(random, 1, 4), -12 * random.NextDouble())).DistinctBy(p => p.Item1)];
            JsonTokenizer tokenizer = Unigram(pieces);
            for (int i = 0; i < 60; i++)
            {
                string word = Word(random, 1, 11);
                string[] tokens = StaticEncoders.Tokens(tokenizer, word);
                Assert.Equal(word, string.Concat(tokens.Select(t => t.TrimStart('?'))));
                Assert.DoesNotContain(tokens.Zip(tokens.Skip(1)), pair => pair.First[0] == '?' && pair.Second[0] == '?');
                // The same pieces in another order are as good.
                double score = tokens.Sum(
                    t => t[0] == '?' ? (pieces.Min(p => p.Score) - 10) * t[1..].EnumerateRunes().Count() : pieces.Single(p => p.Text == t)
                    .Score);
                Assert.Equal(SlowBest(word, pieces), score, 1e-9);
            }
        }
    }

    [Fact]
    public void Encode_UnknownCharacters_FallBackToBytesTogetherOrNotAtAll()
    {
        JsonTokenizer tokenizer = Unigram(byteFallback: true, ("<unk>", 0), ("a", -1), ("<0xC3>", -1), ("<0xA9>", -1));

        Assert.Equal(["a", "<0xC3>", "<0xA9>", "a"], StaticEncoders.Tokens(tokenizer, "aéa"));
        Assert.Equal(["a", "?éж", "a"], StaticEncoders.Tokens(tokenizer, "aéжa"));
    }

    [Fact]
    public void Encode_OneMegabyte_Ends()
    {
        JsonTokenizer tokenizer = Unigram(("<unk>", 0), ("a", -1), ("aa", -1.5), (new string('a', 16), -9));

        Assert.Equal(1 << 19, StaticEncoders.Ids(tokenizer, new string('a', 1 << 20)).Length * 8L);
        Assert.Equal([0], StaticEncoders.Ids(tokenizer, new string('z', 1 << 20), 0));
    }

    [Theory]
    [InlineData("""{"type":"Metaspace","replacement":"▁","add_prefix_space":true}""", "a  b", "▁a|▁|▁b")]
    [InlineData("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"never"}""", "a b", "a|▁b")]
    [InlineData("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"always","split":false}""", "a b", "▁a▁b")]
    [InlineData("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"first"}""", "a<m>b", "▁a|<m>|b")]
    [InlineData("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"always"}""", "a<m>b", "▁a|<m>|▁b")]
    [InlineData("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"always"}""", "▁a", "▁a")]
    [InlineData(
        """{"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},{"type":"Metaspace","replacement":"▁","add_prefix_space":true}]}""", "  a \t b", "▁a|▁b")]
    [InlineData("""{"type":"Split","pattern":{"String":"-"},"behavior":"Removed"}""", "a-b--c", "a|b|c")]
    [InlineData("""{"type":"Split","pattern":{"String":"-"},"behavior":"Isolated"}""", "a-b--c", "a|-|b|-|-|c")]
    [InlineData(
        """{"type":"Split","pattern":{"String":"-"},"behavior":"MergedWithPrevious"}""", "the-final--countdown", "the-|final-|-|countdown")]
    [InlineData(
        """{"type":"Split","pattern":{"String":"-"},"behavior":"MergedWithNext"}""", "the-final--countdown", "the|-final|-|-countdown")]
    [InlineData(
        """{"type":"Split","pattern":{"String":"-"},"behavior":"Contiguous"}""", "the-final--countdown", "the|-|final|--|countdown")]
    [InlineData("""{"type":"Split","pattern":{"Regex":"\\w+"},"behavior":"Removed","invert":true}""", "a, b", "a|b")]
    [InlineData("""{"type":"Split","pattern":{"Regex":"."},"behavior":"Isolated"}""", "a😀", "a|😀")]
    public void PreTokenizers_ThatRewrite_GiveWords(string preTokenizer, string text, string words)
    {
        JsonTokenizer tokenizer = StaticEncoders.Parse(
            $$$$"""{"added_tokens":[{"id":1,"content":"<m>","normalized":false}],"pre_tokenizer":{{{{preTokenizer}}}},"model":{"type":"WordLevel","unk_token":"[UNK]","vocab":{"[UNK]":0}}}""");

        Assert.Equal(words.Split('|'), StaticEncoders.Tokens(tokenizer, text).Select(t => t.TrimStart('?')));
    }

    // The map of the shipped model, applied as the tokenizers library does: graphemes of fewer than 6 bytes as a whole, by the shortest
    // sequence that they begin with.
    [Theory]
    [InlineData("ＡＢ\u3000ﬁ", "AB fi")]
    [InlineData("e\u0301a", "éa")]
    [InlineData("ﬁ\u0308", "fi")]
    [InlineData("x\u0301①", "x\u03011")]
    [InlineData("e\u0301\u0302\u0327", "e\u0301\u0302\u0327")]
    [InlineData("a\u200Bb", "ab")]
    public void Precompiled_RewritesAsTheReferenceDoes(string text, string expected)
    {
        var output = new CharBuffer();
        new PrecompiledNormalizer(CharacterMap.Read(Map(), "map")).Apply(text, output);

        Assert.Equal(expected, output.Written.ToString());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(100)]
    public void CharacterMap_CutShort_IsRefused(int length) =>
        Assert.Throws<InvalidDataException>(() => CharacterMap.Read(Map().AsSpan(0, length), "map"));

    [Theory]
    [InlineData("""{"model":{"type":"Unigram","vocab":[["a",0.1]]}}""", "unk_id is missing")]
    [InlineData("""{"model":{"type":"Unigram","unk_id":1,"vocab":[["a",0.1]]}}""", "unk_id is 1")]
    [InlineData("""{"model":{"type":"Unigram","unk_id":0,"vocab":[]}}""", "unk_id is 0")]
    [InlineData("""{"model":{"type":"Unigram","unk_id":0,"vocab":[["a"]]}}""", "token 0")]
    [InlineData("""{"model":{"type":"Unigram","unk_id":0,"vocab":[["a","b"]]}}""", "token 0")]
    [InlineData("""{"model":{"type":"Unigram","unk_id":0,"vocab":[["a",1e999]]}}""", "token 0")]
    [InlineData("""{"model":{"type":"Unigram","unk_id":0,"vocab":{"a":1}}}""", "not a list")]
    [InlineData(
        """{"normalizer":{"type":"Precompiled","precompiled_charsmap":"AAAA"},"model":{"type":"Unigram","unk_id":0,"vocab":[["a",1]]}}""",
        "map of characters")]
    [InlineData(
        """{"normalizer":{"type":"Precompiled","precompiled_charsmap":"?"},"model":{"type":"Unigram","unk_id":0,"vocab":[["a",1]]}}""",
        "tokenizer.json")]
    public void Parse_DamagedUnigram_SaysWhat(string json, string part) =>
        Assert.Contains(part, Assert.Throws<InvalidDataException>(() => StaticEncoders.Parse(json)).Message, StringComparison.Ordinal);

    private static byte[] Map() => Microsoft.ML.Mrl.Text.Tokenizers.SentencePieceModel.Parser.ParseFrom(
        File.ReadAllBytes(Path.Combine(Data, "unigram.model"))).Normalizer.PrecompiledCharsmap.ToByteArray();

    private static JsonTokenizer Unigram(params (string, double)[] pieces) => Unigram(byteFallback: false, pieces);

    private static JsonTokenizer Unigram(bool byteFallback, params (string Text, double Score)[] pieces) =>
        StaticEncoders.Parse(JsonSerializer.Serialize(new
    {
        model = new { type = "Unigram", unk_id = 0, byte_fallback = byteFallback,
            vocab = pieces.Select(p => new object[] { p.Text, p.Score }) },
    }));

    private static string Word(Random random, int least, int most) =>
        string.Concat(Enumerable.Range(0, random.Next(least, most + 1)).Select(_ => new[] { "a", "b", "é", "😀", "中" }[random.Next(5)]));

    /// <summary>The largest sum of all ways to cut a word into pieces and unknown characters.</summary>
    private static double SlowBest(string word, (string Text, double Score)[] pieces)
    {
        double unknown = pieces.Min(p => p.Score) - 10;
        return All(word).Max();

        IEnumerable<double> All(string rest)
        {
            if (rest.Length == 0)
            {
                yield return 0;
                yield break;
            }
            int character = char.IsHighSurrogate(rest[0]) ? 2 : 1;
            bool isPiece = false;
            foreach ((string text, double score) in pieces.Where(p => rest.StartsWith(p.Text, StringComparison.Ordinal)))
            {
                isPiece |= text.Length == character;
                foreach (double sum in All(rest[text.Length..]))
                {
                    yield return score + sum;
                }
            }
            if (!isPiece)
            {
                foreach (double sum in All(rest[character..]))
                {
                    yield return unknown + sum;
                }
            }
        }
    }

    // Of equally good ways, the one whose last piece is the longest, as in the reference, which keeps what it reached first.
    [Fact]
    public void Encode_EquallyGoodWays_KeepsTheOneReachedFirst() =>
        Assert.Equal(["b", "bb"], StaticEncoders.Tokens(Unigram(("<unk>", 0), ("b", -1), ("bb", -1.5)), "bbb"));

    // Ids that sentencepiece gives with models of these pieces: it compares the sum of a way in double precision with the sum of the way
    // before, kept in single precision.
    [Theory]
    [InlineData(-0.1f, -0.15f, 1, 2)]
    [InlineData(-1f, -1.5f, 1, 2)]
    [InlineData(-0.3f, -0.4f, 2, 1)]
    [InlineData(-5.9f, -7.7f, 2, 1)]
    public void SentencePieceModel_EquallyGoodWays_TakesTheOneThatRoundingFavours(float one, float two, params int[] expected)
    {
        var model =
            new Microsoft.ML.Mrl.Text.Tokenizers.SentencePieceModel { Pieces =
                { Piece("<unk>", 0, Kind.Unknown), Piece("b", one), Piece("bb", two) }, Trainer = new() { ModelType = 1 },
                Normalizer = new() { AddDummyPrefix = false } };

        Assert.Equal(expected, StaticEncoders.Ids(SentencePieceFile.Parse(model.ToByteArray(), "m", 0, 0, []), "bbb", 0));

        static Microsoft.ML.Mrl.Text.Tokenizers.SentencePieceModel.Types.Piece Piece(string text, float score, Kind kind = Kind.Normal) =>
            new() { Text = text, Score = score, Kind = kind };
    }
}
