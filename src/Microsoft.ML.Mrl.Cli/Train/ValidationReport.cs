using System.Text.Json;

namespace Microsoft.ML.Mrl.Cli;

/// <summary>Makes a report of the scores that a training kept of the rows it held back.</summary>
internal static class ValidationReport
{
    /// <summary>The task's name in reports.</summary>
    public const string Task = "neighbours kept";

    /// <summary>Makes it.</summary>
    /// <param name="training">The training, with scores.</param>
    /// <param name="fullDimensions">The full width.</param>
    /// <param name="score">Which of the candidates is reported.</param>
    public static DimensionReport Of(TrainingSummary training, int fullDimensions, Func<ValidationScore, double> score)
    {
        double full = training.ValidationScores[^1].Dimensions == fullDimensions ? score(training.ValidationScores[^1]) : double.NaN;
        // The format that reports are kept in is the public way to make one.
        return DimensionReport.FromJson(JsonSerializer.Serialize(new
        {
            format = "mrl-dimension-report",
            version = 1,
            system = "embedding",
            task = Task,
            metrics = new[] { training.ScoreName },
            primaryMetric = training.ScoreName,
            fullDimensions,
            count = training.ValidationRows,
            skipped = 0,
            note = "rows held back from the training",
            rows = training.ValidationScores.Select(row => new
            {
                dimensions = row.Dimensions,
                bytesPerVector = sizeof(float) * (long)row.Dimensions,
                shareOfFull = Number(score(row) / full),
                values = new[] { Number(score(row)) },
            }),
        }));
    }

    private static double? Number(double value) => double.IsFinite(value) ? value : null;
}
