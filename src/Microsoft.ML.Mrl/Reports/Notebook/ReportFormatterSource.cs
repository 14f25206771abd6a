namespace Microsoft.ML.Mrl.Reports.Notebook;

/// <summary>Makes the formatters that show reports, comparisons and recommendations in a notebook; found by name, see <see cref="TypeFormatterSourceAttribute"/>.</summary>
internal sealed class ReportFormatterSource
{
    public const string Html = "text/html";

    public const string Text = "text/plain";

#pragma warning disable CA1822 // Called on an instance by a notebook.
    public IEnumerable<object> CreateTypeFormatters() =>
    [
        new ReportFormatter(Html, ReportFragment.Write),
        new ReportFormatter(Text, instance => instance is DimensionReport or DimensionComparison or DimensionRecommendation or QuantizationReport or QuantizationRecommendation ? instance.ToString() : null),
    ];
#pragma warning restore CA1822
}
