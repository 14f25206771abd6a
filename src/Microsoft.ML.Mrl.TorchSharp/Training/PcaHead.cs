using Microsoft.ML.Mrl.TorchSharp.Modules.Space;
using Microsoft.ML.Mrl.TorchSharp.Options;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.TorchSharp.Training;

/// <summary>The head of a training that nothing was learned in: the rotation to the principal components, orthogonal (and so not centred) where that was asked for.</summary>
internal static class PcaHead
{
    public static EmbeddingHead Of(TrainingPlan plan, TrainingSpace space, TrainingSummary? summary)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor map, Tensor bias) = space.PcaMap(plan.OutputDimensions);
        return plan.IsOrthogonal ? space.ToOrthogonalHead(map, plan.Dimensions, summary) : space.ToHead(map, bias, plan.Dimensions, summary);
    }
}
