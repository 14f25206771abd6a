using Microsoft.ML.Mrl.TorchSharp.Modules.Space;
using Microsoft.ML.Mrl.TorchSharp.Options;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.TorchSharp.Modules;

/// <summary>Makes the module of the head that the options ask for.</summary>
internal static class HeadModules
{
    /// <param name="plan">Names the kind of head, its start and its widths.</param>
    /// <param name="space">The coordinates that it will learn in.</param>
    /// <param name="random">Draws the start of a hidden layer.</param>
    public static HeadModule Create(TrainingPlan plan, TrainingSpace space, Random random)
    {
        bool identity = plan.StartingPoint == StartingPoint.Identity;
        (Tensor map, Tensor bias) = identity ? space.IdentityMap(plan.OutputDimensions)
            : space.PcaMap(plan.OutputDimensions, plan.PcaKeepsCentre);
        return plan.Head switch
        {
            HeadKind.Orthogonal => new OrthogonalHeadModule(map, bias),
            HeadKind.Residual => new ResidualHeadModule(map, bias, plan.HiddenDimensions, random),
            _ => new LinearHeadModule(map, bias),
        };
    }
}
