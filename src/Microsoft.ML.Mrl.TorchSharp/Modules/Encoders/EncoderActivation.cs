using Microsoft.ML.Mrl.Text.Encoders.Transformers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.TorchSharp.Modules.Encoders;

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
