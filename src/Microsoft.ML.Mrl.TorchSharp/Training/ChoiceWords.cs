using System.Globalization;
using Microsoft.ML.Mrl.TorchSharp.Gate;
using Microsoft.ML.Mrl.TorchSharp.Options;

namespace Microsoft.ML.Mrl.TorchSharp.Training;

/// <summary>What a verdict says besides who won and by how much.</summary>
internal static class ChoiceWords
{
    /// <summary>Of fewer neighbours kept the user is told.</summary>
    private const double MostlyKept = 0.7;

    /// <summary>What was tried.</summary>
    /// <param name="names">The names of what took part.</param>
    /// <param name="trialEpochs">The epochs that each had.</param>
    /// <param name="epochs">How long.</param>
    /// <param name="solved">The names of what took part without being trained.</param>
    public static string Tried(IEnumerable<string> names, int trialEpochs, string epochs, IEnumerable<string>? solved = null)
    {
        string untrained = string.Join("; ", solved ?? []);
        return $" Tried for {trialEpochs} {(trialEpochs == 1 ? "epoch" : "epochs")} each, the best {TrainingPlan.Finalists} for " +
            $"{epochs}: {string.Join("; ", names)}.{(untrained.Length == 0 ? "" : $" Tried without training: {untrained}.")}";
    }

    /// <summary>Which of what was learned the verdict is about; empty where there is nothing else that it could be about.</summary>
    public static string Of(LearnedCandidate candidate, bool isReturned)
    {
        string of = string.Join(", ", new[] { candidate.Run.Name, candidate.Shape.ToString() }.Where(part => part.Length > 0));
        return of.Length == 0 ? ""
            : isReturned ? $" The learned head is that of {(candidate.Run.Name.Length == 0 ? "the training, " : "")}{of}."
            : $" The best of the learned heads, which is not returned, was that of " +
            $"{(candidate.Run.Name.Length == 0 ? "the training, " : "")}{of}.";
    }

    /// <summary>
    /// How much of what the vectors tell apart besides what was trained for is left: where little is, other uses of the full vectors lose.
    /// Empty where that is the objective itself.
    /// </summary>
    /// <param name="trained">What was trained.</param>
    /// <param name="scores">Measures it.</param>
    /// <param name="weights">What is returned.</param>
    public static string Kept(ITrained trained, HeldOutScores scores, float[][] weights)
    {
        if (!trained.CanPutStartBehind || trained.Task.Plan.Options.Objective.IsMeasuredByInputs)
        {
            return "";
        }
        double kept = scores.NeighborsKept(weights);
        if (double.IsNaN(kept))
        {
            return "";
        }
        string text = string.Create(
            CultureInfo.InvariantCulture, $" At its full width it keeps {kept:P0} of the nearest neighbours by the input vectors.");
        return kept >= MostlyKept || trained.Task.Plan.Transfer ? text
            : $"{text} For other uses than this one it may be worse than these; {trained.Task.Plan.Options.Advice.KeepOtherUses}.";
    }
}
