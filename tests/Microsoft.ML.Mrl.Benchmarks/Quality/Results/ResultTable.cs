using System.Globalization;
using System.Text;

namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>A task's results as Markdown: a table for each metric, in hundredths.</summary>
internal static class ResultTable
{
    private const double Kept = 0.98;

    public static string Of(QualityTask task, string encoder, IReadOnlyList<SystemResult> results)
    {
        var text = new StringBuilder();
        Line($"### {task.Name}, {encoder}: {task.Description}");
        foreach (string metric in task.Metrics)
        {
            double wanted = Kept * results[0].Mean(metric, task.Dimensions.Largest);
            Line("");
            Line($"| {metric} × 100 | {string.Join(" | ", task.Dimensions)} | 98 % |");
            Line($"|---|{string.Concat(task.Dimensions.Select(_ => "---:|"))}---:|");
            foreach (SystemResult result in results)
            {
                double[] errors = result.StandardErrors(metric);
                IEnumerable<string> cells = task.Dimensions.Select((m, i) => Cell(result.Mean(metric, m), errors[i], Better(m)));
                int kept = task.Dimensions.FirstOrDefault(m => result.Mean(metric, m) >= wanted);
                Line($"| {result.System.Name} | {string.Join(" | ", cells)} | {(kept == 0 ? "–" : $"{kept}")} |");
            }

            double Better(int dimensions) => results.Where(r => r.System is RawPrefix or PcaPrefix).Max(r => r.Mean(metric, dimensions));
        }
        foreach (string chosen in results.Select(result => result.System.Chosen).Where(chosen => chosen.Length > 0))
        {
            Line("");
            Line(chosen);
        }
        return text.ToString();

        void Line(string line) => text.Append(line).Append('\n');
    }

    private static string Cell(double mean, double error, double better)
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"{mean * 100:F1}");
        if (!double.IsNaN(error))
        {
            text += string.Create(CultureInfo.InvariantCulture, $" ± {error * 100:F1}");
        }
        return mean < better - (double.IsNaN(error) ? 1e-9 : error) ? text + " ↓" : text;
    }
}
