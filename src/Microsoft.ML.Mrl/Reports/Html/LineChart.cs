using System.Globalization;
using System.Text;

namespace Microsoft.ML.Mrl.Reports.Html;

/// <summary>Represents a line chart as SVG. Its colours and font size come from the page.</summary>
internal sealed class LineChart
{
    private const double Width = 480;
    private const double Height = 320;
    private const double Left = 62;
    private const double Right = 24;

    // Between the labels of the vertical axis and the first point, whose interval must not cross them.
    private const double Inset = 12;
    private const double Top = 18;
    private const double Bottom = 58;

    // With more points than these, marks are left out where they would hide the line, and intervals become a band.
    private const int FewPoints = 24;
    private const double BetweenMarks = 26;

    /// <summary>The share of the horizontal axis that a label needs where letters are largest.</summary>
    public const double LabelRoom = 46 / (Width - Left - Inset - Right);

    /// <summary>Tells the chart's parts from those of the others on the page.</summary>
    public required string Id { get; init; }

    /// <summary>Gets the title of the chart. It is unescaped, like the other texts.</summary>
    public required string Title { get; init; }

    /// <summary>Gets the same content in words, for readers who cannot see the chart.</summary>
    public required string Description { get; init; }

    public required string HorizontalLabel { get; init; }

    public required ChartAxis Horizontal { get; init; }

    public required ChartAxis Vertical { get; init; }

    public required IReadOnlyList<ChartSeries> Series { get; init; }

    /// <summary>Gets a value to mark by a line across, and what to write at it.</summary>
    public (double Value, string Text)? Mark { get; init; }

    public string Write()
    {
        var svg = new StringBuilder();
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<svg class=\"chart\" viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-labelledby=\"{Id}-title {Id}-text\">\n" +
            $"<title id=\"{Id}-title\">{Markup.Escape(Title)}</title>\n<desc id=\"{Id}-text\">{Markup.Escape(Description)}</desc>\n");
        WriteAxes(svg);
        if (Mark is { } mark)
        {
            string y = Markup.Coordinate(Y(mark.Value));
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<path class=\"asked\" d=\"M{Left} {y}H{Width - Right}\"/>" +
                $"<text class=\"asked-text\" x=\"{Left + 4}\" y=\"{y}\" dy=\"-6\">{Markup.Escape(mark.Text)}</text>\n");
        }
        foreach (ChartSeries series in Series)
        {
            WriteSeries(svg, series);
        }
        return svg.Append("</svg>\n").ToString();
    }

    private void WriteAxes(StringBuilder svg)
    {
        foreach ((double value, string text) in Vertical.Ticks)
        {
            string y = Markup.Coordinate(Y(value));
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<path class=\"grid\" d=\"M{Left} {y}H{Width - Right}\"/>" +
                $"<text class=\"tick\" x=\"{Left - 8}\" y=\"{y}\" dy=\".35em\" text-anchor=\"end\">{Markup.Escape(text)}</text>\n");
        }
        svg.Append(Markup.Text($"<path class=\"axis\" d=\"M{Left} {Height - Bottom}H{Width - Right}\"/>\n"));
        foreach ((double value, string text) in Horizontal.Ticks)
        {
            string x = Markup.Coordinate(X(value));
            svg.Append(Markup.Text($"<path class=\"axis\" d=\"M{x} {Height - Bottom}v5\"/>"));
            if (text.Length > 0)
            {
                svg.Append(
                    CultureInfo.InvariantCulture,
                    $"<text class=\"tick\" x=\"{x}\" y=\"{Height - Bottom + 8}\" dy=\"1em\" text-anchor=\"middle\">" +
                    $"{Markup.Escape(text)}</text>");
            }
            svg.Append('\n');
        }
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<text class=\"label\" x=\"{(Left + Inset + Width - Right) / 2}\" y=\"{Height - 8}\" text-anchor=\"middle\">" +
            $"{Markup.Escape(HorizontalLabel)}</text>\n");
    }

    private void WriteSeries(StringBuilder svg, ChartSeries series)
    {
        svg.Append("<g class=\"").Append(SeriesMark.Class(series.Mark)).Append("\">\n");
        var line = new StringBuilder();
        bool isOpen = false;
        foreach (ChartPoint point in series.Points)
        {
            bool isThere = double.IsFinite(point.Y);
            if (isThere)
            {
                line.Append(isOpen ? 'L' : 'M').Append(Markup.Coordinate(X(point.X))).Append(' ').Append(Markup.Coordinate(Y(point.Y)));
            }
            isOpen = isThere;
        }
        bool areFew = series.Points.Count <= FewPoints;
        if (!areFew)
        {
            WriteBand(svg, [.. series.Points.Where(point => double.IsFinite(point.Low) && double.IsFinite(point.High))]);
        }
        if (line.Length > 0)
        {
            svg.Append("<path class=\"line\" d=\"").Append(line).Append('"').Append(SeriesMark.Dashes(series.Mark)).Append("/>\n");
        }
        double from = double.NegativeInfinity;
        foreach (ChartPoint point in series.Points.Where(point => double.IsFinite(point.Y)))
        {
            if (areFew || point.IsChosen || X(point.X) - from >= BetweenMarks)
            {
                WritePoint(svg, point, series.Mark, areFew);
                from = X(point.X);
            }
        }
        svg.Append("</g>\n");
    }

    private void WriteBand(StringBuilder svg, ChartPoint[] points)
    {
        if (points.Length > 1)
        {
            IEnumerable<string> edge = points.Select(point => $"{Markup.Coordinate(X(point.X))} {Markup.Coordinate(Y(point.High))}")
                .Concat(Enumerable.Reverse(points).Select(point => $"{Markup.Coordinate(X(point.X))} {Markup.Coordinate(Y(point.Low))}"));
            svg.Append("<path class=\"band\" d=\"M").AppendJoin('L', edge).Append("Z\"/>\n");
        }
    }

    private void WritePoint(StringBuilder svg, ChartPoint point, int system, bool withInterval)
    {
        string x = Markup.Coordinate(X(point.X)), y = Markup.Coordinate(Y(point.Y));
        svg.Append("<g><title>").Append(Markup.Escape(point.Text)).Append("</title>");
        if (withInterval && double.IsFinite(point.Low) && double.IsFinite(point.High) && point.High > point.Low)
        {
            string low = Markup.Coordinate(Y(point.Low)), high = Markup.Coordinate(Y(point.High));
            svg.Append(Markup.Text($"<path class=\"whisker\" d=\"M{x} {low}V{high}m-4 0h8M{x} {low}m-4 0h8\"/>"));
        }
        if (point.IsChosen)
        {
            svg.Append(Markup.Text($"<circle class=\"chosen\" cx=\"{x}\" cy=\"{y}\" r=\"11\"/>"));
        }
        svg.Append(Markup.Text($"<path class=\"mark\" transform=\"translate({x} {y})\" d=\"{SeriesMark.Shape(system)}\"/></g>\n"));
    }

    private double X(double value) => Left + Inset + (Horizontal.At(value) * (Width - Left - Inset - Right));

    private double Y(double value) => Height - Bottom - (Vertical.At(value) * (Height - Top - Bottom));
}

/// <summary>Represents the points of one line, ascending in X.</summary>
/// <param name="Mark">The line's position, which chooses colour and marks.</param>
/// <param name="Points">The points.</param>
internal sealed record ChartSeries(int Mark, IReadOnlyList<ChartPoint> Points);

/// <summary>Represents a point of a chart.</summary>
/// <param name="X">Its place on the horizontal axis, in the axis's unit.</param>
/// <param name="Y">The value; NaN leaves a gap in the line.</param>
/// <param name="Text">The text about it, unescaped.</param>
/// <param name="Low">The lower end of its interval, or NaN.</param>
/// <param name="High">The upper end, or NaN.</param>
/// <param name="IsChosen">Whether it gets a ring.</param>
internal sealed record ChartPoint(
    double X, double Y, string Text, double Low = double.NaN, double High = double.NaN, bool IsChosen = false);
