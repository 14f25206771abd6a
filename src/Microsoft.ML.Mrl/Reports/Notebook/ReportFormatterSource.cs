namespace Microsoft.ML.Mrl.Reports.Notebook;

/// <summary>
/// Makes the formatters that show reports, comparisons and recommendations in a notebook; found by name, see
/// <see cref="TypeFormatterSourceAttribute"/>.
/// </summary>
internal sealed class ReportFormatterSource
{
    public const string Html = "text/html";

    public const string Text = "text/plain";

#pragma warning disable CA1822 // Called on an instance by a notebook.
    public IEnumerable<object> CreateTypeFormatters() =>
    [
        new ReportFormatter(Html, ReportFragment.Write),
        new ReportFormatter(
            Text,
            instance => instance is DimensionReport or DimensionComparison or DimensionRecommendation ? instance.ToString() : null),
    ];
#pragma warning restore CA1822
}

/// <summary>Shows an object as one media type; its members are found by name.</summary>
/// <param name="mimeType">The media type.</param>
/// <param name="write">Returns the object's text, or null for an object of another kind.</param>
internal sealed class ReportFormatter(string mimeType, Func<object, string?> write)
{
    public string MimeType { get; } = mimeType;

    /// <summary>Writes an object.</summary>
    /// <returns>Whether the object was of a kind that this formatter shows; if not, nothing was written.</returns>
    public bool Format(object instance, TextWriter writer)
    {
        if (instance is null || write(instance) is not { } text)
        {
            return false;
        }
        writer.Write(text);
        return true;
    }
}
