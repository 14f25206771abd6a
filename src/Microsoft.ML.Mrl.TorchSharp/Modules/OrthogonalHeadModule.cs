using System.Numerics.Tensors;
using Microsoft.ML.Mrl.TorchSharp.Losses;
using Microsoft.ML.Mrl.TorchSharp.Modules.Space;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Microsoft.ML.Mrl.TorchSharp.Modules;

/// <summary>
/// Represents the orthogonal head during training: y = u O, with u the coordinates at the start, without their centring, <c>[N, D]</c>, and
/// the rotation O = (I − A/2)(I + A/2)⁻¹ of a skew A (Cayley's map; Helfrich, Willmott and Ye 2018, arXiv:1707.09520). A starts at 0 and O
/// at the identity, which weight decay pulls back to.
/// </summary>
/// <remarks>
/// Every skew A gives an orthogonal O, and I + A/2 can always be inverted: none of its singular values is below 1. O is never formed while
/// learning, since u O = 2 w − u for w (I + A/2) = u, one factorisation of <c>[D, D]</c> and a solve for the batch. A product of D
/// reflections would take D steps one after another, forwards and backwards, keep the batch between any two, and have no gradient where it
/// is the identity. The half makes O ≈ I − A, so that a step turns the vectors about as far as one of the linear head.
/// </remarks>
internal sealed class OrthogonalHeadModule : HeadModule
{
    /// <summary>
    /// The largest value of A that is told from larger ones: with any larger, single precision is too coarse to solve with.
    /// </summary>
    private const double Largest = 100;

    private readonly Parameter _skew;
    private readonly Tensor _startMap;
    private readonly Tensor _centre;

    /// <param name="startMap">The orthogonal map of coordinates to start at, <c>[D, D]</c>; the module's own from now on.</param>
    /// <param name="centre">What that map makes of the coordinates that centring took, <c>[D]</c>; the module's own from now on.</param>
    public OrthogonalHeadModule(Tensor startMap, Tensor centre)
        : base(nameof(OrthogonalHeadModule))
    {
        _startMap = startMap;
        _centre = centre;
        // Above the diagonal only; the rest stays 0.
        _skew = new Parameter(zeros(centre.shape[0], centre.shape[0]));
        RegisterComponents();
    }

    public override Tensor forward(Tensor coordinates)
    {
        if (!float.IsFinite(TensorPrimitives.MaxMagnitude(_skew.Values())))
        {
            // The solver would throw; the trainer knows what to do with a loss that is not a number.
            return coordinates.mm(_skew.Times(double.NaN));
        }
        return Rotate(addmm(_centre, coordinates, _startMap, 1, 1));
    }

    public override EmbeddingHead ToHead(TrainingSpace space, MatryoshkaDimensions dimensions, TrainingSummary? summary)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        return space.ToOrthogonalHead(Rotate(_startMap.to(ScalarType.Float64)), dimensions, summary);
    }

    /// <summary>Computes rows · O, in the precision of the rows.</summary>
    private Tensor Rotate(Tensor rows)
    {
        Tensor upper = _skew.Within(Largest).triu(1).to(rows.dtype);
        Tensor half = upper.Plus(upper.t().neg()).Times(0.5);
        // w (I + A/2) = u is (I − A/2) wᵀ = uᵀ.
        Tensor inner = linalg.solve(eye(half.shape[0], half.shape[0], rows.dtype).Plus(half.neg()), rows.t()).t();
        return inner.Times(2).Plus(rows.neg());
    }
}
