using System.Globalization;
using Microsoft.ML.Mrl.Reports.Advice;
using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl;

/// <summary>
/// How <see cref="MrlOperations.RecommendDimensions(DimensionReport, double, RecommendationOptions)"/> judges. All that is wrong with it is reported at once.
/// </summary>
public sealed record RecommendationOptions
{
    /// <summary>The metric to keep, one of the report's. Default <see langword="null"/>: the primary one.</summary>
    public string? Metric { get; init; }

    /// <summary>The confidence level of the intervals, above 0 and below 1. Default 0.95.</summary>
    public double Confidence { get; init; } = 0.95;

    /// <summary>
    /// How many resamples the intervals are made of, 100..1,000,000. Default 1,000. Fewer are drawn, but no less than 100, where rows × dimensions × resamples would exceed 2³².
    /// </summary>
    public int Resamples { get; init; } = 1_000;

    /// <summary>The seed of the resamples; the same seed draws the same ones on every machine. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <exception cref="ArgumentException">Something is wrong; the message lists all of it.</exception>
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
            yield return string.Create(CultureInfo.InvariantCulture, $"{nameof(Confidence)} is {Confidence}; choose a level above 0 and below 1, such as 0.95.");
        }
        if (Resamples is < ShareBootstrap.FewestResamples or > 1_000_000)
        {
            yield return $"{nameof(Resamples)} is {Resamples}; choose {ShareBootstrap.FewestResamples}..1000000.";
        }
    }
}
