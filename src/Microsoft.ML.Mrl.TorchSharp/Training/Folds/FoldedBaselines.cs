using Microsoft.ML.Mrl.Resampling;
using Microsoft.ML.Mrl.TorchSharp.Gate;

namespace Microsoft.ML.Mrl.TorchSharp.Training.Folds;

/// <summary>The raw and the PCA prefix on some folds. Each fold has learned weights of its own, so none are measured on all.</summary>
internal sealed record FoldedBaselines(FoldedMetric Raw, FoldedMetric Pca) : IHeldOutScores
{
    public ResampledMetric? ScoreRows(TrainingWinner candidate, float[][]? weights) => candidate switch
    {
        TrainingWinner.Raw => Raw,
        TrainingWinner.Pca => Pca,
        _ => null,
    };

    public double[] Of(float[][] weights) => [];
}
