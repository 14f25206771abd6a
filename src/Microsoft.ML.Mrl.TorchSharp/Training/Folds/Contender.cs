using System.Globalization;
using Microsoft.ML.Mrl.TorchSharp.Objectives;

namespace Microsoft.ML.Mrl.TorchSharp.Training.Folds;

/// <summary>A way to learn, at one of its learning rates or, without training, in closed form.</summary>
/// <param name="Variant">The kind of head and the objective.</param>
/// <param name="LearningRate">The highest learning rate.</param>
/// <param name="Shrinkage">The shrinkage of a closed form; null where there is training.</param>
internal sealed record Contender(TrainingVariant Variant, double LearningRate, double? Shrinkage = null)
{
    public string Name => Shrinkage is { } shrinkage
        ? string.Create(CultureInfo.InvariantCulture, $"{Variant.Head} head, {Variant.Objective}, closed form, shrinkage {shrinkage}")
        : Entrant.NameOf(Variant.Head, Variant.Objective, Variant.Geometry, LearningRate);

    public Entrant Enter(HeadTrainer trainer) => new(trainer, LearningRate, isOneOfSeveral: true, namesKind: true);
}
