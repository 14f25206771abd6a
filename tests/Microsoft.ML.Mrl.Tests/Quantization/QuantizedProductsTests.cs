using System.Numerics;
using System.Runtime.Intrinsics;
using Microsoft.ML.Mrl.Quantization;

namespace Microsoft.ML.Mrl.Tests.Quantization;

public class QuantizedProductsTests
{
    public static TheoryData<int> Widths => [.. Enumerable.Range(0, 140), 255, 256, 257, 768, 1000, 1024, 1536];

    [Theory]
    [MemberData(nameof(Widths))]
    public void Int8_AgreesWithThePlainLoop(int width)
    {
        var random = new Random(width);
        sbyte[] x = [.. Enumerable.Range(0, width).Select(_ => (sbyte)random.Next(-128, 128))], y = [.. Enumerable.Range(0, width).Select(_ => (sbyte)random.Next(-128, 128))];
        float[] q = [.. Enumerable.Range(0, width).Select(_ => random.NextSingle() - 0.5f)];
        int expected = 0;
        double product = 0, size = 1e-30;
        for (int i = 0; i < width; i++)
        {
            expected += x[i] * y[i];
            product += (double)q[i] * y[i];
            size += Math.Abs((double)q[i] * y[i]);
        }

        Assert.Equal(expected, QuantizedProducts.Dot(x, y));
        Assert.True(Math.Abs(QuantizedProducts.Dot(q, y) - product) <= 1e-6 * size);
        nuint end = 0;
        int whole = width / 16 * 16;
        if (width > 0)
        {
            Assert.Equal(x.Zip(y).Take(whole).Sum(p => p.First * p.Second), Int8Kernel.DotPortable(ref x[0], ref y[0], (nuint)width, ref end));
            Assert.Equal((nuint)whole, end);
            end = 0;
            float portable = Int8Kernel.DotPortable(ref q[0], ref y[0], (nuint)width, ref end);
            Assert.True(Math.Abs(portable - q.Zip(y).Take(whole).Sum(p => (double)p.First * p.Second)) <= 1e-6 * size);
        }
    }

    [Fact]
    public void Int8_LargestProductsAtTheGreatestWidth_StayExact()
    {
        var lowest = new sbyte[QuantizedProducts.MostInt8Dimensions];
        Array.Fill(lowest, sbyte.MinValue);

        Assert.Equal(lowest.Length * 16384L, QuantizedProducts.Dot(lowest, lowest));
        Assert.Throws<ArgumentException>(() => QuantizedProducts.Dot(new sbyte[lowest.Length + 1], new sbyte[lowest.Length + 1]));
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Bits_AgreeWithThePlainLoop(int width)
    {
        var random = new Random(width);
        var x = new byte[(width + 7) / 8];
        var y = new byte[x.Length];
        random.NextBytes(x);
        random.NextBytes(y);
        float[] q = [.. Enumerable.Range(0, width).Select(_ => random.NextSingle() - 0.5f)];
        double expected = q.Select((v, i) => (y[i / 8] >> (7 - (i % 8)) & 1) == 1 ? (double)v : -v).Sum();

        Assert.Equal(x.Zip(y).Sum(p => BitOperations.PopCount((uint)(p.First ^ p.Second))), QuantizedProducts.Hamming(x, y));
        Assert.True(Math.Abs(QuantizedProducts.DotSigns(q, y) - expected) <= 1e-5);
        nuint end = 0;
        float portable = BinaryKernel.DotSignsPortable(q, y, ref end);
        Assert.Equal((nuint)(width / 8), end);
        Assert.True(Math.Abs(portable - q.Take(width / 8 * 8).Select((v, i) => (y[i / 8] >> (7 - (i % 8)) & 1) == 1 ? (double)v : -v).Sum()) <= 1e-5);
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Half_AgreesWithThePlainLoop(int width)
    {
        var random = new Random(width);
        float[] q = [.. Enumerable.Range(0, width).Select(_ => random.NextSingle() - 0.5f)];
        Half[] h = [.. Enumerable.Range(0, width).Select(i => (Half)((random.NextSingle() - 0.5f) * (i % 7 == 0 ? 1e-6f : 1)))];
        double expected = q.Zip(h).Sum(p => (double)p.First * (double)p.Second);

        Assert.True(Math.Abs(QuantizedProducts.Dot(q, h) - expected) <= 1e-5);
        if (width > 0)
        {
            nuint end = 0;
            short[] bits = [.. h.Select(BitConverter.HalfToInt16Bits)];
            float portable = HalfKernel.DotPortable(ref q[0], ref bits[0], (nuint)width, ref end);
            Assert.True(Math.Abs(portable - q.Zip(h).Take(width / 8 * 8).Sum(p => (double)p.First * (double)p.Second)) <= 1e-5);
        }
    }

    [Fact]
    public void Half_EveryBitPatternOnEveryRegister_IsTheRuntimesValue()
    {
        for (int i = 0; i < 65536; i++)
        {
            float expected = (float)BitConverter.UInt16BitsToHalf((ushort)i);
            Assert.Equal(expected, HalfKernel.ToSingle(Vector128.Create((int)(short)i))[1]);
            Assert.Equal(expected, HalfKernel.ToSingle(Vector256.Create((int)(short)i))[5]);
            Assert.Equal(expected, HalfKernel.ToSingle(Vector512.Create((int)(short)i))[11]);
        }
    }

    [Fact]
    public void Products_OfDifferentWidths_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => QuantizedProducts.Dot(new sbyte[2], new sbyte[3]));
        Assert.Throws<ArgumentException>(() => QuantizedProducts.Dot(new float[2], new sbyte[3]));
        Assert.Throws<ArgumentException>(() => QuantizedProducts.Dot(new float[2], new Half[3]));
        Assert.Throws<ArgumentException>(() => QuantizedProducts.DotSigns(new float[9], new byte[1]));
        Assert.Throws<ArgumentException>(() => QuantizedProducts.Hamming(new byte[2], new byte[1]));
    }
}
