using Microsoft.ML.Mrl.TorchSharp.Losses;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.TorchSharp.Modules.Encoders;

/// <summary>
/// Represents a residual head behind an encoder while both are trained. Its parts learn as they are, and not as the Dense layers that they
/// are saved as, of which some weights are fixed and others are the same.
/// </summary>
internal sealed class ResidualTail
{
    private readonly int _inputs;
    private readonly Parameter _skip, _bias, _hiddenWeights, _hiddenBias, _outputWeights;

    /// <param name="head">The initial head.</param>
    public ResidualTail(ResidualHead head)
    {
        _inputs = head.InputDimensions;
        (int hidden, int outputs) = (head.HiddenBias.Length, head.OutputDimensions);
        _skip = Learned(head.Skip, _inputs, outputs);
        _bias = Learned(head.Bias, outputs);
        _hiddenWeights = Learned(head.HiddenWeights, _inputs, hidden);
        _hiddenBias = Learned(head.HiddenBias, hidden);
        _outputWeights = Learned(head.OutputWeights, hidden, outputs);
    }

    /// <summary>Gets the parameters by name, in a fixed order.</summary>
    public IEnumerable<(string Name, Parameter Parameter)> Parameters =>
        [("skip", _skip), ("bias", _bias), ("hidden", _hiddenWeights), ("hidden.bias", _hiddenBias), ("output", _outputWeights)];

    /// <summary>Maps embeddings <c>[N, D]</c> by their first values.</summary>
    public Tensor Apply(Tensor embeddings)
    {
        Tensor x = embeddings.narrow(1, 0, _inputs);
        Tensor hidden = addmm(_hiddenBias, x, _hiddenWeights, 1, 1).relu();
        return addmm(addmm(_bias, x, _skip, 1, 1), hidden, _outputWeights, 1, 1);
    }

    /// <summary>Returns the head with the current weights.</summary>
    public ResidualHead ToHead() => new(
        _skip.Values(), _bias.Values(), _hiddenWeights.Values(), _hiddenBias.Values(), _outputWeights.Values(),
        [(int)_bias.shape[0]]);

    private static Parameter Learned(ReadOnlyMemory<float> values, params long[] shape) => new(tensor(values.ToArray(), shape));
}
