using Microsoft.ML.Mrl.TorchSharp.Options;

namespace Microsoft.ML.Mrl.TorchSharp.Training;

/// <summary>The head that changes nothing: it hands on the first values as they are.</summary>
internal static class RawHead
{
    public static EmbeddingHead Of(TrainingPlan plan, int inputs, TrainingSummary? summary)
    {
        int outputs = plan.OutputDimensions;
        var weights = new float[(long)inputs * outputs];
        for (int i = 0; i < outputs; i++)
        {
            weights[(long)i * outputs + i] = 1;
        }
        return plan.IsOrthogonal ? new OrthogonalHead(weights, plan.Dimensions, summary) : new LinearHead(weights, new float[outputs], plan.Dimensions, summary);
    }
}
