using System.Globalization;
using Microsoft.ML.Mrl.Quantization;
using Microsoft.ML.Mrl.Reports.Advice;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents the share of the full width's quality that one type and number of dimensions keep, together with how certain that is.
/// </summary>
/// <remarks>This type is immutable and safe for concurrent use.</remarks>
public sealed class RecommendationRow
{
    internal RecommendationRow(DimensionRow row, double value, double share, (double Low, double High)? interval, KeepVerdict verdict)
    {
        Type = row.Type;
        Dimensions = row.Dimensions;
        Value = value;
        Share = share;
        ShareLow = verdict == KeepVerdict.Undefined ? double.NaN : interval?.Low ?? double.NaN;
        ShareHigh = verdict == KeepVerdict.Undefined ? double.NaN : interval?.High ?? double.NaN;
        Verdict = verdict;
    }

    /// <summary>Gets the type that the vectors are stored as.</summary>
    public EmbeddingType Type { get; }

    /// <summary>Gets the number of dimensions m.</summary>
    public int Dimensions { get; }

    /// <summary>Gets the number of bytes that the values of one vector take.</summary>
    public long BytesPerVector => EmbeddingTypes.Bytes(Type, Dimensions);

    /// <summary>Gets the value of the metric.</summary>
    public double Value { get; }

    /// <summary>
    /// Gets the metric's value divided by that at the full width in single precision. It is NaN if the latter is not above 0.
    /// </summary>
    public double Share { get; }

    /// <summary>Gets the lower end of the share's interval. It is NaN if there is none.</summary>
    public double ShareLow { get; }

    /// <summary>Gets the upper end of the share's interval. It is NaN if there is none.</summary>
    public double ShareHigh { get; }

    /// <summary>Gets the verdict on whether the share is large enough.</summary>
    public KeepVerdict Verdict { get; }

    /// <summary>Returns the type if it is not single precision, the number of dimensions, the share and the verdict on one line.</summary>
    public override string ToString()
    {
        string type = Type == EmbeddingType.Single ? "" : EmbeddingTypes.Name(Type) + ", ";
        string share = $"{RecommendationText.Percent(Share)} ({RecommendationText.Interval(this)})";
        return string.Create(CultureInfo.InvariantCulture, $"{type}{Dimensions}: {share}, {RecommendationText.Verdict(Verdict)}");
    }
}
