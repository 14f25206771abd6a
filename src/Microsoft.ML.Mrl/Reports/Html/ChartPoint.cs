namespace Microsoft.ML.Mrl.Reports.Html;

/// <summary>A point of a chart.</summary>
/// <param name="X">Where, in the units of the axis.</param>
/// <param name="Y">The value; NaN leaves a gap in the line.</param>
/// <param name="Text">What to say about it, unescaped.</param>
/// <param name="Low">The lower end of its interval, or NaN.</param>
/// <param name="High">The upper end, or NaN.</param>
/// <param name="IsChosen">Whether it gets a ring.</param>
internal sealed record ChartPoint(double X, double Y, string Text, double Low = double.NaN, double High = double.NaN, bool IsChosen = false);
