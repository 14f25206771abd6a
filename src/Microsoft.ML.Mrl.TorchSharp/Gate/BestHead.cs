using Microsoft.ML.Mrl.TorchSharp.Modules;

namespace Microsoft.ML.Mrl.TorchSharp.Gate;

/// <summary>The best weights so far, by the mean of its validation scores over all dimensions; without scores the latest.</summary>
internal sealed class BestHead
{
    /// <summary>The epoch that they are from; 0 is the start, which is not kept, since anyone can make it again.</summary>
    public int Epoch { get; set; }

    /// <summary>Their validation scores, one a dimension; empty without validation.</summary>
    public double[] Scores { get; set; } = [];

    /// <summary>
    /// The best scores of an epoch after the start, even if the start did better; empty before the first, or without validation.
    /// </summary>
    public double[] LearnedScores { get; set; } = [];

    /// <summary>The weights that reached those; empty before the first epoch.</summary>
    public float[][] Weights { get; set; } = [];

    public double MeanScore => MeanOf(Scores);

    /// <summary>The mean over all dimensions; NaN of nothing.</summary>
    public static double MeanOf(double[] scores) => scores.Length == 0 ? double.NaN : scores.Average();

    /// <summary>Keeps weights if they are better.</summary>
    /// <param name="takeWeights">Copies them.</param>
    /// <param name="epoch">The epoch that they are from, 0 for the start.</param>
    /// <param name="scores">Their validation scores, one a dimension.</param>
    public void Offer(Func<float[][]> takeWeights, int epoch, double[] scores)
    {
        bool isBestLearned = epoch > 0 && IsBetter(scores, LearnedScores);
        bool isBest = IsBetter(scores, Scores);
        if (isBestLearned)
        {
            float[][] weights = takeWeights();
            if (!WeightCopies.IsFinite(weights))
            {
                return;
            }
            LearnedScores = scores;
            Weights = weights;
        }
        if (isBest)
        {
            Epoch = epoch;
            Scores = scores;
        }
    }

    /// <summary>Anything is better than nothing, and than what is not a number.</summary>
    private static bool IsBetter(double[] scores, double[] than) =>
        than.Length == 0 || double.IsNaN(MeanOf(than)) || MeanOf(scores) > MeanOf(than);
}
