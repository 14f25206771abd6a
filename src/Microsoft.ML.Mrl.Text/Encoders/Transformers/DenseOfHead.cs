using Microsoft.ML.Mrl.Export.Dense;

namespace Microsoft.ML.Mrl.Text.Encoders.Transformers;

/// <summary>One of the Dense layers that together do what a head does.</summary>
/// <param name="Config">Its configuration.</param>
/// <param name="Tensors">Its weights.</param>
internal sealed record DenseOfHead(DenseConfig Config, TensorFile Tensors)
{
    private const string Relu = "torch.nn.modules.activation.ReLU";

    /// <summary>
    /// Returns the layers of a head. A residual head y = x S + b + relu(x W₁ + b₁) W₂ is two of them: the first gives relu of x W₁ + b₁, of
    /// z = x S + b and of −z, the second multiplies the first part by W₂ and subtracts the third from the second, since relu(z) − relu(−z)
    /// is z.
    /// </summary>
    /// <param name="head">The head.</param>
    /// <param name="width">The width of what it is applied to, of which it takes the first values.</param>
    public static IReadOnlyList<DenseOfHead> Of(EmbeddingHead head, int width) => head switch
    {
        LinearHead linear => [Linear(linear.Weights.Span, linear.Bias.Span, width)],
        OrthogonalHead orthogonal => [Linear(orthogonal.Weights.Span, new float[orthogonal.OutputDimensions], width)],
        ResidualHead residual => Residual(residual, width),
        _ => throw new NotSupportedException($"A head of kind '{head.Kind}' is no Dense layers."),
    };

    private static DenseOfHead Linear(ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, int width)
    {
        var transposed = new float[bias.Length * width];
        Transpose(weights, bias.Length, transposed, width);
        return Layer(width, transposed, bias, DenseConfig.Identity);
    }

    private static DenseOfHead[] Residual(ResidualHead head, int width)
    {
        (int hidden, int outputs) = (head.HiddenBias.Length, head.OutputDimensions);
        int inner = hidden + 2 * outputs;
        var first = new float[inner * width];
        Span<float> direct = first.AsSpan(hidden * width, outputs * width);
        Transpose(head.HiddenWeights.Span, hidden, first, width);
        Transpose(head.Skip.Span, outputs, direct, width);
        Negate(direct, first.AsSpan((hidden + outputs) * width));
        var bias = new float[inner];
        head.HiddenBias.Span.CopyTo(bias);
        head.Bias.Span.CopyTo(bias.AsSpan(hidden));
        Negate(head.Bias.Span, bias.AsSpan(hidden + outputs));
        var second = new float[outputs * inner];
        Transpose(head.OutputWeights.Span, outputs, second, inner);
        for (int o = 0; o < outputs; o++)
        {
            second[o * inner + hidden + o] = 1;
            second[o * inner + hidden + outputs + o] = -1;
        }
        return [Layer(width, first, bias, Relu), Layer(inner, second, new float[outputs], DenseConfig.Identity)];
    }

    /// <summary>Turns <c>[inputs, outputs]</c> into the first rows of <c>[outputs, width]</c>, what is beyond the inputs being 0.</summary>
    private static void Transpose(ReadOnlySpan<float> weights, int outputs, Span<float> transposed, int width)
    {
        for (int i = 0; i < weights.Length; i++)
        {
            transposed[i % outputs * width + i / outputs] = weights[i];
        }
    }

    private static void Negate(ReadOnlySpan<float> values, Span<float> negated)
    {
        for (int i = 0; i < values.Length; i++)
        {
            negated[i] = -values[i];
        }
    }

    private static DenseOfHead Layer(int inputs, float[] weights, ReadOnlySpan<float> bias, string activation) => new(
        new DenseConfig(inputs, bias.Length, HasBias: true, activation),
        new TensorFile(
            [StoredTensor.FromSingles("linear.bias", [bias.Length], bias),
                StoredTensor.FromSingles("linear.weight", [bias.Length, inputs], weights)],
            [new("format", "pt")]));
}
