using System.Text;
using Microsoft.ML.Mrl.Tests.Text.Encoders;
using Microsoft.ML.Mrl.Text.Tokenizers;

namespace Microsoft.ML.Mrl.Tests.Text.Tokenizers;

public class JsonTokenizerTests
{
    private const string Bert =
        """{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true}""";

    [Theory]
    [InlineData("The CAT", "the", "cat")]
    [InlineData("cats", "cat", "##s")]
    [InlineData("catcat", "?catcat")]
    [InlineData("cat,dog", "cat", ",", "dog")]
    [InlineData("Café", "cafe")]
    [InlineData("Cafe\u0301", "cafe")]
    [InlineData("ca\u00ADt", "cat")]
    [InlineData("cat\u0000\uFFFD", "cat")]
    [InlineData("a\tcat\u00A0dog\u3000the", "a", "cat", "dog", "the")]
    [InlineData("中a", "?中", "a")]
    [InlineData("", new string[0])]
    [InlineData("   ", new string[0])]
    [InlineData("cat\ud800", "cat")]
    [InlineData("\udc00cat", "cat")]
    [InlineData("😀 cat", "?😀", "cat")]
    [InlineData("한", "\u1112\u1161\u11ab")]
    public void BertWordPiece_CutsWords(string text, params string[] tokens)
    {
        JsonTokenizer tokenizer = StaticEncoders.Parse(WordPiece(Bert, """{"type":"BertPreTokenizer"}"""));

        Assert.Equal(tokens, StaticEncoders.Tokens(tokenizer, text));
    }

    [Fact]
    public void WordPiece_WordOfMoreCharactersThanAllowed_IsUnknown()
    {
        JsonTokenizer tokenizer = StaticEncoders.Parse(
            """{"model":{"type":"WordPiece","unk_token":"[UNK]","max_input_chars_per_word":3,"vocab":{"[UNK]":0,"a":1,"##a":2}},"pre_tokenizer":{"type":"BertPreTokenizer"}}""");

        Assert.Equal(["a", "##a", "##a", "?aaaa"], StaticEncoders.Tokens(tokenizer, "aaa aaaa"));
    }

    [Fact]
    public void AddedTokens_AreFoundBeforeWordsAreCut()
    {
        JsonTokenizer tokenizer = StaticEncoders.Parse(WordPiece(Bert, """{"type":"BertPreTokenizer"}""",
            """[{"id":9,"content":"[MASK]","single_word":false,"lstrip":true,"rstrip":false,"normalized":false,"special":true},{"id":10,"content":"New York","single_word":true,"lstrip":false,"rstrip":false,"normalized":false}]"""));

        Assert.Equal(["a", "[MASK]", "cat", "New York", "dog"], StaticEncoders.Tokens(tokenizer, "a  [MASK]cat New York dog"));
        Assert.DoesNotContain("New York", StaticEncoders.Tokens(tokenizer, "New Yorker"));
        Assert.Equal(11, tokenizer.Vocabulary.Count);
    }

    [Fact]
    public void AddedTokens_OfNormalizedText_AreFoundInAnyCase()
    {
        JsonTokenizer tokenizer = StaticEncoders.Parse(WordPiece(Bert, """{"type":"BertPreTokenizer"}""",
            """[{"id":9,"content":"new york","single_word":false,"lstrip":false,"rstrip":false,"normalized":true,"special":false}]"""));

        Assert.Equal(["a", "new york", "cat"], StaticEncoders.Tokens(tokenizer, "A NEW YORK CAT"));
    }

    [Theory]
    [InlineData("""{"type":"Whitespace"}""", "a_1 b--c", "a_1", "b", "--", "c")]
    [InlineData("""{"type":"Whitespace"}""", "aⒶb🅰c\u200Dd ½☃", "aⒶb🅰c\u200Dd", "½☃")]
    [InlineData("""{"type":"WhitespaceSplit"}""", "a_1 b--c", "a_1", "b--c")]
    [InlineData("""{"type":"BertPreTokenizer"}""", "a_1 b--c", "a", "_", "1", "b", "-", "-", "c")]
    [InlineData(
        """{"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},{"type":"Digits","individual_digits":true}]}""", "ab12 3", "ab",
        "1", "2", "3")]
    [InlineData(
        """{"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},{"type":"Digits","individual_digits":false}]}""", "ab12 3", "ab",
        "12", "3")]
    [InlineData("""{"type":"Sequence","pretokenizers":[{"type":"Whitespace"},{"type":"Punctuation"}]}""", "b--c", "b", "-", "-", "c")]
    [InlineData("null", "a b", "a b")]
    public void PreTokenizers_CutTexts(string preTokenizer, string text, params string[] words)
    {
        JsonTokenizer tokenizer = StaticEncoders.Parse(
            $$$$"""{"normalizer":null,"pre_tokenizer":{{{{preTokenizer}}}},"model":{"type":"WordLevel","unk_token":"[UNK]","vocab":{"[UNK]":0}}}""");

        Assert.Equal(words, StaticEncoders.Tokens(tokenizer, text).Select(t => t[1..]));
    }

    [Theory]
    [InlineData("""{"type":"Lowercase"}""", "AÉΣ", "aéσ")]
    [InlineData("""{"type":"Strip","strip_left":true,"strip_right":true}""", "  A ", "A")]
    [InlineData("""{"type":"Replace","pattern":{"String":"-"},"content":"+"}""", "a-b", "a+b")]
    [InlineData("""{"type":"Replace","pattern":{"Regex":"\\s+"},"content":"_"}""", "a  b", "a_b")]
    [InlineData("""{"type":"Sequence","normalizers":[{"type":"NFD"},{"type":"Lowercase"},{"type":"StripAccents"}]}""", "ÉĀ", "ea")]
    [InlineData("""{"type":"StripAccents"}""", "aé e\u0301\u0903\u0488b", "aé eb")]
    [InlineData(
        """{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":true,"lowercase":true}""",
        "ae\u0301\u0903\u0488\u0378\uE000b", "ae\u0903\u0488\u0378b")]
    [InlineData(
        """{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":false,"lowercase":true}""", "É", "é")]
    [InlineData(
        """{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":false}""", "É", "É")]
    public void Normalizers_RewriteTexts(string normalizer, string text, string expected)
    {
        JsonTokenizer tokenizer = StaticEncoders.Parse(
            $$$$"""{"normalizer":{{{{normalizer}}}},"model":{"type":"WordLevel","unk_token":"[UNK]","vocab":{"[UNK]":0}}}""");

        Assert.Equal(["?" + expected], StaticEncoders.Tokens(tokenizer, text));
    }

    [Theory]
    [InlineData("À", "A")]
    [InlineData("ộ", "o")]
    [InlineData("Ǭ", "O")]
    [InlineData("ί", "ι")]
    [InlineData("й", "и")]
    [InlineData("が", "か")]
    [InlineData("ø", "ø")]
    [InlineData("ß", "ß")]
    [InlineData("\u09CB", "\u09C7\u09BE")]
    [InlineData("글", "\u1100\u1173\u11AF")]
    [InlineData("가", "\u1100\u1161")]
    [InlineData("\uF900", "\u8C48")]
    [InlineData("\U0002F804\U0002F803", "\u4F60\U00020122")]
    [InlineData("\U0001D160", "\U0001D158\U0001D165\U0001D16E")]
    [InlineData("x\u0301\u0302y", "xy")]
    public void AccentTable_LeavesTheBaseCharacters(string text, string expected)
    {
        var output = new CharBuffer();
        AccentTable.Strip(text, output);

        Assert.Equal(expected, output.Written.ToString());
    }

    [Theory]
    [InlineData("Right", "cat", "dog")]
    [InlineData("Left", "a", "the")]
    public void Truncation_OfTheFile_CutsTokens(string direction, params string[] words)
    {
        string json = Encoding.UTF8.GetString(WordTokenizerFile.Write(["[UNK]", "cat", "dog", "a", "the"], lowerCase: true))
            .Replace("\"truncation\":null", $$"""
            "truncation":{"direction":"{{direction}}","max_length":2,"strategy":"LongestFirst","stride":0}
            """);
        var encoder = new StaticTextEncoder(StaticEncoders.Content() with { TokenizerJson = Encoding.UTF8.GetBytes(json) });

        Assert.Equal(encoder.Encode(string.Join(' ', words)), encoder.Encode("cat dog a the"));
    }

    [Theory]
    [InlineData("""{"model":{"type":"Byt5","vocab":{"a":0}}}""", "WordPiece, WordLevel, BPE or Unigram")]
    [InlineData("""{"model":{"type":"WordLevel","vocab":{"a":0}},"pre_tokenizer":{"type":"UnicodeScripts"}}""", "UnicodeScripts")]
    [InlineData("""{"model":{"type":"WordLevel","vocab":{"a":0}},"normalizer":{"type":"Nmt"}}""", "Nmt")]
    public void Parse_UnknownParts_AreNamed(string json, string part) =>
        Assert.Contains(part, Assert.Throws<NotSupportedException>(() => StaticEncoders.Parse(json)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"model":{"type":"WordLevel"}}""")]
    [InlineData("""{"model":{"type":"WordLevel","vocab":{}}}""")]
    [InlineData("""{"model":{"type":"WordLevel","vocab":{"a":-1}}}""")]
    [InlineData("""{"model":{"type":"WordLevel","vocab":{"a":"b"}}}""")]
    [InlineData("""{"model":{"type":"WordLevel","vocab":{"a":1.5}}}""")]
    [InlineData("""{"model":{"type":"WordLevel","vocab":{"a":2147483647}}}""")]
    [InlineData("""{"model":{"type":"WordLevel","vocab":{"a":0}},"added_tokens":[{"content":"b"}]}""")]
    [InlineData("""{"model":{"type":"WordLevel","vocab":{"a":0}},"normalizer":{"type":"Replace","pattern":{"Regex":"("},"content":""}}""")]
    [InlineData("""{"model":{"type":"WordPiece","max_input_chars_per_word":2147483647,"vocab":{"[UNK]":0}}}""")]
    [InlineData("""{"model":{"type":"WordPiece","max_input_chars_per_word":1001,"vocab":{"[UNK]":0}}}""")]
    [InlineData("""{"model":{"type":"WordPiece","max_input_chars_per_word":-1,"vocab":{"[UNK]":0}}}""")]
    [InlineData("""{"model":{"type":"WordLevel","vocab":{"a":0}},"truncation":{"max_length":-1}}""")]
    public void Parse_DamagedFile_Refuses(string json) =>
        Assert.Contains(
            "tokenizer.json", Assert.Throws<InvalidDataException>(() => StaticEncoders.Parse(json)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"String":"a"}""")]
    [InlineData("""{"Regex":"a"}""")]
    public void Encode_NormalizerThatMakesEverMoreOfAText_IsRefused(string pattern)
    {
        string tenfold = $$"""{"type":"Replace","pattern":{{pattern}},"content":"aaaaaaaaaa"}""";
        JsonTokenizer tokenizer = StaticEncoders.Parse(WordPiece(
            $$"""{"type":"Sequence","normalizers":[{{string.Join(',', Enumerable.Repeat(tenfold, 30))}}]}""",
            """{"type":"BertPreTokenizer"}"""));

        string message = Assert.Throws<InvalidDataException>(() => StaticEncoders.Tokens(tokenizer, "a")).Message;

        Assert.Contains("tokenizer.json", message, StringComparison.Ordinal);
        Assert.Contains("more than 65636 characters of a text of 1", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Encode_NormalizerThatPutsALongTextForEachCharacter_IsRefused()
    {
        JsonTokenizer tokenizer = StaticEncoders.Parse(WordPiece(
            $$"""{"type":"Replace","pattern":{"String":"a"},"content":"{{new string('b', 1 << 20)}}"}""",
            """{"type":"BertPreTokenizer"}"""));

        Assert.Throws<InvalidDataException>(() => StaticEncoders.Tokens(tokenizer, new string('a', 16_000)));
    }

    [Theory]
    [InlineData("""{"model":{"type":"Unigram","unk_id":0,"vocab":[["?",0],["LONG",-1]]}}""")]
    [InlineData("""{"model":{"type":"WordPiece","unk_token":"?","vocab":{"?":0,"LONG":1}}}""")]
    [InlineData("""{"model":{"type":"WordLevel","unk_token":"?","vocab":{"?":0}},"added_tokens":[{"id":1,"content":"LONG"}]}""")]
    public void Parse_TokenThatMakesAWordQuadratic_IsRefused(string json)
    {
        Assert.Contains(
            "tokenizer.json", Assert.Throws<InvalidDataException>(() => StaticEncoders.Parse(Of(1_001))).Message, StringComparison.Ordinal);
        Assert.Equal(2, StaticEncoders.Parse(Of(1_000)).Vocabulary.Count);

        string Of(int length) => json.Replace("LONG", new string('a', length), StringComparison.Ordinal);
    }

    [Fact]
    public void Replace_OfATextThatStandsSeveralTimes_ReplacesEachFromTheLeft()
    {
        JsonTokenizer tokenizer = StaticEncoders.Parse(
            """{"model":{"type":"WordLevel","unk_token":"?","vocab":{"?":0}},"normalizer":{"type":"Replace","pattern":{"String":"aa"},"content":"b"}}""");

        Assert.Equal(["?xbabbx"], StaticEncoders.Tokens(tokenizer, "xaaabaax"));
    }

    [Fact]
    public void AddedTokens_VeryMany_AreReadAndFoundInTime()
    {
        const int Many = 200_000;
        var json = new StringBuilder("""{"model":{"type":"WordLevel","unk_token":"?","vocab":{"?":0}},"added_tokens":[""");
        for (int i = 0; i < Many; i++)
        {
            json.Append(i == 0 ? "" : ",")
                .Append(System.Globalization.CultureInfo.InvariantCulture, $$"""{"id":{{i + 1}},"content":"<{{i}}>","special":true}""");
        }
        var clock = System.Diagnostics.Stopwatch.StartNew();

        JsonTokenizer tokenizer = StaticEncoders.Parse(json.Append("]}").ToString());
        string[] tokens = [.. StaticEncoders.Tokens(tokenizer, new string('<', 200_000) + "<7><77><7")];

        Assert.Equal(["<7>", "<77>", "?<7"], tokens[1..]);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"{clock.Elapsed}");
    }

    [Fact]
    public void CharacterMap_OfLongTexts_IsRefused()
    {
        byte[] bytes = [4, 0, 0, 0, 0, 0, 0, 0, .. "ab\0"u8, .. Encoding.UTF8.GetBytes(new string('x', 1_001))];

        Assert.Contains(
            "'m.model'", Assert.Throws<InvalidDataException>(() => CharacterMap.Read(bytes, "m.model")).Message, StringComparison.Ordinal);
        CharacterMap.Read(bytes.AsSpan(..^1), "m.model");
    }

    private static string WordPiece(string normalizer, string preTokenizer, string added = "[]") => $$$$"""
        {"added_tokens":{{{{added}}}},"normalizer":{{{{normalizer}}}},"pre_tokenizer":{{{{preTokenizer}}}},
         "model":{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##","max_input_chars_per_word":100,
                  "vocab":{"[UNK]":0,"a":1,"cat":2,"##s":3,"the":4,"dog":5,",":6,"cafe":7,"\u1112\u1161\u11ab":8}}}
        """;
}
