using System.Globalization;
using System.Text;

namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>A task's results as Markdown: a table for each metric, in hundredths, mean ± standard deviation over seeds.</summary>
internal static class ResultTable
{
    private const double Kept = 0.98;

    public static string Of(QualityTask task, IReadOnlyList<SystemResult> results)
    {
        var text = new StringBuilder();
        Line($"### {task.Name}: {task.Description}");
        foreach (string metric in task.Metrics)
        {
            Line("");
            Line($"| {metric} × 100, by dimensions | {string.Join(" | ", task.Dimensions)} | 98 % from | seconds | learning rate |");
            Line($"|---|{string.Concat(task.Dimensions.Select(_ => "---:|"))}---:|---:|---|");
            foreach (SystemResult result in results)
            {
                IEnumerable<string> cells = task.Dimensions.Select((_, i) => Cell(result, metric, i) + (IsBelow(result, results, metric, i) ? " ↓" : ""));
                Line($"| {result.System.Name} | {string.Join(" | ", cells)} | {SmallestKeeping(task, result, metric)} | {result.Seconds.ToString("F1", CultureInfo.InvariantCulture)} | {result.System.Chosen} |");
            }
        }
        return text.ToString();

        void Line(string line) => text.Append(line).Append('\n');
    }

    private static string Cell(SystemResult result, string metric, int dimension) => result.Runs.Count < 2
        ? string.Create(CultureInfo.InvariantCulture, $"{result.Mean(metric, dimension) * 100:F1}")
        : string.Create(CultureInfo.InvariantCulture, $"{result.Mean(metric, dimension) * 100:F1} ± {result.Deviation(metric, dimension) * 100:F1}");

    /// <summary>Whether one of ours is below the best of raw, PCA and a head for each, by more than that one's standard deviation.</summary>
    private static bool IsBelow(SystemResult result, IReadOnlyList<SystemResult> results, string metric, int dimension) => result.System.Kind == "ours"
        && results.Any(other => other.System.Kind is "raw" or "pca" or "each"
            && result.Mean(metric, dimension) < other.Mean(metric, dimension) - other.Deviation(metric, dimension) - 1e-9);

    private static int SmallestKeeping(QualityTask task, SystemResult result, string metric) =>
        task.Dimensions.Where((_, i) => result.Mean(metric, i) >= Kept * result.Mean(metric, task.Dimensions.Count - 1)).First();
}
