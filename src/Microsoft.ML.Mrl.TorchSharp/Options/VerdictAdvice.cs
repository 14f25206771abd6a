namespace Microsoft.ML.Mrl.TorchSharp.Options;

/// <summary>
/// What a verdict advises, apart from what it found, in the words of whoever reads it: a program sets options, and a tool has others.
/// </summary>
internal sealed record VerdictAdvice
{
    /// <summary>Gets the advice to a program.</summary>
    public static VerdictAdvice ToPrograms { get; } = new();

    /// <summary>Gets how to let a lead in the mean suffice, as a sentence.</summary>
    public string LetTheMeanDecide { get; init; } =
        $"Set {nameof(MrlTrainingOptions.Gate)} to {nameof(HarmGate)}.{nameof(HarmGate.MeanOnly)} to let the mean alone decide.";

    /// <summary>Gets what to do where no row could be held back, as a sentence.</summary>
    public string CompareOrTrust { get; init; } = $"Give Fit validation rows, or set {nameof(HarmGate)}.{nameof(HarmGate.Off)}.";

    /// <summary>Gets what to do where no row was to be held back, as a sentence.</summary>
    public string HoldRowsBack { get; init; } =
        $"Set {nameof(MrlTrainingOptions.ValidationFraction)} above 0 to be sure that it helps.";

    /// <summary>Gets how to have more rows held back, as the end of a sentence that says what else helps.</summary>
    public string HoldMoreBack { get; init; } = $"raise {nameof(MrlTrainingOptions.ValidationFraction)}";

    /// <summary>Gets how to keep the embeddings good for other uses, as the end of a sentence that says that they may be worse there.</summary>
    public string KeepOtherUses { get; init; } = $"set {nameof(MrlFineTuneOptions.Transfer)} to prevent that";

    /// <summary>Gets the same where the head is that of an encoder, whose options have no such choice.</summary>
    public string KeepOtherUsesOfEncoder { get; init; } =
        $"train a head on its own with {nameof(MrlFineTuneOptions.Transfer)} to prevent that";
}
