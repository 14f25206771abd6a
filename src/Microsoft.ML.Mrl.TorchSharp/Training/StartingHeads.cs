using Microsoft.ML.Mrl.TorchSharp.Modules.Space;
using Microsoft.ML.Mrl.TorchSharp.Options;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.TorchSharp.Training;

/// <summary>The heads that are there before anything is learned.</summary>
internal static class StartingHeads
{
    /// <summary>
    /// The rotation to the principal components; where the full vectors are to keep their cosines, not centred, with the mean behind the
    /// first.
    /// </summary>
    public static EmbeddingHead Pca(TrainingPlan plan, TrainingSpace space, TrainingSummary? summary)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor map, Tensor bias) = space.PcaMap(plan.OutputDimensions, plan.PcaKeepsCentre);
        return plan.IsOrthogonal
            ? space.ToOrthogonalHead(map, plan.Dimensions, summary)
            : space.ToHead(map, bias, plan.Dimensions, summary);
    }

    /// <summary>The head that changes nothing: it hands on the first values as they are.</summary>
    public static EmbeddingHead Raw(TrainingPlan plan, int inputs, TrainingSummary? summary)
    {
        int outputs = plan.OutputDimensions;
        var weights = new float[(long)inputs * outputs];
        for (int i = 0; i < outputs; i++)
        {
            weights[(long)i * outputs + i] = 1;
        }
        return plan.IsOrthogonal ? new OrthogonalHead(weights, plan.Dimensions, summary)
            : new LinearHead(weights, new float[outputs], plan.Dimensions, summary);
    }
}
