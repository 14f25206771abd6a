using Microsoft.ML.Mrl.TorchSharp.Objectives;

namespace Microsoft.ML.Mrl.TorchSharp.Training.Folds;

/// <summary>A way to learn, at one of its learning rates.</summary>
internal sealed record Contender(TrainingVariant Variant, double LearningRate)
{
    public string Name => Entrant.NameOf(Variant.Head, Variant.Objective, LearningRate);

    public Entrant Enter(HeadTrainer trainer) => new(trainer, LearningRate, isOneOfSeveral: true, namesKind: true);
}
