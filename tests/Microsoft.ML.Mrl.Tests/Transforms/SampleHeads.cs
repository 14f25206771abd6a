namespace Microsoft.ML.Mrl.Tests.Transforms;

/// <summary>Heads made of random numbers, and the sums they stand for.</summary>
internal static class SampleHeads
{
    public static LinearHead Random(int inputs, int outputs, MatryoshkaDimensions trained, int seed = 5)
    {
        float[] weights = SampleVectors.Random(1, inputs * outputs, seed)[0];
        float[] bias = SampleVectors.Random(1, outputs, seed + 1)[0];
        return new LinearHead(weights.AsSpan(), bias.AsSpan(), trained);
    }

    /// <summary>Random rows, made orthonormal one after another (Gram and Schmidt) in double precision.</summary>
    public static OrthogonalHead RandomOrthogonal(int width, MatryoshkaDimensions trained, int seed = 5)
    {
        double[][] rows = [.. SampleVectors.Random(width, width, seed).Select(row => Array.ConvertAll(row, v => (double)v))];
        for (int i = 0; i < width; i++)
        {
            // Twice, so that rounding leaves nothing of the others.
            for (int j = 0; j < 2 * i; j++)
            {
                double[] other = rows[j % i];
                double product = rows[i].Zip(other, (a, b) => a * b).Sum();
                rows[i] = [.. rows[i].Zip(other, (a, b) => a - product * b)];
            }
            double length = Math.Sqrt(rows[i].Sum(v => v * v));
            rows[i] = [.. rows[i].Select(v => v / length)];
        }
        return new OrthogonalHead([.. rows.SelectMany(row => row).Select(v => (float)v)], trained);
    }

    public static ResidualHead RandomResidual(int inputs, int hidden, int outputs, MatryoshkaDimensions trained, int seed = 5) => new(
        SampleVectors.Random(1, inputs * outputs, seed)[0], SampleVectors.Random(1, outputs, seed + 1)[0],
        SampleVectors.Random(1, inputs * hidden, seed + 2)[0].AsSpan(),
        SampleVectors.Random(1, hidden, seed + 3)[0], SampleVectors.Random(1, hidden * outputs, seed + 4)[0], trained);

    /// <summary>A head of a kind; an orthogonal one is as wide as its input, whatever the outputs.</summary>
    public static EmbeddingHead Random(string kind, int inputs, int outputs, MatryoshkaDimensions? trained = null) => kind switch
    {
        "linear" => Random(inputs, outputs, trained ?? [outputs]),
        "orthogonal" => RandomOrthogonal(inputs, trained ?? [inputs]),
        "residual" => RandomResidual(inputs, inputs + 3, outputs, trained ?? [outputs]),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    /// <summary>What the head's formula says, in double precision.</summary>
    public static double[] ApplyByHand(EmbeddingHead head, float[] source)
    {
        double[] x = Array.ConvertAll(source, v => (double)v);
        switch (head)
        {
            case LinearHead linear:
                return Affine(x, linear.Weights.Span, linear.Bias.Span);
            case OrthogonalHead orthogonal:
                return Affine(x, orthogonal.Weights.Span, new float[x.Length]);
            default:
                var residual = (ResidualHead)head;
                double[] hidden = Array.ConvertAll(Affine(x, residual.HiddenWeights.Span, residual.HiddenBias.Span), v => v > 0 ? v : 0);
                return [.. Affine(x, residual.Skip.Span, residual.Bias.Span)
                    .Zip(Affine(hidden, residual.OutputWeights.Span, new float[head.OutputDimensions]), (a, b) => a + b)];
        }
    }

    /// <summary>y_j = b_j + Σ_i x_i W_ij.</summary>
    private static double[] Affine(double[] x, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias)
    {
        var result = new double[bias.Length];
        for (int j = 0; j < result.Length; j++)
        {
            result[j] = bias[j];
            for (int i = 0; i < x.Length; i++)
            {
                result[j] += x[i] * weights[i * result.Length + j];
            }
        }
        return result;
    }

    public static float[] Apply(EmbeddingHead head, float[] source, int width)
    {
        var result = new float[width];
        head.Apply(source, result);
        return result;
    }

    public static float[] ApplySparse(EmbeddingHead head, int[] indices, float[] values, int width)
    {
        var result = new float[width];
        head.Apply(indices, values, result);
        return result;
    }

    public static void AssertIsApplied(EmbeddingHead head, float[] source, float[] actual)
    {
        double[] expected = ApplyByHand(head, source);
        Assert.True(actual.Length <= expected.Length);
        for (int j = 0; j < actual.Length; j++)
        {
            Assert.Equal(expected[j], actual[j], 1e-6 * Math.Sqrt(source.Length) * 4 * Math.Max(1, Math.Abs(expected[j])));
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
