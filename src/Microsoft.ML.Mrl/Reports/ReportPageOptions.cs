namespace Microsoft.ML.Mrl;

/// <summary>What <see cref="DimensionComparison.ToHtml"/> shows beside the numbers.</summary>
public sealed record ReportPageOptions
{
    /// <summary>The page's title. Default <see langword="null"/>: the primary metric and the task.</summary>
    public string? Title { get; init; }

    /// <summary>The recommendations to show, at most one a system. Default: none.</summary>
    public IReadOnlyList<DimensionRecommendation> Recommendations { get; init; } = [];

    /// <exception cref="ArgumentException">A recommendation does not belong to the comparison.</exception>
    internal void Check(DimensionComparison comparison, string parameterName)
    {
        ArgumentNullException.ThrowIfNull(Recommendations, parameterName);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (DimensionRecommendation advice in Recommendations)
        {
            ArgumentNullException.ThrowIfNull(advice, parameterName);
            DimensionReport? report = comparison.Reports.FirstOrDefault(report => report.System == advice.System);
            if (report is null || advice.Task != report.Task || advice.FullDimensions != report.FullDimensions)
            {
                throw new ArgumentException(
                    $"The recommendation for '{advice.System}' ({advice.Task}, {advice.FullDimensions} dimensions) is of none of the reports. " +
                    $"Give those of: {string.Join(", ", comparison.Reports.Select(known => $"'{known.System}' ({known.Task}, {known.FullDimensions} dimensions)"))}.",
                    parameterName);
            }
            if (!seen.Add(advice.System))
            {
                throw new ArgumentException($"Two recommendations are for '{advice.System}'. Give one a system.", parameterName);
            }
        }
    }
}
