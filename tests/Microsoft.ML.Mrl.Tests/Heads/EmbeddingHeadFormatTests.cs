using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.Postgres;
using Microsoft.ML.Mrl.Tests.Transforms;

namespace Microsoft.ML.Mrl.Tests.Heads;

public class EmbeddingHeadFormatTests
{
    private const int BodyStart = 16;
    private const int HashLength = 32;

    private readonly LinearHead _head = new(
        SampleHeads.Random(5, 4, [2, 4]).Weights.Span, SampleHeads.Random(5, 4, [2, 4]).Bias.Span, [2, 4],
        new TrainingSummary
        {
            Objective = "Pairs(Query, Document)", Winner = TrainingWinner.Pca, Seed = 42, TrainingRows = 100, ValidationRows = 20,
            Epochs = 7, BestEpoch = 5, Cancelled = true,
            ScoreName = "MRR", ValidationScores = [new(2, .1, double.NaN, .3), new(4, .2, .3, .4)],
        });

    [Fact]
    public void SaveThenLoad_GivesTheSameHeadAndTheSameBytes()
    {
        byte[] bytes = Save(_head);

        var loaded = Assert.IsType<LinearHead>(Load(bytes));

        Assert.Equal(bytes, Save(loaded));
        Assert.Equal(_head.Fingerprint, loaded.Fingerprint);
        Assert.Equal(_head.Weights.ToArray(), loaded.Weights.ToArray());
        Assert.Equal(_head.Bias.ToArray(), loaded.Bias.ToArray());
        Assert.Equal(_head.TrainedDimensions, loaded.TrainedDimensions);
        Assert.Equivalent(_head.Training, loaded.Training, strict: true);
    }

    [Theory]
    [InlineData("linear")]
    [InlineData("orthogonal")]
    [InlineData("residual")]
    public void SaveThenLoad_EveryKind_SameKindSameBytesSameVectors(string kind)
    {
        EmbeddingHead head = SampleHeads.Random(kind, 9, 6, [2, 6]);
        byte[] bytes = Save(head);

        EmbeddingHead loaded = Load(bytes);

        Assert.IsType(head.GetType(), loaded);
        Assert.Equal(bytes, Save(loaded));
        Assert.Equal(head.Fingerprint, loaded.Fingerprint);
        float[] row = SampleVectors.Random(1, 9)[0];
        Assert.Equal(
            SampleHeads.Bits(SampleHeads.Apply(head, row, head.OutputDimensions)),
            SampleHeads.Bits(SampleHeads.Apply(loaded, row, head.OutputDimensions)));
    }

    [Theory]
    [InlineData("orthogonal")]
    [InlineData("residual")]
    public void Load_BodyOfAnotherKindChangedAndSignedAnew_IsInvalidDataOrAHead(string kind)
    {
        byte[] body = Save(SampleHeads.Random(kind, 3, 3, [1, 3]))[BodyStart..^HashLength];
        for (int i = 0; i < body.Length; i++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                byte[] changed = [.. body];
                changed[i] ^= (byte)(1 << bit);
                Exception? e = Record.Exception(() => Load(Sign(changed)));
                Assert.True(e is null or InvalidDataException, $"Bit {bit} of byte {i}: {e}");
            }
            Assert.Throws<InvalidDataException>(() => Load(Sign(body[..i])));
        }
    }

    [Fact]
    public void Load_OrthogonalHeadWhoseMapIsNot_IsInvalidDataThatSaysSo()
    {
        AssertSays("The map is not orthogonal", 2, 2, [1, 0, 0, 2]);
        AssertSays("takes 2 values and gives 1", 2, 1, [1, 0]);

        static void AssertSays(string what, int inputs, int outputs, float[] weights)
        {
            var e = Assert.Throws<InvalidDataException>(() => Load(Sign(Body(w =>
            {
                w.Write(false);
                w.Write("orthogonal");
                w.Write(inputs);
                w.Write(outputs);
                w.Write(1);
                w.Write(1);
                Array.ForEach(weights, w.Write);
            }))));
            Assert.Contains(what, e.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(100_000_000)]
    [InlineData(0)]
    [InlineData(-1)]
    public void Load_HostileHiddenWidth_DoesNotAllocateIt(int hidden)
    {
        AssertRefusedCheaply(Sign(Body(w =>
        {
            w.Write(false);
            w.Write("residual");
            w.Write(1);
            w.Write(1);
            w.Write(1);
            w.Write(1);
            w.Write(hidden);
            w.Write(1f);
            w.Write(1f);
        })));
    }

    [Fact]
    public void SaveThenLoad_HeadThatWasNotTrained_HasNoSummary() => Assert.Null(Load(Save(SampleHeads.Random(3, 2, [1]))).Training);

    [Fact]
    public void Load_LeavesTheStreamJustAfterTheHead()
    {
        using var stream = new MemoryStream([.. Save(_head), .. Save(SampleHeads.Random(3, 2, [1])), 77]);

        Assert.Equal(5, EmbeddingHead.Load(stream).InputDimensions);
        Assert.Equal(3, EmbeddingHead.Load(stream).InputDimensions);
        Assert.Equal(77, stream.ReadByte());
    }

    [Fact]
    public void Load_StreamThatGivesOneByteAtATime_Works()
    {
        using var stream = new TricklingStream(Save(_head));

        Assert.Equal(_head.Fingerprint, EmbeddingHead.Load(stream).Fingerprint);
    }

    [Fact]
    public void Load_CutShortAnywhere_IsInvalidData()
    {
        byte[] bytes = Save(_head);
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<InvalidDataException>(() => Load(bytes[..length]));
        }
    }

    [Fact]
    public void Load_AnyOneByteChanged_IsInvalidData()
    {
        byte[] bytes = Save(_head);
        var random = new Random(1);
        for (int i = 0; i < 4000; i++)
        {
            byte[] damaged = [.. bytes];
            damaged[random.Next(bytes.Length)] ^= (byte)random.Next(1, 256);
            Assert.Throws<InvalidDataException>(() => Load(damaged));
        }
    }

    [Fact]
    public void Load_BodyChangedAndSignedAnew_IsInvalidDataOrAHead()
    {
        // The checksum guards against accidents, not against malice: past it, the parser must hold on its own.
        byte[] body = Save(_head)[BodyStart..^HashLength];
        var random = new Random(2);
        int heads = 0;
        for (int i = 0; i < 6000; i++)
        {
            byte[] changed = random.Next(4) == 0 ? body[..random.Next(body.Length)] : [.. body];
            for (int n = random.Next(1, 4); n > 0 && changed.Length > 0; n--)
            {
                changed[random.Next(changed.Length)] = (byte)random.Next(256);
            }
            try
            {
                Load(Sign(changed));
                heads++;
            }
            catch (InvalidDataException)
            {
            }
        }
        Assert.InRange(heads, 1, 5999);
    }

    [Fact]
    public void Load_BytesLeftOver_IsInvalidData() =>
        Assert.Throws<InvalidDataException>(() => Load(Sign([.. Save(_head)[BodyStart..^HashLength], 0])));

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(int.MaxValue)]
    [InlineData(2_000_000_000)]
    [InlineData(-1)]
    public void Load_HostileBodyLength_DoesNotAllocateIt(long length)
    {
        byte[] bytes = Save(_head);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), length);

        AssertRefusedCheaply(bytes);
    }

    [Theory]
    [InlineData(int.MaxValue, int.MaxValue, int.MaxValue)]
    [InlineData(int.MaxValue, int.MaxValue, 1)]
    [InlineData(1, int.MaxValue, int.MaxValue)]
    [InlineData(1, 1_000_000_000, 500_000_000)]
    [InlineData(46341, 46341, 1)]
    [InlineData(0, 4, 1)]
    [InlineData(5, -4, 1)]
    [InlineData(5, 4, -1)]
    public void Load_HostileWidths_DoNotAllocateThem(int inputs, int outputs, int dimensions)
    {
        AssertRefusedCheaply(Sign(Body(w =>
        {
            w.Write(false);
            w.Write("linear");
            w.Write(inputs);
            w.Write(outputs);
            w.Write(dimensions);
            w.Write(1);
        })));
    }

    [Fact]
    public void Load_MoreTrainedDimensionsThanBytes_SaysHowManyItNames()
    {
        byte[] head = Sign(Body(w =>
        {
            w.Write(false);
            w.Write("linear");
            w.Write(5);
            w.Write(3);
            w.Write(3);
            w.Write(1);
        }));

        Assert.Contains(
            "names 3 trained dimensions", Assert.Throws<InvalidDataException>(() => EmbeddingHead.Load(new MemoryStream(head))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Load_HostileStringAndScoreCounts_DoNotAllocateThem()
    {
        AssertRefusedCheaply(Sign([1, 0xFF, 0xFF, 0xFF, 0xFF, 0x07, 65]));
        AssertRefusedCheaply(Sign([1, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 65]));
        AssertRefusedCheaply(Sign([1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]));
        AssertRefusedCheaply(Sign(Body(w =>
        {
            w.Write(true);
            w.Write("");
            w.Write("");
            w.Write(new byte[5 * sizeof(int) + 1]);
            w.Write("");
            w.Write(int.MaxValue);
        })));
    }

    [Theory]
    [InlineData(-1, 0, 1, 1, 2)]
    [InlineData(1, -5, 1, 1, 2)]
    [InlineData(1, 0, -1, 1, 2)]
    [InlineData(1, 0, 1, -1, 2)]
    [InlineData(1, 0, 1, 1, 0)]
    [InlineData(1, 0, 1, 1, -4)]
    public void Load_NumbersThatATrainingCannotHave_AreRefused(int rows, int heldBack, int epochs, int best, int dimension) =>
        Assert.Throws<InvalidDataException>(() => Load(Save(new LinearHead([1f], [0f], [1], new TrainingSummary
        {
            Objective = "Pairs", TrainingRows = rows, ValidationRows = heldBack, Epochs = epochs, BestEpoch = best,
            ValidationScores = [new(dimension, .1, .2, .3)],
        }))));

    [Fact]
    public void Load_UnknownKindOrVersion_SaysToUpdate()
    {
        byte[] newer = Save(_head);
        newer[7] = 2;
        byte[] other = Sign(Body(w =>
        {
            w.Write(false);
            w.Write("spherical");
            w.Write(1);
            w.Write(1);
            w.Write(1);
            w.Write(1);
        }));

        Assert.Contains("version 2", Assert.Throws<InvalidDataException>(() => Load(newer)).Message, StringComparison.Ordinal);
        Assert.Contains("'spherical'", Assert.Throws<InvalidDataException>(() => Load(other)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SaveAndLoad_WithoutAStream_Refuse()
    {
        Assert.Throws<ArgumentNullException>("stream", () => _head.Save(null!));
        Assert.Throws<ArgumentNullException>("stream", () => EmbeddingHead.Load(null!));
    }

    [Fact]
    public void Fingerprint_ChangesWithWeightsWidthsAndTrainedDimensionsOnly()
    {
        float[] weights = [1, 2, 3, 4];
        string fingerprint = new LinearHead(weights, [0f, 0f], [1, 2]).Fingerprint;

        Assert.Matches("^[0-9a-f]{16}$", fingerprint);
        Assert.Equal(fingerprint, new LinearHead(weights, [0f, 0f], [1, 2]).Fingerprint);
        Assert.Equal(fingerprint, new LinearHead(weights.AsSpan(), [0f, 0f], [1, 2], new TrainingSummary { Seed = 9 }).Fingerprint);
        Assert.NotEqual(fingerprint, new LinearHead([1, 2, 3, MathF.BitIncrement(4)], [0f, 0f], [1, 2]).Fingerprint);
        Assert.NotEqual(fingerprint, new LinearHead(weights, [0f, 1f], [1, 2]).Fingerprint);
        Assert.NotEqual(fingerprint, new LinearHead(weights, [0f, 0f], [2]).Fingerprint);
        Assert.NotEqual(new LinearHead([1, 0, 0, 1], [0f, 0f], [2]).Fingerprint, new OrthogonalHead([1, 0, 0, 1], [2]).Fingerprint);
        Assert.NotEqual(
            new ResidualHead([1], [0], [1], [0], [0], [1]).Fingerprint, new ResidualHead([1], [0], [1], [0], [1], [1]).Fingerprint);
        Assert.NotEqual(new LinearHead([1, 2, 3], [4f], [1]).Fingerprint, new LinearHead([1, 2, 3], [4f, 4f, 4f], [1]).Fingerprint);
    }

    private static void AssertRefusedCheaply(byte[] bytes)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<InvalidDataException>(() => Load(bytes));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 << 20);
    }

    private static byte[] Save(EmbeddingHead head)
    {
        using var stream = new MemoryStream();
        head.Save(stream);
        return stream.ToArray();
    }

    private static EmbeddingHead Load(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        return EmbeddingHead.Load(stream);
    }

    private static byte[] Body(Action<BinaryWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true))
        {
            write(writer);
        }
        return stream.ToArray();
    }

    private static byte[] Sign(byte[] body)
    {
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, body.Length);
        return [.. "MRLHEAD\u0001"u8, .. length, .. body, .. SHA256.HashData(body)];
    }

    private sealed class TricklingStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(1, buffer.Length)]);

        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(1, count));
    }
}
