namespace Microsoft.ML.Mrl.Tests.Quantization;

public class Int8RangesTests
{
    [Fact]
    public void Quantize_ByHand_GivesTheNearestCodeAndKeepsToTheEnds()
    {
        var ranges = new Int8Ranges([-1, 0, 5, -1, -1, -1], [1, 255, 5, 1, 1, 1]);
        var codes = new sbyte[6];

        // (0 + 1) / 2 · 255 = 127.5, to the even 128, less 128; 7.4 to 7; no width; the ends; beyond the end.
        ranges.Quantize([0, 7.4f, 9, -1, 1, 3], codes);

        Assert.Equal([0, -121, 0, -128, 127, 127], codes);
        var back = new float[6];
        ranges.Dequantize(codes, back);
        Assert.Equal(
            [-1 + (128 * (float)(2.0 / 255)), 7, 5, -1, 1, 1],
            back.Select(v => MathF.Round(v, 6)).ToArray().Select((v, i) => i == 0 ? back[0] : v));
    }

    [Fact]
    public void Quantize_AnyWidth_AgreesWithThePlainLoopAndIsWithinHalfAStep()
    {
        var random = new Random(3);
        for (int width = 1; width <= 150; width++)
        {
            float[] rows = [.. Enumerable.Range(0, width * 5).Select(_ => (random.NextSingle() * 3) - 1)];
            Int8Ranges ranges = Int8Ranges.FromRows(rows, width);
            float[] x = [.. Enumerable.Range(0, width).Select(_ => (random.NextSingle() * 4) - 1.5f)];
            var codes = new sbyte[width];
            var back = new float[width];

            ranges.Quantize(x, codes);
            ranges.Dequantize(codes, back);

            for (int i = 0; i < width; i++)
            {
                double a = Enumerable.Range(0, 5).Min(r => rows[(r * width) + i]),
                b = Enumerable.Range(0, 5).Max(r => rows[(r * width) + i]);
                double exact = Math.Clamp((x[i] - a) / (b - a) * 255, 0, 255) - 128;
                Assert.True(Math.Abs(codes[i] - exact) <= 0.5001, $"{width}, {i}: {codes[i]} for {exact}");
                double kept = Math.Clamp(x[i], a, b);
                Assert.True(Math.Abs(back[i] - kept) <= ((b - a) / 510 * 1.001) + 1e-6, $"{width}, {i}: {back[i]} for {kept}");
                // What sentence-transformers makes of a value in range, (x − a) / ((b − a) / 255) − 128 without its fraction, is at most
                // one code away.
                Assert.True(x[i] < a || x[i] > b || Math.Abs(codes[i] - (sbyte)Math.Truncate(exact)) <= 1);
            }
        }
    }

    [Fact]
    public void Quantize_RangesOfAllMagnitudes_GivesCodesWithoutNaN()
    {
        // As many times over as fill whole registers, and a rest.
        const int times = 21;
        var ranges = new Int8Ranges(Often(-3e38f, 0, 1e-40f, -1e-30f, 0), Often(3e38f, 1e-40f, 1e-39f, 1e-30f, 1e-30f));
        var codes = new sbyte[5 * times];

        ranges.Quantize(Often(3e38f, 1, 1, 1e-30f, -3e38f), codes);

        Assert.Equal(Enumerable.Repeat((sbyte[])[127, 0, 0, 127, -128], times).SelectMany(c => c), codes);
        ranges.Quantize(Often(-3e38f, -3e38f, 3e38f, -1, 3e38f), codes);
        Assert.Equal(Enumerable.Repeat((sbyte[])[-128, 0, 0, -128, 127], times).SelectMany(c => c), codes);
        // Dimension 1 has no width: every code stands for the same value.
        var back = new float[ranges.Dimensions];
        ranges.Dequantize([.. Enumerable.Repeat((sbyte)127, 5 * times)], back);
        Assert.Equal(ranges.Minimum[1], back[1]);

        static float[] Often(params float[] values) => [.. Enumerable.Repeat(values, times).SelectMany(v => v)];
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void Quantize_NotFinite_NamesTheSlot(float bad)
    {
        var ranges = new Int8Ranges([0, 0, 0], [1, 1, 1]);

        var e = Assert.Throws<ArgumentException>(() => ranges.Quantize([0, 1, bad], new sbyte[3]));

        Assert.Contains("slot 2", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_ThatMakesNoSense_SaysSo()
    {
        Assert.Throws<ArgumentException>(() => new Int8Ranges([], []));
        Assert.Throws<ArgumentException>(() => new Int8Ranges([0], [1, 2]));
        Assert.Throws<ArgumentException>(() => new Int8Ranges([0, float.NaN], [1, 2]));
        Assert.Throws<ArgumentException>(() => Int8Ranges.FromRows([], 2));
        Assert.Throws<ArgumentException>(() => Int8Ranges.FromRows([1, 2, 3], 2));
        Assert.Throws<ArgumentException>(() => Int8Ranges.FromRows([1, float.PositiveInfinity], 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => Int8Ranges.FromRows([1], 0));
        Assert.Throws<ArgumentException>(() => new Int8Ranges([0], [1]).Quantize([1, 2], new sbyte[1]));
        Assert.Throws<ArgumentException>(() => new Int8Ranges([0], [1]).Dequantize([1], new float[2]));
        var e = Assert.Throws<ArgumentException>(() => new Int8Ranges([0, 3], [1, 2]));
        Assert.Contains("dimension 1 (counted from 0) is 3..2", e.Message, StringComparison.Ordinal);
    }
}
