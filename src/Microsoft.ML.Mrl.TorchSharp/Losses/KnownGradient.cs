using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.TorchSharp.Losses;

/// <summary>Hands a value and a gradient that were worked out apart from libtorch over to its automatic differentiation.</summary>
internal static class KnownGradient
{
    /// <summary>
    /// Whether a result that is differentiated once would be the same worked out here: single precision, on the processor, with a gradient
    /// wanted.
    /// </summary>
    public static bool Fits(params ReadOnlySpan<Tensor> inputs)
    {
        bool wanted = false;
        foreach (Tensor input in inputs)
        {
            if (input.dtype != ScalarType.Float32 || input.device_type != DeviceType.CPU || input.dim() == 0
                || input.NumberOfElements is 0 or > int.MaxValue / sizeof(float))
            {
                return false;
            }
            wanted |= input.requires_grad;
        }
        return wanted && is_grad_enabled();
    }

    /// <summary>
    /// A scalar that has this value and whose gradient is the given one for each input: Σ input · gradient, its value then overwritten.
    /// </summary>
    public static Tensor Scalar(double value, params ReadOnlySpan<(Tensor Input, Tensor Gradient)> parts)
    {
        Tensor? sum = null;
        foreach ((Tensor input, Tensor gradient) in parts)
        {
            if (input.requires_grad)
            {
                Tensor part = input.reshape(-1).dot(gradient.reshape(-1));
                sum = sum is null ? part : sum.Plus(part);
            }
        }
        using Scalar number = value;
        sum!.detach().fill_(number);
        return sum;
    }
}
