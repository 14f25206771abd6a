namespace Microsoft.ML.Mrl.Reports.Html;

/// <summary>The points of one system, ascending in X.</summary>
/// <param name="System">The system's position, which chooses colour and marks.</param>
/// <param name="Points">The points.</param>
internal sealed record ChartSeries(int System, IReadOnlyList<ChartPoint> Points);
