using System.Globalization;
using Microsoft.ML.Mrl.Resampling;

namespace Microsoft.ML.Mrl.TorchSharp.Gate;

/// <summary>Measures a candidate on the rows held back.</summary>
internal interface IHeldOutScores
{
    /// <summary>The scores of a candidate on resamples of the rows held back; null where the score is not made of values of single
    /// rows.</summary>
    /// <param name="candidate">The candidate.</param>
    /// <param name="weights">The learned weights, for <see cref="TrainingWinner.Learned"/>.</param>
    ResampledMetric? ScoreRows(TrainingWinner candidate, float[][]? weights);

    /// <summary>The scores of weights, one per dimension.</summary>
    double[] Of(float[][] weights);
}

/// <summary>Learned weights that may be handed back: those of the best epoch of a training, or made of them and of the start.</summary>
/// <param name="Run">The training that they are from.</param>
/// <param name="Shape">What was made of it.</param>
/// <param name="Weights">Makes the weights.</param>
/// <param name="Scores">Their validation scores, one per dimension; empty without validation.</param>
/// <param name="Rows">The scores on resamples of the rows held back; null where there are none.</param>
/// <param name="Worth">What is wanted of candidates, see <see cref="HeadChoice.Measure"/>; NaN without validation.</param>
internal sealed record LearnedCandidate(
    TrainedRun Run, CandidateShape Shape, Func<float[][]> Weights, double[] Scores, ResampledMetric? Rows, double Worth);

/// <summary>What is made of learned weights.</summary>
/// <param name="Share">
/// How far they are from the start, as a in start + a · (learned − start): interpolation between weights (Wortsman et al. 2022, WiSE-FT,
/// arXiv:2109.01903). 1 for what was learned.
/// </param>
/// <param name="Columns">
/// How many of the output's first values are learned, those of the start coming behind them; null for all. The scale of the learned ones
/// changes nothing as long as nothing else is read, and beyond them decides how much they count.
/// </param>
/// <param name="Scale">
/// How long the learned values are, in the mean, as a share of how long the whole start is, where that comes behind them; else 1.
/// </param>
internal sealed record CandidateShape(double Share, int? Columns = null, double Scale = 1)
{
    /// <summary>
    /// Whether what comes behind are not values of the start but all other values, turned to have most variance first.
    /// </summary>
    public bool IsTurned { get; init; }

    /// <summary>What was learned, as it is.</summary>
    public static readonly CandidateShape Learned = new(1);

    /// <summary>Scales of learned values to try, the likeliest first.</summary>
    public static readonly double[] Scales = [1, 2, 0.7, 0.5];

    /// <summary>The same where the start is to decide at the full width.</summary>
    public static readonly double[] ScalesForTransfer = [0.7, 0.5];

    private string Behind => IsTurned ? "with the others behind them, turned to have most variance first"
        : "with the first values of the start behind them";

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

    /// <summary>The shape in words, to follow "The learned head is that of X"; empty for what was learned.</summary>
    public override string ToString()
    {
        string blend = Share < 1
            ? string.Create(CultureInfo.InvariantCulture, $"{Share:P0} of the way from the start to what was learned") : "";
        return Columns is not { } columns ? blend : (blend.Length == 0 ? "" : blend + ", ") + string.Create(
            CultureInfo.InvariantCulture, $"of which the first {columns} values are kept, {Behind}") +
            (Scale == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $", which they are {Scale} times as long as"));
    }
}

/// <summary>What one training of a family came to.</summary>
/// <param name="Name">Its learning rate, and its kind of head where several are tried; empty where nothing else is tried.</param>
/// <param name="Scores">Measures what it learns.</param>
/// <param name="Start">The weights that it started from.</param>
/// <param name="Epochs">The epochs that were run.</param>
/// <param name="Best">The best weights.</param>
/// <param name="CanPutStartBehind">Whether learned values can have those of the start behind them.</param>
internal sealed record TrainedRun(string Name, IHeldOutScores Scores, float[][] Start, int Epochs, BestHead Best,
    bool CanPutStartBehind = false)
{
    /// <summary>
    /// Whether it is safer than raw or PCA where noise decides: on other rows, scored pairs in closed form did less harm than either.
    /// </summary>
    public bool NeedsNoLead { get; init; }
}
