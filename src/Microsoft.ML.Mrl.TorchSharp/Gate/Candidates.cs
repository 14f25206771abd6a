using Microsoft.ML.Mrl.Resampling;

namespace Microsoft.ML.Mrl.TorchSharp.Gate;

/// <summary>Measures a candidate on the rows held back.</summary>
internal interface IHeldOutScores
{
    /// <summary>
    /// The scores of a candidate on resamples of the rows held back; null where the score is not made of values of single rows.
    /// </summary>
    /// <param name="candidate">The candidate.</param>
    /// <param name="weights">The learned weights, for <see cref="TrainingWinner.Learned"/>.</param>
    ResampledMetric? ScoreRows(TrainingWinner candidate, float[][]? weights);
}

/// <summary>Learned weights that may be handed back: those of the best epoch of a training, or between them and the start.</summary>
/// <param name="Run">The training that they are from.</param>
/// <param name="Blend">How far they are from the start, a in start + a · (learned − start): 1 for what was learned.</param>
/// <param name="Scores">Their validation scores, one per dimension; empty without validation.</param>
internal sealed record LearnedCandidate(TrainedRun Run, double Blend, double[] Scores)
{
    /// <summary>The weights.</summary>
    /// <param name="start">Those that the training started from.</param>
    public float[][] Weights(float[][] start) => Blend == 1 ? Run.Best.Weights : Blended(start, Run.Best.Weights, (float)Blend);

    /// <summary>start + share · (learned − start).</summary>
    public static float[][] Blended(float[][] start, float[][] learned, float share)
    {
        float[][] blended = Array.ConvertAll(learned, part => new float[part.Length]);
        for (int i = 0; i < blended.Length; i++)
        {
            for (int j = 0; j < blended[i].Length; j++)
            {
                blended[i][j] = start[i][j] + share * (learned[i][j] - start[i][j]);
            }
        }
        return blended;
    }
}

/// <summary>What one training of a family came to.</summary>
/// <param name="LearningRate">Its highest learning rate.</param>
/// <param name="Epochs">The epochs that were run.</param>
/// <param name="Best">The best weights.</param>
internal sealed record TrainedRun(double LearningRate, int Epochs, BestHead Best);
