using System.Globalization;
using System.Net;

namespace Microsoft.ML.Mrl.Reports.Html;

/// <summary>Text and numbers for HTML and SVG, in the invariant culture.</summary>
internal static class Markup
{
    /// <summary>Text that is shown as it is, in an element or in a quoted attribute.</summary>
    public static string Escape(string text)
        => WebUtility.HtmlEncode(string.Concat(text.Select(c => char.IsControl(c) && c is not ('\n' or '\t') ? '\uFFFD' : c)));

    /// <summary>Returns a coordinate.</summary>
    public static string Coordinate(double value) => Math.Round(value, 2).ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>Returns a metric's value; a dash for NaN.</summary>
    public static string Metric(double value) => double.IsNaN(value) ? "–" : value.ToString("0.0000", CultureInfo.InvariantCulture);

    /// <summary>Returns a whole number with its thousands apart.</summary>
    public static string Whole(long value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>Markup with the values in it in the invariant culture; texts must be escaped already.</summary>
    public static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
