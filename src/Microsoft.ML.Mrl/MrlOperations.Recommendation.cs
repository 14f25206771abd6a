using System.Globalization;
using Microsoft.ML.Mrl.Reports.Advice;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl;

/// <content>Recommendations.</content>
public sealed partial class MrlOperations
{
    /// <summary>
    /// Recommends the evaluated type and number of dimensions with the fewest bytes per vector that keep a share of the quality of the full
    /// width in single precision, with an interval that says how certain that is.
    /// </summary>
    /// <param name="report">The report. The full width must be among its dimensions.</param>
    /// <param name="keep">The share of the metric's value at the full width to keep, in (0, 1]. The default is 0.99.</param>
    /// <param name="options">
    /// The metric, the confidence level, and the number and seed of resamples. The default is a new <see cref="RecommendationOptions"/>.
    /// </param>
    /// <returns>The recommendation, with a row for each type and number of dimensions.</returns>
    /// <remarks>
    /// <para>
    /// The interval of a share is that of the paired percentile bootstrap (Efron and Tibshirani 1993, ch. 13): rows, pairs or queries are
    /// drawn with replacement, and both values of the metric, correlations too, are computed on the drawn rows. A row is recommended if its
    /// whole interval lies at or above <paramref name="keep"/>. If only the measured share of a smaller row is large enough, the summary
    /// names that row as well and says that there are too few rows to tell. Among rows of equal size, the best one is chosen.
    /// </para>
    /// <para>
    /// There is no interval, and the summary says so, with fewer than 20 rows, with more values than are kept (2²⁶ for a report, a quarter
    /// of that for correlations), and for a report that was read from JSON.
    /// </para>
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="report"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="keep"/> is not above 0 and at most 1.</exception>
    /// <exception cref="ArgumentException">The report has no row of the full width, or an option is invalid.</exception>
    public DimensionRecommendation RecommendDimensions(DimensionReport report, double keep = 0.99, RecommendationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(report);
        if (!(keep > 0 && keep <= 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(keep),
                keep,
                string.Create(
                    CultureInfo.InvariantCulture, $"Cannot keep a share of {keep}. Choose a share above 0 and at most 1, such as 0.99."));
        }
        if (report.Dimensions.Largest != report.FullDimensions)
        {
            throw new ArgumentException(
                $"The report has no row of the full width of {report.FullDimensions}, of which a share is to be kept. " +
                "Evaluate that width too.",
                nameof(report));
        }
        options ??= new RecommendationOptions();
        options.Check(report.Metrics, nameof(options));
        DimensionRecommendation advice = DimensionAdviser.Recommend(report, keep, options);
        using IChannel channel = Environment.Start("Recommendation");
        channel.Info("{0}, {1}: {2}", advice.Name, advice.Task, advice.Summary);
        return advice;
    }
}
