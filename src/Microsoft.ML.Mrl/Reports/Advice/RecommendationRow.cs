using System.Globalization;
using Microsoft.ML.Mrl.Reports.Advice;

namespace Microsoft.ML.Mrl;

/// <summary>What one dimension keeps of the full width's quality, how sure that is, and what it stores.</summary>
/// <remarks>Immutable and safe for concurrent use.</remarks>
public sealed class RecommendationRow
{
    internal RecommendationRow(int dimensions, double value, double share, double shareLow, double shareHigh, KeepVerdict verdict)
    {
        Dimensions = dimensions;
        Value = value;
        Share = share;
        ShareLow = shareLow;
        ShareHigh = shareHigh;
        Verdict = verdict;
        Storage = new VectorStorage(dimensions);
    }

    /// <summary>The prefix length m.</summary>
    public int Dimensions { get; }

    /// <summary>The metric at this dimension.</summary>
    public double Value { get; }

    /// <summary>The metric divided by that at the full width; NaN where the latter is not above 0.</summary>
    public double Share { get; }

    /// <summary>The lower end of the share's interval; NaN where there is none.</summary>
    public double ShareLow { get; }

    /// <summary>The upper end of the share's interval; NaN where there is none.</summary>
    public double ShareHigh { get; }

    /// <summary>Whether that is enough.</summary>
    public KeepVerdict Verdict { get; }

    /// <summary>The bytes of one vector.</summary>
    public VectorStorage Storage { get; }

    /// <summary>The dimension, its share and the verdict on one line.</summary>
    public override string ToString()
        => string.Create(
            CultureInfo.InvariantCulture,
            $"{Dimensions}: {RecommendationText.Percent(Share)} ({RecommendationText.Interval(this)}), {RecommendationText.Verdict(Verdict)}");
}
