namespace Microsoft.ML.Mrl.TorchSharp.Losses;

/// <summary>The check of a temperature, and its one wording.</summary>
internal static class Temperature
{
    public static double Checked(double temperature) => temperature > 0 && double.IsFinite(temperature)
        ? temperature
        : throw new ArgumentOutOfRangeException(nameof(temperature), temperature, $"Temperature {temperature} divides the cosines. Choose a number above 0, such as 0.05.");
}
