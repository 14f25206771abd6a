using System.Globalization;

namespace Microsoft.ML.Mrl.Benchmarks.FineTune;

/// <summary>What one training took and what came of it.</summary>
/// <param name="Epochs">How many epochs it made.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="ProcessorSeconds">How long all processors worked for it.</param>
/// <param name="PeakMebibytes">The most memory that its process had.</param>
/// <param name="Dimensions">The dimensions.</param>
/// <param name="Scores">The nearest-neighbour accuracy at each of them on the test rows.</param>
internal sealed record FineTuneResult(
    int Epochs, double Seconds, double ProcessorSeconds, double PeakMebibytes, IReadOnlyList<int> Dimensions, IReadOnlyList<double> Scores)
{
    public string ToLine() => string.Create(CultureInfo.InvariantCulture,
        $"{Epochs};{Seconds:R};{ProcessorSeconds:R};{PeakMebibytes:R};{string.Join(',', Dimensions)};{string.Join(',', Scores.Select(score => score.ToString("R", CultureInfo.InvariantCulture)))}");

    public static FineTuneResult Parse(string line)
    {
        string[] parts = line.Split(';');
        return new FineTuneResult(
            int.Parse(parts[0], CultureInfo.InvariantCulture), Number(parts[1]), Number(parts[2]), Number(parts[3]),
            [.. parts[4].Split(',').Select(word => int.Parse(word, CultureInfo.InvariantCulture))],
            [.. parts[5].Split(',').Select(Number)]);

        double Number(string word) => double.Parse(word, CultureInfo.InvariantCulture);
    }
}
