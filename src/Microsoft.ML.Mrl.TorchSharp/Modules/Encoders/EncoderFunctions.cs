using Microsoft.ML.Mrl.Text.Encoders.Transformers;
using Microsoft.ML.Mrl.TorchSharp.Losses;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.TorchSharp.Modules.Encoders;

/// <summary>
/// Sets random values to 0 during training and scales the others, so that the mean stays the same. It uses its own random numbers, so that
/// a pass can be repeated with the same ones.
/// </summary>
/// <param name="hidden">The dropout probability of token vectors, 0..1.</param>
/// <param name="attention">The dropout probability of attention, 0..1.</param>
/// <param name="random">The random numbers.</param>
internal sealed class EncoderDropout(double hidden, double attention, Generator random)
{
    public bool OnAttention => attention > 0;

    public Tensor Hidden(Tensor values) => Drop(values, hidden);

    public Tensor Attention(Tensor values) => Drop(values, attention);

    private Tensor Drop(Tensor values, double part)
    {
        if (part <= 0)
        {
            return values;
        }
        using Scalar limit = part;
        return values.mul(rand(values.shape, generator: random).ge(limit).to_type(ScalarType.Float32).Times(1 / (1 - part)));
    }
}

/// <summary>Activations as tensors.</summary>
internal static class EncoderActivation
{
    public static Tensor Apply(TransformerActivation activation, Tensor x) => activation switch
    {
        TransformerActivation.Identity => x,
        TransformerActivation.Gelu => x.gelu(),
        TransformerActivation.GeluTanh => x.gelu(GELU.Approximate.tanh),
        TransformerActivation.Relu => x.relu(),
        TransformerActivation.Silu => x.mul(x.sigmoid()),
        TransformerActivation.Tanh => x.tanh(),
        TransformerActivation.Sigmoid => x.sigmoid(),
        _ => throw new NotSupportedException($"Activation {activation} is not known."),
    };
}
