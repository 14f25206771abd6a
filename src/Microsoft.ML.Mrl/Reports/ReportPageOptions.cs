namespace Microsoft.ML.Mrl;

/// <summary>Provides options for the HTML page of a report or a comparison; see <see cref="DimensionComparison.ToHtml"/>.</summary>
public sealed record ReportPageOptions
{
    /// <summary>Gets the page's title. The default, <see langword="null"/>, names the primary metric.</summary>
    public string? Title { get; init; }

    /// <summary>Gets the recommendations to show, at most one for each report. The default is none.</summary>
    public IReadOnlyList<DimensionRecommendation> Recommendations { get; init; } = [];

    /// <exception cref="ArgumentException">A recommendation does not belong to the comparison.</exception>
    internal void Check(DimensionComparison comparison, string parameterName)
    {
        ArgumentNullException.ThrowIfNull(Recommendations, parameterName);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (DimensionRecommendation advice in Recommendations)
        {
            ArgumentNullException.ThrowIfNull(advice, parameterName);
            DimensionReport? report = comparison.Reports.FirstOrDefault(report => report.Name == advice.Name);
            if (report is null || advice.Task != report.Task || advice.FullDimensions != report.FullDimensions)
            {
                IEnumerable<string> known = comparison.Reports.Select(
                    known => $"'{known.Name}' ({known.Task}, {known.FullDimensions} dimensions)");
                throw new ArgumentException(
                    $"The recommendation for '{advice.Name}' ({advice.Task}, {advice.FullDimensions} dimensions) " +
                    "belongs to none of the reports. " +
                    $"Give recommendations for: {string.Join(", ", known)}.",
                    parameterName);
            }
            if (!advice.Rows.Select(row => (row.Type, row.Dimensions)).SequenceEqual(report.Rows.Select(row => (row.Type, row.Dimensions))))
            {
                throw new ArgumentException(
                    $"The recommendation for '{advice.Name}' was made for another report: its types and dimensions differ. " +
                    "Make one for this report.",
                    parameterName);
            }
            if (!seen.Add(advice.Name))
            {
                throw new ArgumentException(
                    $"Two recommendations are for '{advice.Name}'. Give at most one for each report.",
                    parameterName);
            }
        }
    }
}
