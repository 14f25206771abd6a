using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Modules.Space;
using Microsoft.ML.Mrl.TorchSharp.Objectives;
using Microsoft.ML.Mrl.TorchSharp.Options;
using Microsoft.ML.Mrl.TorchSharp.Training.Folds;

namespace Microsoft.ML.Mrl.TorchSharp.Training;

/// <summary>Trains what the options leave open and fits the examples, and hands back the best.</summary>
internal static class HeadTraining
{
    /// <param name="plan">The plan.</param>
    /// <param name="examples">The examples.</param>
    /// <param name="storage">Where coordinates lie.</param>
    /// <param name="log">Is told what is trained, and the verdict.</param>
    /// <param name="call">Is told the progress, and can end the training.</param>
    public static EmbeddingHead Run(TrainingPlan plan, ExampleSet examples, RowStorage storage, MrlLog log, FitCall call)
    {
        call.Begin(MrlPhase.Starting, plan);
        ExampleSet learned = examples.TrainingPart();
        TrainingVariant[] variants = [.. plan.Variants.Where(v => v.Objective == plan.Options.Objective || v.Objective.Fits(learned))];
        if (FewRowsTuner.TryTrain(plan, [.. variants.Select(OfFewRows)], examples, storage, log, call) is { } head)
        {
            return head;
        }
        var random = new Random(plan.Seed);
        ExampleSplit split = ExampleSplit.Make(examples, plan.Options.HeldBackFraction, random, log);
        using TrainingSpace space = TrainingSpace.Of(examples, plan.OutputDimensions, random, storage, split.Training);
        ScoringRows scoring = ScoringRows.Choose(split, random);
        var heads = new List<HeadTrainer>();
        try
        {
            foreach (TrainingVariant variant in variants)
            {
                int first = heads.Count;
                foreach (double rate in variant.LearningRates)
                {
                    var task = new TrainingTask(plan.Of(variant with { LearningRates = [rate] }), examples, split, scoring);
                    heads.Add(heads.Count == first ? new HeadTrainer(task, space, random) : heads[first].Again(task, space));
                }
            }
            return HeadTrainer.Train(heads, log, call);
        }
        finally
        {
            heads.ForEach(trainer => trainer.Dispose());
        }
    }

    private static TrainingVariant OfFewRows(TrainingVariant variant) =>
        variant with { Geometry = variant.Objective.GeometryOfFewRows };
}
