using System.Globalization;
using System.Net;

namespace Microsoft.ML.Mrl.Reports.Html;

/// <summary>Formats texts and numbers for HTML and SVG, in the invariant culture.</summary>
internal static class Markup
{
    /// <summary>Escapes a text for an element or a quoted attribute.</summary>
    public static string Escape(string text)
        => WebUtility.HtmlEncode(string.Concat(text.Select(c => char.IsControl(c) && c is not ('\n' or '\t') ? '\uFFFD' : c)));

    /// <summary>Formats a coordinate.</summary>
    public static string Coordinate(double value) => Math.Round(value, 2).ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>Formats the value of a metric, or returns a dash for NaN.</summary>
    public static string Metric(double value) => double.IsNaN(value) ? "–" : value.ToString("0.0000", CultureInfo.InvariantCulture);

    /// <summary>Formats a whole number with separators between the thousands.</summary>
    public static string Whole(long value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>Formats markup in the invariant culture. Texts in it must already be escaped.</summary>
    public static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
