using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.Mrl.Quantization;

namespace Microsoft.ML.Mrl.Tests.Quantization;

public class QuantizedKernelTests
{
    public static TheoryData<int> Widths => [.. Enumerable.Range(0, 140), 255, 256, 257, 768, 1000, 1024, 1536];

    [Theory]
    [MemberData(nameof(Widths))]
    public void Int8_AgreesWithThePlainLoop(int width)
    {
        var random = new Random(width);
        sbyte[] y = [.. Enumerable.Range(0, width).Select(_ => (sbyte)random.Next(-128, 128))];
        float[] q = [.. Enumerable.Range(0, width).Select(_ => random.NextSingle() - 0.5f)];
        double product = 0, size = 1e-30;
        for (int i = 0; i < width; i++)
        {
            product += (double)q[i] * y[i];
            size += Math.Abs((double)q[i] * y[i]);
        }

        Assert.True(Math.Abs(Int8Kernel.Dot(q, y) - product) <= 1e-6 * size);
        nuint end = 0;
        int whole = width / 16 * 16;
        if (width > 0)
        {
            float portable = Int8Kernel.DotPortable(ref q[0], ref y[0], (nuint)width, ref end);
            Assert.Equal((nuint)whole, end);
            Assert.True(Math.Abs(portable - q.Zip(y).Take(whole).Sum(p => (double)p.First * p.Second)) <= 1e-6 * size);
        }
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

        Assert.Equal(x.Zip(y).Sum(p => BitOperations.PopCount((uint)(p.First ^ p.Second))), BinaryKernel.Hamming(x, y));
        Assert.True(Math.Abs(BinaryKernel.DotSigns(q, y) - expected) <= 1e-5);
        nuint end = 0;
        float portable = BinaryKernel.DotSignsPortable(q, y, ref end);
        Assert.Equal((nuint)(width / 8), end);
        Assert.True(
            Math.Abs(
                portable - q.Take(width / 8 * 8).Select((v, i) => (y[i / 8] >> (7 - (i % 8)) & 1) == 1 ? (double)v : -v).Sum()) <= 1e-5);
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Half_AgreesWithThePlainLoop(int width)
    {
        var random = new Random(width);
        float[] q = [.. Enumerable.Range(0, width).Select(_ => random.NextSingle() - 0.5f)];
        Half[] h = [.. Enumerable.Range(0, width).Select(i => (Half)((random.NextSingle() - 0.5f) * (i % 7 == 0 ? 1e-6f : 1)))];
        double expected = q.Zip(h).Sum(p => (double)p.First * (double)p.Second);

        Assert.True(Math.Abs(HalfKernel.Dot(q, MemoryMarshal.Cast<Half, short>(h)) - expected) <= 1e-5);
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
}
