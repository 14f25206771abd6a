using Microsoft.ML.Mrl.Tests.Text.Encoders;
using Microsoft.ML.Mrl.Text.Tokenizers;

namespace Microsoft.ML.Mrl.Tests.Text.Tokenizers;

public class WordCacheTests
{
    [Theory]
    [InlineData("bytebpe")]
    [InlineData("bpe_fallback")]
    [InlineData("unigram_split")]
    [InlineData("unigram_metaspace")]
    public void Encode_AgainAndOnManyThreads_GivesTheSameIds(string name)
    {
        JsonTokenizer tokenizer = TokenizerData.Json(name);
        string[] texts = [.. TokenizerData.Golden("tokenizers", name).Select(golden => golden.Text)];
        int[][] first = [.. texts.Select(text => StaticEncoders.Ids(tokenizer, text, tokenizer.UnknownId))];

        Parallel.For(0, 8, _ =>
        {
            for (int i = 0; i < texts.Length; i++)
            {
                Assert.Equal(first[i], StaticEncoders.Ids(tokenizer, texts[i], tokenizer.UnknownId));
            }
        });
    }

    [Fact]
    public void Encode_Words_AsksTheModelOncePerWord()
    {
        var model = new Counting();
        var cache = new WordCache(model);
        var sink = new Ids();
        foreach (string word in new[] { "a", "b", "a", "?", "?", new string('x', 65), new string('x', 65), "b" })
        {
            cache.Encode(word, sink);
        }

        // Long words are asked for again.
        Assert.Equal(5, model.Calls);
        Assert.Equal([1, 1, 1, -1, -1, 65, 65, 1], sink.All);
    }

    private sealed class Counting : TokenizerModel
    {
        public int Calls { get; private set; }

        public override string? UnknownToken => "?";

        public override void Encode(ReadOnlySpan<char> word, ITokenSink sink)
        {
            Calls++;
            if (word is "?")
            {
                sink.AddUnknown(word);
            }
            else
            {
                sink.Add(word.Length);
            }
        }
    }

    private sealed class Ids : ITokenSink
    {
        public List<int> All { get; } = [];

        public void Add(int id) => All.Add(id);

        public void AddUnknown(ReadOnlySpan<char> word) => All.Add(-1);
    }
}
