using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Text.Encoders.Static;

namespace Microsoft.ML.Mrl.Tests.Text.Encoders.Static;

public class StaticTextEncoderTests
{
    [Fact]
    public void Encode_IsTheMeanOfKnownWords()
    {
        StaticTextEncoder encoder = StaticEncoders.OfWords();

        Assert.Equal([0.5f, 1, 0], encoder.Encode("cat DOG"));
        Assert.Equal([0.5f, 1, 0], encoder.Encode("cat, horse dog!"));
        Assert.Equal([2 / 3f, 2 / 3f, 0], encoder.Encode("cat cat dog"));
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData(" \t")]
    [InlineData("horse")]
    [InlineData("\ud800\udbff")]
    public void Encode_TextWithoutAKnownWord_IsZeros(string? text)
    {
        Assert.Equal(new float[3], StaticEncoders.OfWords().Encode(text!));
        Assert.Equal(new float[3], StaticEncoders.OfWords(isNormalized: true).Encode(text!));
    }

    [Fact]
    public void Encode_UnknownWordsThatAreCounted_UseTheirToken() =>
        Assert.Equal([5, 4.5f, 4.5f], StaticEncoders.OfWords(skipsUnknown: false).Encode("cat horse"));

    [Fact]
    public void Encode_Normalized_HasUnitLength() => Assert.Equal([0, 0, 1], StaticEncoders.OfWords(isNormalized: true).Encode("a a"));

    [Fact]
    public void Encode_AMegabyteOfText_IsTheMeanOfThePlainLoop()
    {
        StaticTextEncoder encoder = StaticTextEncoder.Create(
            ["cat cat dog dog"], new StaticEncoderOptions { Dimensions = 16, Buckets = 100 });
        string text = string.Concat(Enumerable.Range(0, 100_000).Select(i => i % 3 == 0 ? "cat " : i % 3 == 1 ? "dog\n" : $"w{i} "));

        float[] got = encoder.Encode(text);

        double[] want = StaticEncoders.SlowMean(encoder, text);
        for (int i = 0; i < want.Length; i++)
        {
            Assert.Equal(want[i], got[i], 2e-5);
        }
        Assert.Equal(16, encoder.Encode(new string('x', 1 << 20)).Length);
    }

    [Fact]
    public void Encode_ManyTexts_KeepsTheirOrderOnAnyThread()
    {
        StaticTextEncoder encoder = StaticTextEncoder.Create(
            ["one two three four"], new StaticEncoderOptions { Dimensions = 8, MinCount = 1, Buckets = 20 });
        string[] texts = [.. Enumerable.Range(0, 300).Select(i => $"one {i} {(i % 2 == 0 ? "two" : "three four")}")];

        var together = new float[texts.Length * 8];
        encoder.Encode(texts, together, cancellationToken: TestContext.Current.CancellationToken);

        Parallel.For(0, texts.Length, i => Assert.Equal(encoder.Encode(texts[i]), together[(i * 8)..(i * 8 + 8)]));
    }

    [Fact]
    public void Encode_BadArguments_AreRefused()
    {
        StaticTextEncoder encoder = StaticEncoders.OfWords();

        Assert.Throws<ArgumentNullException>(
            "texts", () => encoder.Encode(null!, [], cancellationToken: TestContext.Current.CancellationToken));
        Assert.Contains(
            "6", Assert.Throws<ArgumentException>(
                "embeddings", () => encoder.Encode(["a", "b"], new float[5], cancellationToken: TestContext.Current.CancellationToken))
                .Message, StringComparison.Ordinal);
        encoder.Encode([], [], cancellationToken: TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Encode_Cancelled_Stops()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();

        Assert.Throws<OperationCanceledException>(
            () => StaticEncoders.OfWords().Encode(["a"], new float[3], cancellationToken: source.Token));
    }

    [Fact]
    public void Create_SameCorpusAndSeed_SameBytes()
    {
        string[] corpus = ["The cat sat.", "the dog sat", "a cat!", null!, ""];
        var options = new StaticEncoderOptions { Dimensions = 8, Buckets = 10, Seed = 5 };

        StaticTextEncoder encoder = StaticTextEncoder.Create(corpus, options);

        Assert.Equal(StaticTextEncoder.Create(corpus, options).Fingerprint, encoder.Fingerprint);
        Assert.NotEqual(
            StaticTextEncoder.Create(corpus, new StaticEncoderOptions { Dimensions = 8, Buckets = 10, Seed = 6 }).Fingerprint,
            encoder.Fingerprint);
        Assert.Equal(
            ["[UNK]", "cat", "sat", "the"], encoder.Tokenizer.Vocabulary.OrderBy(t => t.Value).Select(t => t.Key.TrimStart('\u2581')));
        Assert.Equal(10, encoder.Buckets);
        Assert.Equal(14 * 8, encoder.Content.Table.Length);
        Assert.Equal(
            1, StaticTextEncoder.Create(corpus, new StaticEncoderOptions { Dimensions = 8, Buckets = 10, Seed = 5, MaxWords = 0 })
            .VocabularySize);
    }

    [Fact]
    public void Create_NothingToLearnFrom_Refuses()
    {
        Assert.Throws<InvalidOperationException>(() => StaticTextEncoder.Create(["once"], new StaticEncoderOptions { Buckets = 0 }));
        Assert.Throws<ArgumentNullException>("corpus", () => StaticTextEncoder.Create(null!));
        string message = Assert.Throws<ArgumentException>("options", () => StaticTextEncoder.Create([], new StaticEncoderOptions
        {
            Dimensions = 0, MinCount = 0, MaxWords = -1, Buckets = -1, MinNgramLength = 4, MaxNgramLength = 3,
        })).Message;
        Assert.All(
            ["Dimensions is 0", "MinCount is 0", "MaxWords is -1", "Buckets is -1", "4..3"],
            part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    [Fact]
    public void WriteThenRead_GivesTheSameEncoder()
    {
        StaticTextEncoder encoder = StaticEncoders.Numbers();
        var stream = new MemoryStream();
        encoder.Write(stream);
        stream.Position = 0;

        var read = (StaticTextEncoder)TextEncoder.Read(stream);

        Assert.Equal(stream.Length, stream.Position);
        Assert.Equal(encoder.Fingerprint, read.Fingerprint);
        Assert.Equal(encoder.TrainedDimensions, read.TrainedDimensions);
        Assert.Equal(encoder.Training!.ToString(), read.Training!.ToString());
        Assert.Equal(encoder.Encode("1 2 2"), read.Encode("1 2 2"));
    }

    [Fact]
    public void WriteThenRead_WithWeightsMappingAndBuckets_GivesTheSameEncoder()
    {
        var encoder = new StaticTextEncoder(StaticEncoders.Content(isNormalized: true) with
        {
            Table = [1, 2, 3, 4, 5, 6, /* buckets */ 7, 8, 9, 10, 11, 12],
            Mapping = [0, 1, 1, 0, 1],
            TokenWeights = [1, 0.5f, 2, 1, 3],
            Subwords = new SubwordHashing(2, 2, 4),
        });
        var stream = new MemoryStream();
        encoder.Write(stream);
        stream.Position = 0;

        var read = (StaticTextEncoder)TextEncoder.Read(stream);

        Assert.Equal(encoder.Fingerprint, read.Fingerprint);
        Assert.Equal(encoder.Encode("cat zebra"), read.Encode("cat zebra"));
        double[] want = StaticEncoders.SlowMean(encoder, "cat dog zebra");
        Assert.All(want.Zip(encoder.Encode("cat dog zebra")), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
    }

    [Fact]
    public void Read_AnyDamage_IsInvalidData()
    {
        var stream = new MemoryStream();
        StaticEncoders.Numbers().Write(stream);
        byte[] bytes = stream.ToArray();

        for (int i = 0; i < bytes.Length; i++)
        {
            byte[] damaged = [.. bytes];
            damaged[i] ^= 0x41;
            Assert.Throws<InvalidDataException>(() => TextEncoder.Read(new MemoryStream(damaged)));
            Assert.Throws<InvalidDataException>(() => TextEncoder.Read(new MemoryStream(bytes[..i])));
        }
    }

    [Theory]
    [InlineData(1_000_000_000)]
    [InlineData(int.MaxValue)]
    [InlineData(-1)]
    public void Read_TokenizerLongerThanTheFile_IsRefusedWithoutRoomForIt(int length)
    {
        var stream = new MemoryStream();
        ChecksummedFrame.Write(stream, "MRLTEXT"u8, 1, writer =>
        {
            writer.Write(false);
            writer.Write(StaticTextEncoder.KindName);
            writer.Write(3);
            writer.Write(0);
            writer.Write((byte)0);
            writer.Write(length);
            writer.Write(new byte[100]);
        });
        stream.Position = 0;
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<InvalidDataException>(() => TextEncoder.Read(stream));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Constructor_PartsThatDoNotFit_AreNamed()
    {
        StaticEncoderContent content = StaticEncoders.Content();

        AssertRefused(content with { Table = content.Table[3..] }, "5 tokens", "4 rows");
        AssertRefused(content with { Table = content.Table[1..] }, "14 numbers");
        AssertRefused(content with { TokenWeights = [1, 1] }, "2 token weights");
        AssertRefused(content with { Mapping = [0, 0, 0, 0, 5] }, "token 4", "row 5");
        AssertRefused(content with { Mapping = [0] }, "1 entries");
        AssertRefused(content with { Table = [.. content.Table[1..], float.NaN] }, "Value 14");
        Assert.Throws<ArgumentOutOfRangeException>(
            "trainedDimensions", () => new StaticTextEncoder(content with { TrainedDimensions = [4] }));
    }

    private static void AssertRefused(StaticEncoderContent content, params string[] parts)
    {
        string message = Assert.Throws<InvalidDataException>(() => new StaticTextEncoder(content)).Message;
        Assert.All(parts, part => Assert.Contains(part, message, StringComparison.Ordinal));
    }
}
