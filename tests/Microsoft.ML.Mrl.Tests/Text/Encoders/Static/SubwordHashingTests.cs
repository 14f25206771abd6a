using System.Text;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;
using Microsoft.ML.Mrl.Text.Encoders.Static;

namespace Microsoft.ML.Mrl.Tests.Text.Encoders.Static;

public class SubwordHashingTests
{
    [Theory]
    [InlineData("cat")]
    [InlineData("i")]
    [InlineData("naïve")]
    [InlineData("中文")]
    [InlineData("a😀b")]
    [InlineData("internationalisation")]
    public void Add_GivesTheBucketsOfThePlainLoop(string word)
    {
        var hashing = new SubwordHashing(1000, 3, 6);
        var bag = new TokenBag();

        Assert.Equal(SlowRows(word, 1000, 3, 6).Count > 0, hashing.Add(word, 7, bag));

        Assert.Equal(SlowRows(word, 1000, 3, 6).Select(row => row + 7), bag.Rows.ToArray());
        Assert.Equal(bag.Rows.Length > 0 ? 1 : 0, bag.Count);
        Assert.All(bag.Weights.ToArray(), w => Assert.Equal(1f / bag.Rows.Length, w));
    }

    /// <summary>FNV-1a's published values: of "a" 0xE40C292C, of "foobar" 0xBF9CF968 (Fowler, Noll and Vo's test vectors).</summary>
    [Theory]
    [InlineData("a", 0xE40C292Cu)]
    [InlineData("foobar", 0xBF9CF968u)]
    public void PlainLoop_HashesAsPublished(string text, uint expected) => Assert.Equal(expected, SlowHash(text));

    [Fact]
    public void Add_WordTooShortForAnyNgram_AddsNothing()
    {
        var bag = new TokenBag();

        Assert.False(new SubwordHashing(10, 5, 6).Add("ab", 0, bag));
        Assert.Equal(0, bag.Count);
        Assert.Equal(0, bag.Rows.Length);
    }

    [Fact]
    public void Encode_UnknownWord_IsTheMeanOfItsBuckets()
    {
        StaticTextEncoder encoder = StaticTextEncoder.Create(
            ["cat cat dog dog"], new StaticEncoderOptions { Dimensions = 4, Buckets = 50 });

        float[] got = encoder.Encode("cat zebra");

        List<int> rows = SlowRows("zebra", 50, 3, 6);
        for (int d = 0; d < 4; d++)
        {
            double zebra = rows.Average(row => (double)encoder.Content.Table[(3 + row) * 4 + d]);
            double cat = encoder.Content.Table[1 * 4 + d];
            Assert.Equal((cat + zebra) / 2, got[d], 1e-6);
        }
    }

    /// <summary>fastText's own order: by start, then by length; a lone mark is no n-gram.</summary>
    private static List<int> SlowRows(string word, int buckets, int shortest, int longest)
    {
        Rune[] characters = [.. $"<{word}>".EnumerateRunes()];
        var rows = new List<int>();
        for (int start = 0; start < characters.Length; start++)
        {
            for (int length = 1; length <= longest && start + length <= characters.Length; length++)
            {
                if (length >= shortest && !(length == 1 && (start == 0 || start + length == characters.Length)))
                {
                    rows.Add((int)(SlowHash(string.Concat(characters.Skip(start).Take(length))) % (uint)buckets));
                }
            }
        }
        return rows;
    }

    private static uint SlowHash(string text)
    {
        uint hash = 2166136261;
        foreach (byte b in Encoding.UTF8.GetBytes(text))
        {
            // As fastText: the byte is sign-extended first.
            hash ^= b < 128 ? b : 0xFFFFFF00 | b;
            hash *= 16777619;
        }
        return hash;
    }
}
