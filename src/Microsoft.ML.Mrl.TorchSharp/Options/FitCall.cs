namespace Microsoft.ML.Mrl.TorchSharp.Options;

/// <summary>The arguments of a call of Fit besides the training data.</summary>
/// <param name="Validation">The validation rows; null to hold back a share of the training data.</param>
/// <param name="Progress">Receives the progress of the training, or null.</param>
/// <param name="Cancellation">Ends the training early.</param>
internal sealed record FitCall(IDataView? Validation, IProgress<MrlProgress>? Progress, CancellationToken Cancellation)
{
    /// <summary>The name of the argument that holds the validation rows, for errors.</summary>
    public const string ValidationArgument = "validation";

    /// <summary>Reports that a phase before the first step begins.</summary>
    public void Begin(MrlPhase phase, TrainingPlan plan) => Progress?.Report(new MrlProgress { Phase = phase, Epochs = plan.Epochs });
}
