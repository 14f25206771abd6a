using Microsoft.ML.Mrl.TorchSharp.Gate;

namespace Microsoft.ML.Mrl.TorchSharp.Training;

/// <summary>
/// Everything that changes while a head or an encoder is trained: what a checkpoint has to hold so that a training can go on as if it had
/// never stopped.
/// </summary>
internal sealed class TrainingState
{
    /// <summary>The epoch under way, from 1; 0 before the first.</summary>
    public int Epoch { get; set; }

    /// <summary>Whether the epoch has been begun and not yet scored.</summary>
    public bool IsEpochOpen { get; set; }

    /// <summary>Steps taken in the epoch under way.</summary>
    public int StepInEpoch { get; set; }

    /// <summary>Steps taken in all.</summary>
    public int Steps { get; set; }

    /// <summary>Steps that were not taken since their loss was not a number.</summary>
    public int BadSteps { get; set; }

    /// <summary>The sum of the losses of the epoch under way.</summary>
    public double LossSum { get; set; }

    /// <summary>The number of losses in that sum.</summary>
    public int LossCount { get; set; }

    /// <summary>The best weights so far.</summary>
    public BestHead Best { get; init; } = new();

    public double MeanLoss => LossCount > 0 ? LossSum / LossCount : double.NaN;

    /// <summary>Counts a step.</summary>
    /// <param name="loss">Its loss, NaN where it was not taken.</param>
    public void EndStep(double loss)
    {
        Steps++;
        StepInEpoch++;
        if (double.IsFinite(loss))
        {
            LossSum += loss;
            LossCount++;
        }
        else
        {
            BadSteps++;
        }
    }

    public void BeginEpoch()
    {
        Epoch++;
        IsEpochOpen = true;
        StepInEpoch = 0;
        LossSum = 0;
        LossCount = 0;
    }
}
