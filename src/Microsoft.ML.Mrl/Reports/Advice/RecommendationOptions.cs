using System.Globalization;
using Microsoft.ML.Mrl.Reports.Advice;
using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl;

/// <summary>Provides options for <see cref="MrlOperations.RecommendDimensions"/>. All invalid values are reported at once.</summary>
public sealed class RecommendationOptions
{
    /// <summary>
    /// Gets the metric to keep, one of the report's metrics. The default, <see langword="null"/>, is the report's primary metric.
    /// </summary>
    public string? Metric { get; init; }

    /// <summary>Gets the confidence level of the intervals, above 0 and below 1. The default is 0.95.</summary>
    public double Confidence { get; init; } = 0.95;

    /// <summary>
    /// Gets the number of resamples for the intervals, 100 to 1,000,000. The default is 1,000. Fewer are drawn, but at least 100, if the
    /// product of rows, report rows and resamples would exceed 2³².
    /// </summary>
    public int Resamples { get; init; } = 1_000;

    /// <summary>Gets the seed of the resamples. The same seed draws the same resamples on every machine. The default is 1.</summary>
    public int Seed { get; init; } = 1;

    /// <exception cref="ArgumentException">An option is invalid. The message lists every problem.</exception>
    internal void Check(IReadOnlyList<string> metrics, string parameterName)
        => OptionProblems.ThrowIfAny(Problems(metrics), nameof(RecommendationOptions), parameterName);

    private IEnumerable<string> Problems(IReadOnlyList<string> metrics)
    {
        if (Metric is not null && !metrics.Contains(Metric))
        {
            yield return $"{nameof(Metric)} is '{Metric}', which the report does not have; choose one of {string.Join(", ", metrics)}.";
        }
        if (!(Confidence > 0 && Confidence < 1))
        {
            yield return string.Create(
                CultureInfo.InvariantCulture, $"{nameof(Confidence)} is {Confidence}; choose a level above 0 and below 1, such as 0.95.");
        }
        if (Resamples is < ShareBootstrap.MinResamples or > 1_000_000)
        {
            yield return $"{nameof(Resamples)} is {Resamples}; choose {ShareBootstrap.MinResamples}..1000000.";
        }
    }
}
