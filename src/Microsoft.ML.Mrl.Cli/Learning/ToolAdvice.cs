using Microsoft.ML.Mrl.TorchSharp.Options;

namespace Microsoft.ML.Mrl.Cli.Learning;

/// <summary>
/// Says what verdicts advise in the words of the command line: the tool has options of other names, and what it has no option for is a line
/// of the project that it writes.
/// </summary>
internal static class ToolAdvice
{
    private const string InProject = "in the training code of the project";

    /// <summary>Gets the advice.</summary>
    public static VerdictAdvice Words { get; } = new()
    {
        LetTheMeanDecide = $"Set {nameof(MrlTrainingOptions.Gate)} = {nameof(HarmGate)}.{nameof(HarmGate.MeanOnly)} {InProject} to let "
            + "the mean alone decide.",
        CompareOrTrust = "Give --validation-dataset.",
        HoldRowsBack = "Give --validation-dataset to be sure that it helps.",
        HoldMoreBack = "give --validation-dataset",
        KeepOtherUses = $"set {nameof(MrlFineTuneOptions.Transfer)} = true {InProject} to prevent that",
        KeepOtherUsesOfEncoder = $"train with --tune head and set {nameof(MrlFineTuneOptions.Transfer)} = true {InProject} to prevent that",
    };
}
