using System.Globalization;

namespace Microsoft.ML.Mrl.Cli.Output;

/// <summary>The words of progress.</summary>
internal static class ProgressText
{
    /// <summary>What is said once the job was asked to stop.</summary>
    public const string Stopping = "Stopping, the best so far is kept (Ctrl+C again: end at once)";

    /// <summary>What a phase of the training is called, or <see langword="null"/> for its end.</summary>
    public static string? Phase(MrlPhase phase) => phase switch
    {
        MrlPhase.Reading => "Reading the training rows",
        MrlPhase.Starting => "Computing the principal components to compare with",
        MrlPhase.Training => "Training",
        _ => null,
    };

    /// <summary>A time such as <c>8.2 s</c>, <c>42 s</c> or <c>3 min 05 s</c>.</summary>
    public static string Duration(TimeSpan time) => time.TotalSeconds switch
    {
        < 9.95 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s"),
        < 59.5 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0} s"),
        var seconds => string.Create(CultureInfo.InvariantCulture, $"{(int)(Math.Round(seconds) / 60)} min {Math.Round(seconds) % 60:00} s"),
    };
}
