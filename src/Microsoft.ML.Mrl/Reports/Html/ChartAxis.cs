using System.Globalization;

namespace Microsoft.ML.Mrl.Reports.Html;

/// <summary>Maps values to a stretch of a chart and chooses the values to label.</summary>
internal sealed class ChartAxis
{
    private readonly Func<double, double> _transform;
    private readonly double _from;
    private readonly double _to;

    private ChartAxis(double low, double high, Func<double, double> transform, IReadOnlyList<(double Value, string Text)> ticks)
    {
        _transform = transform;
        (_from, _to) = (transform(low), transform(high));
        Ticks = ticks;
    }

    /// <summary>Gets the values to label and their labels, ascending; an empty label is a tick alone.</summary>
    public IReadOnlyList<(double Value, string Text)> Ticks { get; }

    /// <summary>Returns an axis of round values that covers the given ones.</summary>
    /// <param name="values">The values to cover; NaN is ignored.</param>
    /// <param name="most">The maximum number of labels.</param>
    /// <param name="format">Turns a value into its label, given the number of digits that tell the labels apart.</param>
    public static ChartAxis Linear(IEnumerable<double> values, int most, Func<double, int, string> format)
    {
        double[] finite = [.. values.Where(double.IsFinite).DefaultIfEmpty(0)];
        double low = finite.Min(), high = finite.Max();
        if (high - low < 1e-4)
        {
            // One value alone stands in the middle.
            (low, high) = low is >= 0 and <= 1 ? (Math.Max(0, low - 0.05), Math.Min(1, high + 0.05)) : (low - 0.05, high + 0.05);
        }
        double step = RoundStep((high - low) / (most - 1));
        double first = Math.Floor((low / step) + 1e-9), last = Math.Ceiling((high / step) - 1e-9);
        int digits = Math.Max(0, -(int)Math.Floor(Math.Log10(step) + 1e-9));
        digits += Math.Abs(Math.Round(step, digits) - step) > 1e-12 ? 1 : 0;
        // The axis ends short of a round value that lies far above what it covers.
        double end = last * step;
        if (end - high > 0.5 * step && last - first > 2)
        {
            last--;
            end = high + (0.1 * step);
        }
        (
            double,
            string)[] ticks = [.. Enumerable.Range(0, (int)(last - first) + 1)
                .Select(i => ((first + i) * step, format((first + i) * step, digits)))];
        return new ChartAxis(first * step, end, value => value, ticks);
    }

    /// <summary>Returns an axis from 0 to a value, labelled at round values up to it.</summary>
    /// <param name="high">The end of the axis, above 0.</param>
    /// <param name="most">The maximum number of labels.</param>
    public static ChartAxis FromZero(long high, int most)
    {
        double step = Math.Max(1, RoundStep((double)high / (most - 1)));
        (double, string)[] ticks = [.. Enumerable.Range(0, (int)(high / step) + 1).Select(i => (i * step, Markup.Whole((long)(i * step))))];
        return new ChartAxis(0, high, value => value, ticks);
    }

    /// <summary>Returns a log₂ axis over dimensions.</summary>
    /// <param name="dimensions">The dimensions, ascending. Those that there is room for are labelled, the largest first.</param>
    /// <param name="room">The share of the axis that a label needs.</param>
    public static ChartAxis Log2(IReadOnlyList<int> dimensions, double room)
    {
        double low = dimensions[0], high = dimensions[^1];
        if (low == high)
        {
            // A single dimension stands in the middle.
            return new ChartAxis(low / 2, high * 2, Math.Log2, [(low, Markup.Whole((long)low))]);
        }
        IEnumerable<int> candidates = dimensions.Count <= 12
            ? dimensions
            : Enumerable.Range(0, 31).Select(i => 1 << i).Where(power => power > low && power < high).Append((int)low).Append((int)high)
                .Distinct().Order();
        var ticks = new List<(double, string)>();
        double free = double.PositiveInfinity;
        foreach (int candidate in candidates.Reverse())
        {
            double at = Math.Log2(candidate / low) / Math.Log2(high / low);
            bool fits = free - at >= room;
            free = fits ? at : free;
            ticks.Insert(0, (candidate, fits ? candidate.ToString(CultureInfo.InvariantCulture) : ""));
        }
        return new ChartAxis(low, high, Math.Log2, ticks);
    }

    /// <summary>Returns the position of a value on the axis: 0 at its start, 1 at its end.</summary>
    public double At(double value) => (_transform(value) - _from) / (_to - _from);

    private static double RoundStep(double step)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(step)));
        double lead = step / power;
        return power * (lead <= 1.0000001 ? 1 : lead <= 2 ? 2 : lead <= 2.5 ? 2.5 : lead <= 5 ? 5 : 10);
    }
}
