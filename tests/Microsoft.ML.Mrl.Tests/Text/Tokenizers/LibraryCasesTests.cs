using System.Text;
using System.Text.Json;
using Microsoft.ML.Mrl.Tests.Text.Encoders;
using Microsoft.ML.Mrl.Text.Tokenizers;

namespace Microsoft.ML.Mrl.Tests.Text.Tokenizers;

/// <summary>Rules of the tokenizers library, one a case, with the ids that it gives.</summary>
public class LibraryCasesTests
{
    private static readonly string s_file = Path.Combine(
        Repository.Root, "tests/Microsoft.ML.Mrl.Tests/Text/Tokenizers/Data/library.cases.jsonl");

    public static TheoryData<string> Names =>
        new(File.ReadLines(s_file).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("name").GetString()!));

    [Theory]
    [MemberData(nameof(Names))]
    public void Encode_GivesTheIdsOfTheLibrary(string name)
    {
        SkipWithoutNormalForms(name == "nfkc");
        JsonElement found = File.ReadLines(s_file).Select(line => JsonDocument.Parse(line).RootElement)
            .Single(c => c.GetProperty("name").GetString() == name);
        JsonTokenizer tokenizer = TokenizerFile.Parse(Encoding.UTF8.GetBytes(found.GetProperty("tokenizer").GetRawText()), name);
        string[] texts = [.. found.GetProperty("texts").EnumerateArray().Select(t => t.GetString()!)];
        int[][] expected = GoldenIds(found.GetProperty("ids"));

        Assert.NotEmpty(texts);
        for (int i = 0; i < texts.Length; i++)
        {
            int[] ids = StaticEncoders.Ids(tokenizer, texts[i], tokenizer.UnknownId);
            Assert.True(
                expected[i].SequenceEqual(ids),
                $"{JsonSerializer.Serialize(texts[i])}: expected {string.Join(',', expected[i])}, got {string.Join(',', ids)}");
        }
    }

    [Fact]
    public void UnicodeTables_KnowWhatTheLibraryKnows()
    {
        // U+1ACF came with Unicode 14, U+08E1 with 9, U+10EAB with 13: marks in .NET, and none for the library's BERT.
        Assert.All(new[] { 0x1ACF, 0x8E1, 0x10EAB }, c => Assert.False(UnicodeTables.IsNonspacingMark(c)));
        Assert.All(new[] { 0x300, 0x36F, 0x591, 0xE01EF }, c => Assert.True(UnicodeTables.IsNonspacingMark(c)));
        Assert.All(new[] { 0xAD, 0x200B, 0xE000, 0xF8FF, 0xE123, 0x10FFFD }, c => Assert.True(UnicodeTables.IsOther(c)));
        Assert.All(
            new[] { 0x2FF, 0x370, 0x378, 0xFFFE, 'a' }, c => Assert.False(UnicodeTables.IsNonspacingMark(c) || UnicodeTables.IsOther(c)));
        Assert.True(UnicodeTables.IsPunctuation(0x3001));
        Assert.False(UnicodeTables.IsPunctuation(0x2E52));
    }

    [Theory]
    [InlineData("a\uFFFE\uFB01", "a\uFFFEfi")]
    [InlineData("\uFFFE", "\uFFFE")]
    [InlineData("e\u0301\uFFFE\u0301", "\u00E9\uFFFE\u0301")]
    public void NormalForm_OfATextWithANonCharacter_IsThatOfItsParts(string text, string expected)
    {
        SkipWithoutNormalForms(isNeeded: true);
        JsonTokenizer tokenizer = StaticEncoders.Parse(
            """{"normalizer":{"type":"NFKC"},"model":{"type":"WordLevel","unk_token":"[UNK]","vocab":{"[UNK]":0}}}""");

        Assert.Equal(["?" + expected], StaticEncoders.Tokens(tokenizer, text));
    }

    private static void SkipWithoutNormalForms(bool isNeeded) =>
        Assert.SkipWhen(
            isNeeded && "\u00E9".Normalize(NormalizationForm.FormD).Length == 1,
            "Normal forms need the libraries of Unicode, which this process runs without.");

    private static int[][] GoldenIds(JsonElement ids) =>
        [.. ids.EnumerateArray().Select(row => row.EnumerateArray().Select(id => id.GetInt32()).ToArray())];
}
