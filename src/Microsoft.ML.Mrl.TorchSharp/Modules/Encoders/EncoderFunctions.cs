using Microsoft.ML.Mrl.Text.Encoders.Transformers;
using Microsoft.ML.Mrl.TorchSharp.Losses;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.TorchSharp.Modules.Encoders;

/// <summary>
/// Sets random values to 0 while training and scales the others, so that the mean stays. Draws from numbers of its own, so that a pass can
/// be done again with the same ones.
/// </summary>
/// <param name="hidden">The part of token vectors that is left out, 0..1.</param>
/// <param name="attention">The part of attention that is left out, 0..1.</param>
/// <param name="random">The numbers.</param>
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
