using System.Globalization;

namespace Microsoft.ML.Mrl.Cli;

/// <summary>Says which dimension to choose.</summary>
internal static class DimensionAdvice
{
    /// <summary>What a shorter prefix must keep of the full width's accuracy.</summary>
    public const double LeastShare = 0.98;

    /// <summary>The smallest dimension that keeps enough; the full width where none does.</summary>
    public static ComparisonRow Choose(Comparison comparison) =>
        comparison.Rows.FirstOrDefault(row => comparison.ShareOfFull(row) >= LeastShare) ?? comparison.Full;

    /// <summary>The advice as one sentence.</summary>
    public static string Describe(Comparison comparison)
    {
        ComparisonRow full = comparison.Full;
        if (double.IsNaN(comparison.ShareOfFull(full)))
        {
            return "No dimension can be advised: no test row was classified rightly at any.";
        }
        if (comparison.Rows is [var only])
        {
            return Text($"Only {only.Dimensions} dimensions were trained, {only.BytesPerVector:#,0} bytes per vector: there is nothing shorter to choose.");
        }
        ComparisonRow chosen = Choose(comparison);
        if (chosen != full)
        {
            return Text($"Choose {chosen.Dimensions} dimensions: {100 * comparison.ShareOfFull(chosen):0.0} % of the full width's accuracy in {chosen.BytesPerVector:#,0} bytes per vector ({full.Dimensions}: {full.BytesPerVector:#,0}).");
        }
        ComparisonRow best = comparison.Rows.SkipLast(1).MaxBy(comparison.ShareOfFull)!;
        return Text($"Keep all {full.Dimensions} dimensions, {full.BytesPerVector:#,0} bytes per vector: none shorter keeps {100 * LeastShare:0} % of the accuracy ({best.Dimensions}: {100 * comparison.ShareOfFull(best):0.0} %).");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
