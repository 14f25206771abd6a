using System.Globalization;
using Microsoft.ML.Mrl.TorchSharp.Modules;

namespace Microsoft.ML.Mrl.TorchSharp.Training;

/// <summary>What takes part in a choice: something that learns, at one learning rate.</summary>
internal sealed class Entrant
{
    private readonly float[][] _ofLoss;

    /// <param name="trained">What learns, at its start.</param>
    /// <param name="learningRate">The highest learning rate.</param>
    /// <param name="isOneOfSeveral">Whether something else is trained too.</param>
    /// <param name="namesKind">Whether kinds differ, so that the name has to tell them apart.</param>
    public Entrant(ITrained trained, double learningRate, bool isOneOfSeveral, bool namesKind)
    {
        Trained = trained;
        LearningRate = learningRate;
        Scores = new HeldOutScores(trained);
        Name = namesKind ? NameOf(trained.Task.Plan.Head, trained.Task.Plan.Learned, trained.Task.Plan.Geometry, learningRate)
            : NameOf(learningRate);
        // Weights are large where an encoder learns: they are copied only where something is done with them.
        Start = isOneOfSeveral || (trained.Task.HasValidation && trained.Task.Plan.Blends.Count > 1) ? trained.TakeWeights() : [];
        _ofLoss = isOneOfSeveral ? WeightCopies.Take([.. trained.Loss.Parameters]) : [];
    }

    public ITrained Trained { get; }

    public double LearningRate { get; }

    public HeldOutScores Scores { get; }

    public string Name { get; }

    public float[][] Start { get; }

    /// <summary>The name where kinds differ.</summary>
    public static string NameOf(HeadKind head, MrlObjective objective, double geometry, double learningRate) =>
        $"{head} head, {objective}{(geometry > 0 ? ", long prefixes kept near the input" : "")}, {NameOf(learningRate)}";

    /// <summary>Makes everything as it was before the first step.</summary>
    public void Restart()
    {
        Trained.PutWeights(Start);
        WeightCopies.Put([.. Trained.Loss.Parameters], _ofLoss);
        foreach (IOptimizerState optimizer in Trained.Optimizers)
        {
            foreach (float[] moment in optimizer.Moments)
            {
                Array.Clear(moment);
            }
            Array.Clear(optimizer.StepCounts);
        }
    }

    private static string NameOf(double learningRate) => string.Create(CultureInfo.InvariantCulture, $"learning rate {learningRate}");
}
