using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>
/// The linear head while it learns, on principal coordinates z <c>[N, R]</c>: y = z (E + Δ) + c, E the first D_out columns of the identity.
/// Δ starts at 0, so the head starts as the PCA rotation, and weight decay pulls back towards it.
/// </summary>
internal sealed class LinearHeadModule : nn.Module<Tensor, Tensor>
{
    private readonly Parameter _change;
    private readonly Parameter _bias;
    private readonly Tensor _start;
    private readonly int _outputs;

    public LinearHeadModule(int coordinates, int outputs)
        : base(nameof(LinearHeadModule))
    {
        _outputs = outputs;
        _start = eye(coordinates, outputs);
        _change = new Parameter(zeros(coordinates, outputs));
        _bias = new Parameter(zeros(outputs));
        RegisterComponents();
    }

    /// <summary>E + Δ, <c>[R, D_out]</c>.</summary>
    public Tensor Map => _start.Plus(_change);

    /// <summary>c, <c>[D_out]</c>.</summary>
    public Tensor Bias => _bias;

    /// <summary>z (E + Δ) + c; where there are enough coordinates, z E is the first of them, and E + Δ need not be written.</summary>
    public override Tensor forward(Tensor coordinates) => coordinates.shape[1] < _outputs
        ? addmm(_bias, coordinates, Map, 1, 1)
        : addmm(_bias, coordinates, _change, 1, 1).AddInPlace(coordinates.narrow(1, 0, _outputs));
}
