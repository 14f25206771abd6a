using System.Text.Json;
using Microsoft.ML.Mrl.Tests.Text.Encoders;
using Microsoft.ML.Mrl.Text.Tokenizers;

namespace Microsoft.ML.Mrl.Tests.Text.Tokenizers;

/// <summary>The ids of the libraries that the formats come from, for 293 texts and all kinds of models.</summary>
public class TokenizerGoldenTests
{
    private const int Texts = 293;

    [Theory]
    [InlineData("unigram")]
    [InlineData("unigram_bytes")]
    [InlineData("bpe")]
    [InlineData("bpe_bytes")]
    [InlineData("bpe_unused")]
    public void SentencePieceModel_GivesTheIdsOfSentencePiece(string name) =>
        AssertAll("sentencepiece", name, TokenizerData.SentencePiece(name), 0);

    [Theory]
    [InlineData("wordpiece")]
    [InlineData("wordpiece_cased")]
    [InlineData("bytebpe")]
    [InlineData("bpe_fallback")]
    [InlineData("unigram_split")]
    [InlineData("unigram_metaspace")]
    public void TokenizerJson_GivesTheIdsOfTheTokenizersLibrary(string name)
    {
        JsonTokenizer tokenizer = TokenizerData.Json(name);
        AssertAll("tokenizers", name, tokenizer, tokenizer.UnknownId);
    }

    private static void AssertAll(string library, string name, JsonTokenizer tokenizer, int? unknown)
    {
        (string Text, int[] Ids)[] golden = TokenizerData.Golden(library, name);

        Assert.Equal(Texts, golden.Length);
        foreach ((string text, int[] expected) in golden)
        {
            int[] ids = StaticEncoders.Ids(tokenizer, text, unknown);
            Assert.True(
                expected.SequenceEqual(ids),
                $"{JsonSerializer.Serialize(text)}: expected {string.Join(',', expected)}, got {string.Join(',', ids)}");
        }
    }
}
