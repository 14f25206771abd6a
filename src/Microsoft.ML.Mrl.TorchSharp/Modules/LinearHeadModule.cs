using Microsoft.ML.Mrl.TorchSharp.Losses;
using Microsoft.ML.Mrl.TorchSharp.Modules.Space;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.TorchSharp.Modules;

/// <summary>
/// Represents the linear head during training, on principal coordinates z <c>[N, R]</c>: y = z (E + Δ) + e + c, with E and e the start,
/// such as the first D_out columns of the identity and zeros for the PCA rotation. Δ and c start at 0, so weight decay pulls back towards
/// the start.
/// </summary>
internal sealed class LinearHeadModule : HeadModule
{
    private readonly Parameter _change;
    private readonly Parameter _bias;
    private readonly Tensor _startMap;
    private readonly Tensor _startBias;

    /// <param name="startMap">E, <c>[R, D_out]</c>; the module's own from now on.</param>
    /// <param name="startBias">e, <c>[D_out]</c>; the module's own from now on.</param>
    public LinearHeadModule(Tensor startMap, Tensor startBias)
        : base(nameof(LinearHeadModule))
    {
        _startMap = startMap;
        _startBias = startBias;
        _change = new Parameter(zeros(startMap.shape));
        _bias = new Parameter(zeros(startBias.shape));
        RegisterComponents();
    }

    private Tensor Map => _startMap.Plus(_change);

    private Tensor Bias => _startBias.Plus(_bias);

    public override Tensor forward(Tensor coordinates) => addmm(Bias, coordinates, Map, 1, 1);

    /// <summary>The weights of the head y = z · map.</summary>
    /// <param name="map"><c>[R, D_out]</c>.</param>
    public float[][] WeightsOf(Tensor map)
    {
        using DisposeScope scope = NewDisposeScope();
        return [_startBias.neg().Values().ToArray(), (map - _startMap).contiguous().Values().ToArray()];
    }

    public override bool CanPutStartBehind => true;

    public override float[][] WithStartBehind(float[][] weights, int columns, float scale)
    {
        int outputs = (int)_startBias.shape[0];
        return
        [
            ChangeWithStartBehind(weights[0], _startBias.Values(), outputs, columns, scale),
            ChangeWithStartBehind(weights[1], _startMap.Values(), outputs, columns, scale),
        ];
    }

    public override EmbeddingHead ToHead(TrainingSpace space, MatryoshkaDimensions dimensions, TrainingSummary? summary)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        return space.ToHead(Map, Bias, dimensions, summary);
    }
}
