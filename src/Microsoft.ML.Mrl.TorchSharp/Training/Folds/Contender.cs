using System.Globalization;
using Microsoft.ML.Mrl.TorchSharp.Objectives;
using Microsoft.ML.Mrl.TorchSharp.Options;

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

    /// <summary>
    /// What needs no training, where a linear head may be and no rate of a training is asked for; nothing where the full width is to be
    /// that of the start.
    /// </summary>
    public static Contender[] InClosedForm(TrainingPlan plan, IEnumerable<TrainingVariant> variants)
    {
        MrlObjective objective = plan.Options.Objective;
        return plan.Transfer || plan.Options.LearningRate is not null || variants.All(v => v.Head != HeadKind.Linear) ? []
            : [.. objective.Shrinkages.Select(s => new Contender(new TrainingVariant(HeadKind.Linear, objective, []), LearningRate: 0, s))];
    }

    public Entrant Enter(HeadTrainer trainer) => new(trainer, LearningRate, isOneOfSeveral: true, namesKind: true);
}
