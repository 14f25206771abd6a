namespace Microsoft.ML.Mrl.TorchSharp.Losses;

/// <summary>The checks of arguments that several losses have, each with its one wording.</summary>
internal static class LossArguments
{
    /// <exception cref="ArgumentOutOfRangeException">It is not a number above 0.</exception>
    public static double Temperature(double temperature) => temperature > 0 && double.IsFinite(temperature)
        ? temperature
        : throw new ArgumentOutOfRangeException(
            nameof(temperature), temperature, $"Temperature {temperature} divides the cosines. Choose a number above 0, such as 0.05.");

    /// <exception cref="ArgumentOutOfRangeException">It is not a share.</exception>
    public static double LabelSmoothing(double labelSmoothing) => labelSmoothing is >= 0 and < 1
        ? labelSmoothing
        : throw new ArgumentOutOfRangeException(
            nameof(labelSmoothing), labelSmoothing, $"Label smoothing {labelSmoothing} is a share. Choose 0 up to, not including, 1.");
}
