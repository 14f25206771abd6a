using Google.Protobuf;
using Microsoft.ML.Mrl.Tests.Text.Encoders;
using Microsoft.ML.Mrl.Text.Tokenizers;
using Kind = Microsoft.ML.Mrl.Text.Tokenizers.SentencePieceModel.Types.Piece.Types.Kind;

namespace Microsoft.ML.Mrl.Tests.Text.Tokenizers;

public class PieceMergeTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Encode_RandomModels_EqualsPlainLoops(bool hasSymbols)
    {
        var random = new Random(9);
        for (int round = 0; round < 60; round++)
        {
            string[] texts = [.. Enumerable.Range(0, 40).Select(_ => Word(random, 1, 4)).Distinct()];
            string[] symbols = hasSymbols ? texts[..3] : [];
            JsonTokenizer tokenizer = Model(
                [.. texts.Select((t, i) => (t, -(float)i, symbols.Contains(t) ? Kind.UserDefined : Kind.Normal))]);
            for (int i = 0; i < 50; i++)
            {
                string word = Word(random, 0, 14);
                Assert.Equal(Slow(word, texts, symbols), StaticEncoders.Tokens(tokenizer, word));
            }
        }
    }

    [Fact]
    public void Encode_EqualScores_MergesTheLeftmost() =>
        Assert.Equal(["aa", "a"], StaticEncoders.Tokens(Model([("a", -1, Kind.Normal), ("aa", 0, Kind.Normal)]), "aaa"));

    [Fact]
    public void Encode_UnusedPiece_IsAWayToOthersAndPartedWhereItIsLeft()
    {
        JsonTokenizer tokenizer = Model(
            [("a", -9, Kind.Normal), ("b", -9, Kind.Normal), ("c", -9, Kind.Normal), ("ab", 0, Kind.Unused), ("abc", -1, Kind.Normal)]);

        Assert.Equal(["abc", "a", "b"], StaticEncoders.Tokens(tokenizer, "abcab"));
    }

    [Fact]
    public void Encode_UnusedPiecesOneInAnother_PartsAllOfThem()
    {
        const int Depth = 999;
        JsonTokenizer tokenizer = Model(
            [("a", -9, Kind.Normal), .. Enumerable.Range(2, Depth).Select(n => (new string('a', n), -(float)n, Kind.Unused))]);

        Assert.Equal(Enumerable.Repeat("a", Depth), StaticEncoders.Tokens(tokenizer, new string('a', Depth)));
    }

    [Fact]
    public void Encode_UnknownCharacters_AreOneToken() =>
        Assert.Equal(["a", "?éж😀", "a"], StaticEncoders.Tokens(Model([("a", 0, Kind.Normal)]), "aéж😀a"));

    [Fact]
    public void Encode_UserDefinedPiece_IsNotRewrittenByTheMap()
    {
        JsonTokenizer tokenizer = TokenizerData.SentencePiece("bpe");

        Assert.Equal(["▁", "①x"], StaticEncoders.Tokens(tokenizer, "①x"));
        Assert.Equal(["▁1"], StaticEncoders.Tokens(tokenizer, "①"));
    }

    [Fact]
    public void Encode_OneMegabyteWord_EndsAndMergesAll()
    {
        JsonTokenizer tokenizer = Model([("a", -9, Kind.Normal), ("aa", 0, Kind.Normal), ("aaaa", -1, Kind.Normal)]);

        int[] ids = StaticEncoders.Ids(tokenizer, new string('a', (1 << 20) + 3), 0);

        Assert.Equal([.. Enumerable.Repeat(3, 1 << 18), 2, 1], ids);
    }

    private static JsonTokenizer Model((string Text, float Score, Kind Kind)[] pieces)
    {
        var model = new SentencePieceModel
        {
            Pieces = { new SentencePieceModel.Types.Piece { Text = "<unk>", Kind = Kind.Unknown } },
            Trainer = new() { ModelType = 2 },
            Normalizer = new() { AddDummyPrefix = false, RemoveExtraWhitespaces = false },
        };
        model.Pieces.AddRange(pieces.Select(p => new SentencePieceModel.Types.Piece { Text = p.Text, Score = p.Score, Kind = p.Kind }));
        return SentencePieceFile.Parse(model.ToByteArray(), "m", 0, 0, []);
    }

    private static string Word(Random random, int least, int most) =>
        string.Concat(Enumerable.Range(0, random.Next(least, most + 1)).Select(_ => new[] { "a", "b", "é", "😀" }[random.Next(4)]));

    /// <summary>A list of strings, in which the best pair is merged again and again. Pieces are listed best first.</summary>
    private static string[] Slow(string word, string[] pieces, string[] symbols)
    {
        var parts = new List<(string Text, bool IsFixed)>();
        for (string rest = word; rest.Length > 0; rest = rest[parts[^1].Text.Length..])
        {
            string? symbol = symbols.Where(s => rest.StartsWith(s, StringComparison.Ordinal)).MaxBy(s => s.Length);
            parts.Add((symbol ?? rest.EnumerateRunes().First().ToString(), symbol is not null));
        }
        while (true)
        {
            (int rank, int at) = Enumerable.Range(0, Math.Max(parts.Count - 1, 0)).Where(i => !parts[i].IsFixed && !parts[i + 1].IsFixed)
                .Select(i => (Array.IndexOf(pieces, parts[i].Text + parts[i + 1].Text), i)).Where(p => p.Item1 >= 0)
                    .DefaultIfEmpty((-1, -1)).Min();
            if (rank < 0)
            {
                break;
            }
            parts[at] = (parts[at].Text + parts[at + 1].Text, false);
            parts.RemoveAt(at + 1);
        }
        var tokens = new List<string>();
        foreach ((string text, _) in parts)
        {
            if (pieces.Contains(text))
            {
                tokens.Add(text);
            }
            else if (tokens.Count > 0 && tokens[^1][0] == '?')
            {
                tokens[^1] += text;
            }
            else
            {
                tokens.Add("?" + text);
            }
        }
        return [.. tokens];
    }
}
