using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Options;

namespace Microsoft.ML.Mrl.TorchSharp.Training;

/// <summary>Refuses examples that cannot be learned from, and says what else is worth knowing of them.</summary>
internal static class ExampleCheck
{
    /// <exception cref="InvalidOperationException">There are too few examples, or the objective cannot use them.</exception>
    public static void Throw(ExampleSet examples, TrainingPlan plan, FitCall call, MrlLog log)
    {
        if (examples.Skipped > 0)
        {
            log.Warning($"{examples.Skipped} of {examples.Count + examples.Skipped} rows have no label or score and were left out.");
        }
        ExampleSet learned = examples.TrainingPart();
        plan.Options.Objective.Check(learned);
        if (learned.Count < 2)
        {
            throw new InvalidOperationException($"Training needs at least 2 usable rows, but the data has {learned.Count}.");
        }
        if (call.Validation is not null && learned.Count == examples.Count)
        {
            throw new InvalidOperationException(
                $"The argument '{FitCall.ValidationArgument}' has no usable row. Give rows with all columns of {plan.Options.Objective}, " +
                "or leave it out.");
        }
        if (learned.Count < plan.BatchSize)
        {
            log.Info(
                $"The data has {learned.Count} rows, fewer than the batch size of {plan.BatchSize}; each step uses all training rows.");
        }
    }
}
