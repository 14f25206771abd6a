using System.Numerics.Tensors;
using Microsoft.ML.Mrl.Text.Encoders.Transformers;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Text.Encoders.Static;

/// <summary>Applies the modules behind a StaticEmbedding to a mean of rows, without ONNX Runtime. This type is immutable.</summary>
internal sealed class PooledSteps(IReadOnlyList<SentenceStep> steps)
{
    private readonly Layer?[] _layers = [.. steps.Select(step => step is DenseStep dense ? new Layer(dense) : null)];

    /// <summary>Applies the steps to a vector.</summary>
    /// <param name="pooled">The mean, which is overwritten.</param>
    public float[] Apply(float[] pooled)
    {
        float[] x = pooled;
        foreach (Layer? layer in _layers)
        {
            if (layer is null)
            {
                UnitLength.Write(x, x);
            }
            else
            {
                x = layer.Apply(x);
            }
        }
        return x;
    }

    /// <summary>Represents the weights of a Dense module.</summary>
    private sealed class Layer(DenseStep dense)
    {
        private readonly float[] _weights = dense.Weight.Singles();
        private readonly float[]? _bias = dense.Bias?.Singles();
        private readonly float[]? _residual = dense.Residual?.Singles();

        public float[] Apply(ReadOnlySpan<float> x)
        {
            var y = new float[dense.Outputs];
            for (int o = 0; o < y.Length; o++)
            {
                float sum = TensorPrimitives.Dot(x, _weights.AsSpan(o * dense.Inputs, dense.Inputs)) + (_bias?[o] ?? 0);
                y[o] = Active(dense.Activation, sum);
                if (dense.HasResidual)
                {
                    y[o] += _residual is null ? x[o] : TensorPrimitives.Dot(x, _residual.AsSpan(o * dense.Inputs, dense.Inputs));
                }
            }
            return y;
        }
    }

    private static float Active(TransformerActivation activation, float x) => activation switch
    {
        TransformerActivation.Identity => x,
        TransformerActivation.Tanh => MathF.Tanh(x),
        TransformerActivation.Relu => MathF.Max(x, 0),
        TransformerActivation.Sigmoid => 1 / (1 + MathF.Exp(-x)),
        TransformerActivation.Silu => x / (1 + MathF.Exp(-x)),
        TransformerActivation.Gelu => (float)(x * 0.5 * (1 + ErrorFunction(x / Math.Sqrt(2)))),
        _ => throw new NotSupportedException($"The activation {activation} behind a static encoder is not supported."),
    };

    /// <summary>Computes erf(x), by its series for small numbers, and by the continued fraction of erfc for others; to 1e-12.</summary>
    private static double ErrorFunction(double x)
    {
        double size = Math.Abs(x);
        if (size > 6)
        {
            return Math.Sign(x);
        }
        if (size < 2.5)
        {
            double term = x;
            double sum = x;
            for (int n = 1; n < 80 && Math.Abs(term) > 1e-18; n++)
            {
                term *= -x * x / n;
                sum += term / (2 * n + 1);
            }
            return 2 / Math.Sqrt(Math.PI) * sum;
        }
        double fraction = size;
        for (int n = 60; n >= 1; n--)
        {
            fraction = size + n / 2.0 / fraction;
        }
        return Math.Sign(x) * (1 - Math.Exp(-size * size) / Math.Sqrt(Math.PI) / fraction);
    }
}
