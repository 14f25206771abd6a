using Microsoft.ML.Mrl.TorchSharp.Gate;
using Microsoft.ML.Mrl.TorchSharp.Losses;
using Microsoft.ML.Mrl.TorchSharp.Modules;
using Microsoft.ML.Mrl.TorchSharp.Modules.Space;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.TorchSharp.Training;

/// <summary>
/// A linear head that is found without training: directions of the coordinates, most wanted first. Which of them are wanted can be told of
/// few only, so behind the first ones the others can be turned to have most variance first. Their cosines at the full width stay the same.
/// </summary>
internal sealed class ClosedForm : IDisposable
{
    private readonly HeadTrainer _trainer;
    private readonly Tensor _directions;
    private readonly Tensor _variances;

    /// <param name="trainer">Makes the weights of a head.</param>
    /// <param name="directions">All directions <c>[R, R]</c>, the closed form's own from now on.</param>
    /// <param name="variances">The variances <c>[R]</c> of the coordinates, which vary independently.</param>
    public ClosedForm(HeadTrainer trainer, Tensor directions, Tensor variances)
    {
        (_trainer, _directions, _variances) = (trainer, directions, variances);
        IsFinite = WeightCopies.IsFinite([directions.Values().ToArray()]);
    }

    /// <summary>Whether there is a head.</summary>
    public bool IsFinite { get; }

    /// <summary>The weights of a shape, of which only the columns count.</summary>
    public float[][] As(CandidateShape shape)
    {
        using DisposeScope scope = NewDisposeScope();
        return _trainer.WeightsOf(
            shape.Columns is { } columns && columns < _directions.shape[1] ? Turned(_directions, columns, _variances) : _directions);
    }

    public void Dispose() => _directions.Dispose();

    /// <summary>Turns the directions behind the first ones so that values along them vary independently, most first.</summary>
    /// <param name="directions">The directions <c>[R, K]</c>.</param>
    /// <param name="columns">How many stay as they are.</param>
    /// <param name="variances">The variances <c>[R]</c> of the coordinates, which vary independently, in double precision.</param>
    public static Tensor Turned(Tensor directions, int columns, Tensor variances)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor others = directions.narrow(1, columns, directions.shape[1] - columns).to(ScalarType.Float64);
        Tensor covariance = others.t().mm(others * variances.unsqueeze(1));
        Tensor turned = others.mm(PrincipalComponents.Eigenvectors(covariance).flip(1)).to(directions.dtype);
        return cat([directions.narrow(1, 0, columns), turned], 1).MoveToOuterDisposeScope();
    }
}
