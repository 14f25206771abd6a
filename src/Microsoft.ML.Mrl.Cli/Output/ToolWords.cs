using System.Text.RegularExpressions;

namespace Microsoft.ML.Mrl.Cli.Output;

/// <summary>
/// Says in the words of the command line what the libraries advise their callers to write in code: the tool has options of other names, and
/// what it has no option for is a line of the project that it writes.
/// </summary>
internal static class ToolWords
{
    private const string InProject = "in the training code of the project";

    private static readonly (Regex Said, string Here)[] s_advice =
    [
        (new($@"Set {nameof(MrlTrainingOptions.Gate)} to {nameof(HarmGate)}\.{nameof(HarmGate.MeanOnly)} to "),
            $"Set {nameof(MrlTrainingOptions.Gate)} = {nameof(HarmGate)}.{nameof(HarmGate.MeanOnly)} {InProject} to "),
        (new($@"Give Fit validation rows, or set {nameof(HarmGate)}\.{nameof(HarmGate.Off)}\."), "Give --validation-dataset."),
        (new($@"or raise {nameof(MrlTrainingOptions.ValidationFraction)}\b"), "or give --validation-dataset"),
        (new($@"Set {nameof(MrlTrainingOptions.ValidationFraction)} above 0 to "), "Give --validation-dataset to "),
        (new($@"\b[Ss]et {nameof(MrlFineTuneOptions.Transfer)} to "),
            $"set {nameof(MrlFineTuneOptions.Transfer)} = true {InProject} to "),
    ];

    /// <summary>Returns a message of a library with the advice of the tool.</summary>
    public static string Of(string message) =>
        s_advice.Aggregate(message, (text, advice) => advice.Said.Replace(text, advice.Here));
}
