using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Tests.Vectors;

public class UnitLengthTests
{
    [Fact]
    public void SumOfSquares_EqualsThePlainLoop()
    {
        for (int length = 0; length <= 300; length++)
        {
            float[] vector = Random(length);
            double expected = vector.Sum(value => (double)value * value);

            Assert.Equal(expected, UnitLength.SumOfSquares(vector), 1e-6 * expected);
        }
    }

    [Fact]
    public void WriteAndSumOfSquares_AtAnyPlaceInMemory_GiveTheSameBits()
    {
        const int Places = 16;
        foreach (int length in (int[])[1, 8, 31, 128, 129, 200, 768])
        {
            float[] vector = Random(length);
            float square = UnitLength.SumOfSquares(vector);
            float[] unit = new float[length], memory = new float[length + Places];
            UnitLength.Write(vector, unit);
            for (int place = 0; place < Places; place++)
            {
                Span<float> moved = memory.AsSpan(place, length);
                vector.CopyTo(moved);

                Assert.Equal(BitConverter.SingleToInt32Bits(square), BitConverter.SingleToInt32Bits(UnitLength.SumOfSquares(moved)));
                UnitLength.Write(moved, moved);
                Assert.Equal(unit, moved.ToArray());
            }
        }
    }

    [Theory]
    [InlineData(float.NaN, true)]
    [InlineData(float.PositiveInfinity, false)]
    [InlineData(float.NegativeInfinity, false)]
    public void SumOfSquares_IsNaNWhereAValueIs(float value, bool isNaN)
    {
        for (int slot = 0; slot < 70; slot++)
        {
            float[] vector = Random(70);
            vector[slot] = value;
            vector[(slot + 9) % 70] = float.PositiveInfinity;

            Assert.Equal(isNaN, float.IsNaN(UnitLength.SumOfSquares(vector)));
        }
    }

    private static float[] Random(int length)
    {
        var random = new Random(length);
        return [.. Enumerable.Range(0, length).Select(_ => random.NextSingle() - 0.5f)];
    }
}
