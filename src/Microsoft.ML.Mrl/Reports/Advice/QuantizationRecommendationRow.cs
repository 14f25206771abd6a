using System.Globalization;
using Microsoft.ML.Mrl.Quantization;
using Microsoft.ML.Mrl.Reports.Advice;

namespace Microsoft.ML.Mrl;

/// <summary>What one type and dimension keep of the quality of the full width in single precision, and how sure that is.</summary>
/// <remarks>Immutable and safe for concurrent use.</remarks>
public sealed class QuantizationRecommendationRow
{
    internal QuantizationRecommendationRow(EmbeddingType type, int dimensions, double value, double share, (double Low, double High)? interval, KeepVerdict verdict)
    {
        Type = type;
        Dimensions = dimensions;
        BytesPerVector = EmbeddingTypes.Bytes(type, dimensions);
        Value = value;
        Share = share;
        ShareLow = double.IsNaN(share) ? double.NaN : interval?.Low ?? double.NaN;
        ShareHigh = double.IsNaN(share) ? double.NaN : interval?.High ?? double.NaN;
        Verdict = verdict;
    }

    /// <summary>The type.</summary>
    public EmbeddingType Type { get; }

    /// <summary>The prefix length m.</summary>
    public int Dimensions { get; }

    /// <summary>The bytes that the values of one vector take.</summary>
    public long BytesPerVector { get; }

    /// <summary>The metric.</summary>
    public double Value { get; }

    /// <summary>The metric divided by that at the full width in single precision; NaN where the latter is not above 0.</summary>
    public double Share { get; }

    /// <summary>The lower end of the share's interval; NaN where there is none.</summary>
    public double ShareLow { get; }

    /// <summary>The upper end of the share's interval; NaN where there is none.</summary>
    public double ShareHigh { get; }

    /// <summary>Whether that is enough.</summary>
    public KeepVerdict Verdict { get; }

    /// <summary>Type, dimension, share and the verdict on one line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{EmbeddingTypes.Name(Type)}, {Dimensions}: {RecommendationText.Percent(Share)} ({RecommendationText.Interval(ShareLow, ShareHigh)}), {RecommendationText.Verdict(Verdict)}");
}
