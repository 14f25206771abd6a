using Microsoft.ML.Mrl.Resampling;

namespace Microsoft.ML.Mrl.TorchSharp.Gate;

/// <summary>Measures a candidate on the rows held back.</summary>
internal interface IHeldOutScores
{
    /// <summary>The scores of a candidate on resamples of the rows held back; null where the score is not made of values of single rows.</summary>
    /// <param name="candidate">The candidate.</param>
    /// <param name="weights">The learned weights, for <see cref="TrainingWinner.Learned"/>.</param>
    ResampledMetric? ScoreRows(TrainingWinner candidate, float[][]? weights);
}

/// <summary>Learned weights that may be handed back: those of the best epoch of a training, or between them and the start.</summary>
/// <param name="Run">The training that they are from.</param>
/// <param name="Blend">How far they are from the start, a in start + a · (learned − start): 1 for what was learned.</param>
/// <param name="Scores">Their validation scores, one per dimension; empty without validation.</param>
/// <param name="Rows">The scores on resamples of the rows held back; null where there are none.</param>
/// <param name="Sureness">How surely they are ahead of raw and PCA, see <see cref="HeadChoice.Measure"/>; 0 where that is not known.</param>
/// <param name="Lead">The mean difference from the better of raw and PCA; NaN without validation.</param>
internal sealed record LearnedCandidate(TrainedRun Run, double Blend, double[] Scores, ResampledMetric? Rows, double Sureness, double Lead)
{
    /// <summary>The weights: interpolated between start and learned ones (Wortsman et al. 2022, WiSE-FT, arXiv:2109.01903).</summary>
    public float[][] Weights() => Blended(Run.Start, Run.Best.Weights, Blend);

    /// <summary>start + share · (learned − start).</summary>
    public static float[][] Blended(float[][] start, float[][] learned, double share)
    {
        if (share == 1)
        {
            return learned;
        }
        float[][] blended = Array.ConvertAll(learned, part => new float[part.Length]);
        for (int i = 0; i < blended.Length; i++)
        {
            for (int j = 0; j < blended[i].Length; j++)
            {
                blended[i][j] = start[i][j] + (float)share * (learned[i][j] - start[i][j]);
            }
        }
        return blended;
    }
}

/// <summary>What one training of a family came to.</summary>
/// <param name="Name">Its learning rate, and its kind of head where several are tried; empty where nothing else is tried.</param>
/// <param name="Scores">Measures what it learns.</param>
/// <param name="Start">The weights that it started from.</param>
/// <param name="Epochs">The epochs that were run.</param>
/// <param name="Best">The best weights.</param>
internal sealed record TrainedRun(string Name, IHeldOutScores Scores, float[][] Start, int Epochs, BestHead Best);
