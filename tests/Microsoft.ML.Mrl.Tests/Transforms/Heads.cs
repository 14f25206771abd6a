namespace Microsoft.ML.Mrl.Tests.Transforms;

/// <summary>Heads made of random numbers, and the sums they stand for.</summary>
internal static class Heads
{
    public static LinearHead Random(int inputs, int outputs, MatryoshkaDimensions trained, int seed = 5)
    {
        float[] weights = Vectors.Random(1, inputs * outputs, seed)[0];
        float[] bias = Vectors.Random(1, outputs, seed + 1)[0];
        return new LinearHead(weights.AsSpan(), bias.AsSpan(), trained);
    }

    /// <summary>y_j = b_j + Σ_i x_i W_ij, in double precision.</summary>
    public static double[] ApplyByHand(LinearHead head, float[] source)
    {
        var result = new double[head.OutputDimensions];
        for (int j = 0; j < result.Length; j++)
        {
            result[j] = head.Bias.Span[j];
            for (int i = 0; i < source.Length; i++)
            {
                result[j] += (double)source[i] * head.Weights.Span[i * head.OutputDimensions + j];
            }
        }
        return result;
    }

    public static void AssertIsApplied(LinearHead head, float[] source, float[] actual)
    {
        double[] expected = ApplyByHand(head, source);
        Assert.True(actual.Length <= expected.Length);
        for (int j = 0; j < actual.Length; j++)
        {
            Assert.Equal(expected[j], actual[j], 1e-6 * Math.Sqrt(source.Length) * 4);
        }
    }

    public static int[] Bits(ReadOnlySpan<float> values)
    {
        var bits = new int[values.Length];
        for (int i = 0; i < bits.Length; i++)
        {
            bits[i] = BitConverter.SingleToInt32Bits(values[i]);
        }
        return bits;
    }
}
