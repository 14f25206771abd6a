using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>
/// The linear head while it learns, on principal coordinates z <c>[N, R]</c>: y = z (E + Δ) + c, E the first D_out columns of the identity.
/// Δ starts at 0, so the head starts as the PCA rotation, and weight decay pulls back towards it.
/// </summary>
internal sealed class LinearHeadModule : HeadModule
{
    private readonly Parameter _change;
    private readonly Parameter _bias;
    private readonly Tensor _start;

    public LinearHeadModule(int coordinates, int outputs)
        : base(nameof(LinearHeadModule))
    {
        _start = eye(coordinates, outputs);
        _change = new Parameter(zeros(coordinates, outputs));
        _bias = new Parameter(zeros(outputs));
        RegisterComponents();
    }

    public override Tensor forward(Tensor coordinates) => addmm(_bias, coordinates, _start.Plus(_change), 1, 1);

    public override EmbeddingHead ToHead(TrainingSpace space, MatryoshkaDimensions dimensions, TrainingSummary? summary)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        return space.ToHead(_start.Plus(_change), _bias, dimensions, summary);
    }
}
