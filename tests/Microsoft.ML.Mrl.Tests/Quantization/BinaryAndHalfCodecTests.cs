using Microsoft.ML.Mrl.Quantization;

namespace Microsoft.ML.Mrl.Tests.Quantization;

public class BinaryAndHalfCodecTests
{
    [Fact]
    public void Pack_ByHand_PutsTheFirstValueIntoTheHighestBit()
    {
        // numpy.packbits([1, 0, 0, 1, 0, 1, 1, 0, 1]) is [0x96, 0x80].
        var bits = new byte[2];

        BinaryCodec.Pack([1, -1, 0, 2, -3, 4, 5, -0.1f, 7], bits);

        Assert.Equal([0x96, 0x80], bits);
    }

    [Fact]
    public void Pack_AnyWidth_AgreesWithThePlainLoopAndUnpacksToUnitLength()
    {
        var random = new Random(1);
        for (int width = 1; width <= 150; width++)
        {
            float[] x = [
                .. Enumerable.Range(0, width)
                .Select(_ => random.Next(5) == 0 ? (random.Next(2) == 0 ? 0f : -0f) : random.NextSingle() - 0.5f)];
            var bits = new byte[BinaryCodec.ByteCount(width)];
            Array.Fill(bits, (byte)0xFF);

            BinaryCodec.Pack(x, bits);

            var expected = new byte[(width + 7) / 8];
            for (int i = 0; i < width; i++)
            {
                expected[i / 8] |= (byte)(x[i] > 0 ? 1 << (7 - (i % 8)) : 0);
            }
            Assert.Equal(expected, bits);
            var back = new float[width];
            BinaryCodec.Unpack(bits, back);
            Assert.Equal(x.Select(v => (v > 0 ? 1 : -1) / MathF.Sqrt(width)), back);
            Assert.Equal(1, back.Sum(v => (double)v * v), 5);
        }
    }

    [Fact]
    public void Pack_WidthsThatDoNotFit_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => BinaryCodec.Pack([], []));
        Assert.Throws<ArgumentException>(() => BinaryCodec.Pack(new float[9], new byte[1]));
        Assert.Throws<ArgumentException>(() => BinaryCodec.Unpack(new byte[2], new float[8]));
        Assert.Throws<ArgumentOutOfRangeException>(() => BinaryCodec.ByteCount(0));
    }

    [Fact]
    public void Half_EveryBitPattern_ComesBackAsTheRuntimeHasIt()
    {
        ushort[] bits = [.. Enumerable.Range(0, 65536).Select(i => (ushort)i)];
        var values = new float[bits.Length];

        HalfCodec.Dequantize(HalfCodec.AsHalf((ReadOnlySpan<ushort>)bits), values);

        Assert.Equal(bits.Select(b => (float)BitConverter.UInt16BitsToHalf(b)), values);
        var halves = new Half[3];
        HalfCodec.Quantize([1, 1e-8f, -0.333f], halves);
        Assert.Equal([(Half)1f, (Half)1e-8f, (Half)(-0.333f)], halves);
        Assert.Equal([0x3C00, 0, 0xB554], halves.Select(half => (int)BitConverter.HalfToUInt16Bits(half)));
    }
}
