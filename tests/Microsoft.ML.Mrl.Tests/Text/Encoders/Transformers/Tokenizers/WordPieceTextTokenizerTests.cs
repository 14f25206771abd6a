using Microsoft.ML.Mrl.Text.Encoders.Transformers;
using Microsoft.ML.Mrl.Text.Encoders.Transformers.Tokenizers;
using Microsoft.ML.Mrl.Text.Tokenizers;

namespace Microsoft.ML.Mrl.Tests.Text.Encoders.Transformers.Tokenizers;

public sealed class WordPieceTextTokenizerTests
{
    private static readonly string[] Small = [
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "##a", "##b", "ab", "中", "!", "i", "σ", "##σ", "ᄀ", "##ᅡ", "##ᆨ", "é", "e",
        "##é", "I", "A"];

    [Theory]
    [InlineData("bert-mini")]
    [InlineData("bert-dense-identity")]
    [InlineData("distilbert-mini")]
    public void Encode_GoldenTexts_GivesTheReferencesIds(string name)
    {
        GoldenEncoder golden = GoldenEncoder.Read(name);
        TransformerModel model = TransformerModel.Read(golden.Folder);
        TextTokenizer tokenizer = model.ReadTokenizer();

        Assert.Equal(golden.Values.GetProperty("max_length").GetInt32(), model.MaxLength);
        int[][] expected = golden.Ids;
        string[] texts = golden.Texts;
        Assert.NotEmpty(texts);
        for (int i = 0; i < texts.Length; i++)
        {
            Assert.Equal(expected[i], tokenizer.Encode(texts[i], model.MaxLength));
        }
    }

    [Fact]
    public void Encode_SpecialTokensInsideText_AreRecognised()
    {
        GoldenEncoder golden = GoldenEncoder.Read("bert-mini");
        TextTokenizer tokenizer = TransformerModel.Read(golden.Folder).ReadTokenizer();
        System.Text.Json.JsonElement inside = golden.Values.GetProperty("special_tokens_inside_text");

        int[] expected = [.. inside.GetProperty("ids_when_recognised_as_huggingface_does").EnumerateArray().Select(id => id.GetInt32())];
        Assert.Equal(expected, tokenizer.Encode(inside.GetProperty("text").GetString()!, 64));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("ab", "ab")]
    [InlineData("aba", "ab ##a")]
    [InlineData("a\tb\r\nab", "a b ab")]
    [InlineData("a\u00ADb\u200B", "ab")]
    [InlineData("a!b", "a ! b")]
    [InlineData("a中b", "a 中 b")]
    [InlineData("AB Áb", "ab ab")]
    [InlineData("İ", "i")]
    [InlineData("ΣΣ", "σ ##σ")]
    [InlineData("각", "ᄀ ##ᅡ ##ᆨ")]
    [InlineData("a\uD800b", "ab")]
    [InlineData("a\uFFFDb\0", "ab")]
    [InlineData("xyz", "[UNK]")]
    [InlineData("a[MASK]b", "a [MASK] b")]
    [InlineData("[mask]", "[UNK] [UNK] [UNK]")]
    public void Encode_AText_GivesItsPieces(string text, string expected)
    {
        Assert.Equal($"[CLS] {expected} [SEP]".Replace("  ", " ", StringComparison.Ordinal), Pieces(text, new WordPieceTokenizerOptions()));
    }

    [Theory]
    [InlineData("É A", "[UNK] A")]
    [InlineData("é I A", "é I A")]
    public void Encode_CasedVocabulary_KeepsCaseAndAccents(string text, string expected)
    {
        Assert.Equal($"[CLS] {expected} [SEP]", Pieces(text, new WordPieceTokenizerOptions { LowerCase = false, StripAccents = false }));
    }

    [Theory]
    [InlineData(100, "a", false)]
    [InlineData(101, "a", true)]
    public void Encode_WordLongerThanAHundredCharacters_IsUnknown(int length, string letter, bool unknown)
    {
        string pieces = Pieces(string.Concat(Enumerable.Repeat(letter, length)), new WordPieceTokenizerOptions(), 1000);
        Assert.Equal(unknown, pieces == "[CLS] [UNK] [SEP]");
    }

    [Theory]
    [InlineData(2, "[CLS] [SEP]")]
    [InlineData(3, "[CLS] ab [SEP]")]
    [InlineData(4, "[CLS] ab ##a [SEP]")]
    [InlineData(5, "[CLS] ab ##a b [SEP]")]
    public void Encode_BeyondTheLimit_KeepsFirstAndLastSpecialToken(int longest, string expected) =>
        Assert.Equal(expected, Pieces("aba b", new WordPieceTokenizerOptions(), longest));

    [Fact]
    public void Encode_OneMegabyte_IsCut()
    {
        string text = string.Concat(Enumerable.Repeat("ab ", 350_000));
        Assert.Equal(512, Tokenizer(new WordPieceTokenizerOptions()).Encode(text, 512).Length);
        Assert.Equal("[CLS] [UNK] [SEP]", Pieces(new string('a', 1 << 20), new WordPieceTokenizerOptions()));
    }

    [Fact]
    public void Create_WithoutASpecialToken_NamesIt()
    {
        var e = Assert.Throws<InvalidDataException>(
            () => new WordPieceTextTokenizer(
                "v.txt", new Dictionary<string, int> { ["[UNK]"] = 0, ["[CLS]"] = 1 }, new WordPieceTokenizerOptions()));
        Assert.Contains("'[SEP]'", e.Message, StringComparison.Ordinal);
    }

    private static WordPieceTextTokenizer Tokenizer(WordPieceTokenizerOptions options) =>
        new("small", Small.Select((token, id) => (token, id)).ToDictionary(t => t.token, t => t.id), options);

    private static string Pieces(string text, WordPieceTokenizerOptions options, int longest = 64) =>
        string.Join(' ', Tokenizer(options).Encode(text, longest).Select(id => Small[id]));
}
