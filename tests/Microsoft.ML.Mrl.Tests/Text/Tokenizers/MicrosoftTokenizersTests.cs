using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.ML.Mrl.Tests.Text.Encoders;
using Microsoft.ML.Mrl.Text.Tokenizers;
using Microsoft.ML.Mrl.Vectors;
using Microsoft.ML.Tokenizers;

namespace Microsoft.ML.Mrl.Tests.Text.Tokenizers;

/// <summary>
/// Microsoft.ML.Tokenizers with the same vocabularies: an independent implementation where it agrees with the libraries that the formats
/// come from, and by example where it does not.
/// </summary>
/// <remarks>
/// The package is used by these tests alone. A test named <c>…Differs</c> that fails after an update says that the package was mended: see
/// the remarks of <see cref="JsonTokenizer"/> then.
/// </remarks>
public class MicrosoftTokenizersTests
{
    private const int RandomTexts = 3000;

    // What the two WordPiece tokenizers take for the same: no tab or line feed, no symbol, no underscore, no accent.
    private static readonly string[] Plain =
    [
        "the", "Dog", " cat", "play", "ing", "a", "S", "z", "9", "23", " ", "  ", "\u00A0", "\u3000", "中", "ж", "Ω", "!", "\"", "#", "%",
        "&", "'", "(", ")", "*", ",", "-", ".", "/", ":", ";", "?", "@", "\\", "]", "{", "}", "“", "—", "[MASK]", "\0", "\uFFFD",
    ];

    // Pieces whose characters the model knows, and others that its map rewrites.
    private static readonly string[] Mapped = [
        "the", " dog", "a", "ing", "e", "s", " ", "  ", "ﬁ", "ﬂ", "Ａ", "ｂ", "，", "①", "\u3000", "\u00A0", "…", "é", "ж", "."];

    [Fact]
    public void WordPiece_PlainTexts_Agrees()
    {
        JsonTokenizer own = TokenizerData.Json("wordpiece");
        BertTokenizer library = WordPiece();
        AssertAgree(
            Random(Plain), text => StaticEncoders.Ids(own, text, own.UnknownId),
            text => library.EncodeToIds(text, addSpecialTokens: false));
    }

    // The first column is what the tokenizers library gives.
    [Theory]
    [InlineData("a dog for $5", "a dog for $ 5", "a dog for 5")]
    [InlineData("x = 2", "x = 2", "x 2")]
    [InlineData("x²", "x ##²", "x")]
    [InlineData("😀 dog", "😀 dog", "dog")]
    [InlineData("dog\u2581cat", "[UNK]", "dog cat")]
    [InlineData("the_cat", "the _ cat", "the ##_ ##c ##a ##t")]
    [InlineData("a\u00ADdog", "a ##d ##o ##g", "a dog")]
    [InlineData("the\u200Bdog", "the ##d ##o ##g", "the dog")]
    [InlineData("the\tdog", "the dog", "the ##d ##o ##g")]
    [InlineData("the\ndog", "the dog", "the ##d ##o ##g")]
    [InlineData("a [mask] dog", "a [ m ##a ##s ##k ] dog", "a [MASK] dog")]
    public void WordPiece_Differs(string text, string expected, string theirs) => AssertDiffers(
        text, expected, theirs, TokenizerData.Json("wordpiece"), WordPiece().EncodeToIds(text, addSpecialTokens: false));

    // As these tests run. With a culture's data it removes the accents, but brings what is left into normal form C.
    [Theory]
    [InlineData("café dog", "c ##a ##f ##e dog", "c ##a ##f ##é dog")]
    [InlineData("한", "ᄒ ##ᅡ ##ᆫ", "[UNK]")]
    public void WordPiece_OfAccentsWithInvariantGlobalization_Differs(string text, string expected, string theirs)
    {
        Assert.Equal(1, "é".Normalize(NormalizationForm.FormD).Length);
        AssertDiffers(text, expected, theirs, TokenizerData.Json("wordpiece"), WordPiece().EncodeToIds(text, addSpecialTokens: false));
    }

    [Fact]
    public void ByteLevelBytePairs_OfTheBasicMultilingualPlane_Agrees()
    {
        JsonTokenizer own = TokenizerData.Json("bytebpe");
        BpeTokenizer library = BytePairs();
        AssertAgree(
            Random(RandomText.Of).Where(text => !text.EnumerateRunes().Any(c => !c.IsBmp && Rune.IsLetterOrDigit(c))),
            text => StaticEncoders.Ids(own, text), text => library.EncodeToIds(text));
    }

    [Theory]
    [InlineData("𝔘's", "ð Ŀ Ķ ĺ 's", "ð Ŀ Ķ ĺ ' s")]
    [InlineData("a <mask> b", "a <mask> Ġb", "a Ġ < m a s k > Ġb")]
    [InlineData("<s>", "<s>", "< s >")]
    public void ByteLevelBytePairs_Differs(string text, string expected, string theirs) =>
        AssertDiffers(text, expected, theirs, TokenizerData.Json("bytebpe"), BytePairs().EncodeToIds(text));

    [Fact]
    public void SentencePieceBytePairs_WithoutAMapAndTies_Agrees()
    {
        JsonTokenizer own = TokenizerData.SentencePiece("bpe_bytes");
        SentencePieceTokenizer library = SentencePiece("bpe_bytes");
        AssertAgree(
            Random(RandomText.Of).Where(text => !HasTie(text)), text => StaticEncoders.Ids(own, text, 0), text => Ids(library, text));
    }

    // The first column is what sentencepiece gives.
    [Theory]
    [InlineData("bpe_bytes", "cttt", "▁c tt t", "▁c t tt")]
    [InlineData("bpe", "a", "▁a", "")]
    [InlineData("bpe", " ", "", "▁")]
    [InlineData("bpe", "ﬁne", "▁f in e", "▁ <unk> ne")]
    [InlineData("bpe", "\u00A0dog", "▁dog", "▁ <unk> d og")]
    [InlineData("bpe", "日本 dog", "▁ <unk> ▁dog", "▁ <unk> <unk> ▁dog")]
    [InlineData("bpe", "<sep>the", "▁ <sep> t he", "▁ <unk> s ep <unk> t he")]
    [InlineData("unigram", "日本 dog", "▁ <unk> ▁dog", "▁ <unk> <unk> ▁dog")]
    [InlineData("unigram", "the\u200Bdog", "▁the d o g", "▁the <unk> d o g")]
    [InlineData("unigram", "ﬁ dogeasssＡ", "▁f i ▁dog e a ss s A", "▁f i ▁dog e a s ss A")]
    [InlineData("unigram_bytes", "=", "▁ <0x3D>", "▁ ▁E")]
    public void SentencePiece_Differs(string model, string text, string expected, string theirs) =>
        AssertDiffers(text, expected, theirs, TokenizerData.SentencePiece(model), Ids(SentencePiece(model), text));

    [Fact]
    public void Unigram_OfCharactersThatTheModelKnowsOrItsMapRewrites_Agrees()
    {
        JsonTokenizer own = TokenizerData.SentencePiece("unigram");
        SentencePieceTokenizer library = SentencePiece("unigram");
        AssertAgree(
            Random(Mapped).Where(text => !HasTie(text)), text => StaticEncoders.Ids(own, text, 0), text => Fused(Ids(library, text)));
    }

    // The tokenizers library's way with the map is another than sentencepiece's, but for these texts both come to the same.
    [Fact]
    public void UnigramJson_WithAPrecompiledMap_Agrees()
    {
        JsonTokenizer own = TokenizerData.Json("unigram_split");
        SentencePieceTokenizer library = SentencePiece("unigram");
        AssertAgree(
            Random(Mapped).Where(text => !HasTie(text)), text => StaticEncoders.Ids(own, text, 0), text => Fused(Ids(library, text)));
    }

    private static BertTokenizer WordPiece()
    {
        using var document = JsonDocument.Parse(TokenizerData.Text("wordpiece"));
        string vocabulary = string.Join(
            '\n', document.RootElement.GetProperty("model").GetProperty("vocab").EnumerateObject().OrderBy(t => t.Value.GetInt32())
            .Select(t => t.Name));
        return BertTokenizer.Create(new MemoryStream(Encoding.UTF8.GetBytes(vocabulary)), new BertOptions { RemoveNonSpacingMarks = true });
    }

    private static BpeTokenizer BytePairs()
    {
        using var document = JsonDocument.Parse(TokenizerData.Text("bytebpe"));
        JsonElement model = document.RootElement.GetProperty("model");
        return BpeTokenizer.Create(
            new BpeOptions([.. model.GetProperty("vocab").EnumerateObject().Select(t => KeyValuePair.Create(t.Name, t.Value.GetInt32()))])
        {
            Merges = [.. model.GetProperty("merges").EnumerateArray().Select(m => m.GetString()!)],
            ByteLevel = true,
            PreTokenizer = RobertaPreTokenizer.Instance,
        });
    }

    private static SentencePieceTokenizer SentencePiece(string name) =>
        SentencePieceTokenizer.Create(new MemoryStream(TokenizerData.Model(name)), addBeginningOfSentence: false, addEndOfSentence: false);

    private static IReadOnlyList<int> Ids(SentencePieceTokenizer tokenizer, string text) =>
        tokenizer.EncodeToIds(text, addBeginningOfSentence: false, addEndOfSentence: false);

    /// <summary>With one unknown token for neighbouring ones, as sentencepiece has it.</summary>
    private static int[] Fused(IReadOnlyList<int> ids) => [.. ids.Where((id, i) => id != 0 || i == 0 || ids[i - 1] != 0)];

    /// <summary>Three of a letter, which can be cut in two equally good ways.</summary>
    private static bool HasTie(string text) => Enumerable.Range(0, Math.Max(text.Length - 2, 0))
        .Any(i => text[i] == text[i + 1] && text[i] == text[i + 2]);

    private static IEnumerable<string> Random(string[] pieces) => Random(
        (random, most, _) => string.Concat(Enumerable.Range(0, random.Next(1, most)).Select(_ => pieces[random.Next(pieces.Length)])));

    private static IEnumerable<string> Random(Func<Random, int, bool, string> make)
    {
        var random = new Random(21);
        return Enumerable.Range(0, RandomTexts).Select(_ => make(random, 16, false));
    }

    private static void AssertAgree(
        IEnumerable<string> texts, Func<string, IReadOnlyList<int>> own, Func<string, IReadOnlyList<int>> library)
    {
        int compared = 0;
        foreach (string text in texts)
        {
            (IReadOnlyList<int> ours, IReadOnlyList<int> theirs) = (own(text), library(text));
            Assert.True(
                ours.SequenceEqual(theirs),
                $"{JsonSerializer.Serialize(text)}: this project gives {string.Join(',', ours)}, the library {string.Join(',', theirs)}");
            compared++;
        }
        Assert.InRange(compared, RandomTexts / 3, RandomTexts);
    }

    private static void AssertDiffers(string text, string expected, string theirs, JsonTokenizer own, IReadOnlyList<int> library)
    {
        Dictionary<int, string> names = own.Vocabulary.ToDictionary(t => t.Value, t => t.Key);

        Assert.Equal(expected, Names(StaticEncoders.Ids(own, text, own.UnknownId)));
        Assert.Equal(theirs, Names(library));

        string Names(IEnumerable<int> ids) =>
            string.Join(' ', ids.Select(id => names.GetValueOrDefault(id, id.ToString(CultureInfo.InvariantCulture))));
    }
}
