using System.Globalization;
using Microsoft.ML.Mrl.Reports.Advice;
using Microsoft.ML.Mrl.Resampling;

namespace Microsoft.ML.Mrl.Cli.Learning;

/// <summary>
/// Represents the advice on the length to cut embeddings to: the shortest length that keeps a share of the quality of a reference. If
/// possible, the reference is the full width of the vectors before the training.
/// </summary>
internal sealed class CutAdvice
{
    /// <summary>The share of the neighbours of the full vectors that a recommended dimension keeps: nine of ten.</summary>
    public const double ShareOfNeighbours = 0.9;

    private const int Resamples = 1_000;
    private const int Seed = 1;
    private const double Confidence = 0.95;

    private readonly (double Low, double High)[]? _intervals;

    /// <summary>Judges the rows of a report.</summary>
    /// <param name="report">The quality of the trained embedding, at M dimensions.</param>
    /// <param name="reference">The reference that the share refers to.</param>
    /// <param name="keep">The share to keep, in (0, 1].</param>
    public CutAdvice(DimensionReport report, ReferenceValue reference, double keep)
    {
        Keep = keep;
        Reference = reference;
        _intervals = Intervals(report, reference);
        Shares = [.. report.Rows.Select(row => row[report.PrimaryMetric] / reference.Value)];
        Dimensions = reference.Value > 0 ? Choose(report) : null;
        Summary = Describe(report);
    }

    /// <summary>Gets the requested share.</summary>
    public double Keep { get; }

    /// <summary>Gets the reference that the share refers to.</summary>
    public ReferenceValue Reference { get; }

    /// <summary>Gets the share that each row of the report keeps. It is above 1 if the training improved the quality.</summary>
    public IReadOnlyList<double> Shares { get; }

    /// <summary>Gets the recommended length, or <see langword="null"/> if the quality of the reference itself is 0.</summary>
    public int? Dimensions { get; }

    /// <summary>Gets a value indicating whether the whole interval of the recommended length lies at or above the share.</summary>
    public bool IsSure { get; private set; }

    /// <summary>Gets the advice in words.</summary>
    public string Summary { get; }

    // The shortest that surely keeps enough; where that is none but the longest, the shortest by its estimate.
    private int Choose(DimensionReport report)
    {
        int last = report.Rows.Count - 1;
        int byEstimate = Enumerable.Range(0, last).FirstOrDefault(i => Shares[i] >= Keep, last);
        int surely = _intervals is null ? last
            : Enumerable.Range(0, last).FirstOrDefault(i => Shares[i] >= Keep && _intervals[i].Low >= Keep, last);
        int chosen = surely < last ? surely : byEstimate;
        IsSure = _intervals is not null && _intervals[chosen].Low >= Keep;
        return report.Rows[chosen].Dimensions;
    }

    private string Describe(DimensionReport report)
    {
        if (Dimensions is not { } dimensions)
        {
            return $"No dimension can be recommended: {report.PrimaryMetric} is 0 even at full width, so there is nothing to keep.";
        }
        int chosen = report.Rows.ToList().FindIndex(row => row.Dimensions == dimensions);
        DimensionRow row = report.Rows[chosen], best = report.Rows.MaxBy(other => other[report.PrimaryMetric])!;
        string what = dimensions == report.FullDimensions
            ? Text($"Keep all {dimensions:#,0} dimensions: fewer give less than {100 * Keep:0.#} % of {Reference.Name}.")
            : Text($"Cut to {dimensions:#,0} of {report.FullDimensions:#,0} dimensions: ")
                + Text($"{row.BytesPerVector:#,0} bytes instead of {report.Rows[^1].BytesPerVector:#,0}.");
        string how = Text($" That gives {100 * Shares[chosen]:0.0} % of {Reference.Name} ({report.PrimaryMetric} ")
            + Text($"{100 * row[report.PrimaryMetric]:0.0} against {100 * Reference.Value:0.0}");
        string sure = _intervals is null && report.Count < ShareBootstrap.MinRows ? ", measured on too few rows to be certain)."
            : _intervals is null ? "; how certain that is was not measured)."
            : IsSure
                ? Text($"; with {100 * Confidence:0.#} % confidence at least {100 * _intervals[chosen].Low:0.0} %).")
                : Text($"; with {report.Count:#,0} rows the truth may lie between ")
                    + Text($"{100 * _intervals[chosen].Low:0.0} and {100 * _intervals[chosen].High:0.0} %).");
        string more = best.Dimensions > dimensions
            ? Text($" The best of all is {best.Dimensions:#,0}, with {100 * best[report.PrimaryMetric]:0.0}.")
            : "";
        return what + how + sure + more;
    }

    private static (double Low, double High)[]? Intervals(DimensionReport report, ReferenceValue reference)
    {
        ResampledMetric? rows = report.Resampled.GetValueOrDefault(report.PrimaryMetric);
        if (rows is null || reference.Rows is null || rows.Rows != reference.Rows.Rows || rows.Rows < ShareBootstrap.MinRows)
        {
            return null;
        }
        // The last dimension of all is the reference.
        var joined = new JoinedMetric([rows, reference.Rows]);
        int resamples = ShareBootstrap.Affordable(joined, Resamples);
        return resamples == 0 ? null : ShareBootstrap.Intervals(joined, resamples, Confidence, Seed)[..rows.Dimensions];
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Represents the quality that shorter embeddings are compared with.</summary>
/// <param name="Name">The thing whose quality it is, in words.</param>
/// <param name="Value">The value of the primary metric.</param>
/// <param name="Rows">
/// The metric on the single rows, whose last dimension is meant, or <see langword="null"/> if they are not known.
/// </param>
internal sealed record ReferenceValue(string Name, double Value, ResampledMetric? Rows)
{
    /// <summary>Takes the largest dimension of a report.</summary>
    /// <param name="name">What was measured, in words.</param>
    /// <param name="report">The report.</param>
    public static ReferenceValue LargestOf(string name, DimensionReport report) => new(
        name, report.Rows[^1][report.PrimaryMetric], report.Resampled.GetValueOrDefault(report.PrimaryMetric));
}
