using Microsoft.ML.Mrl.Resampling;

namespace Microsoft.ML.Mrl.Cli.Train;

/// <summary>Makes a report of the scores that a training kept of the rows it held back.</summary>
internal static class ValidationReport
{
    /// <summary>The task's name in reports.</summary>
    public const string Task = "neighbours kept";

    /// <summary>Makes it.</summary>
    /// <param name="training">The training, with scores.</param>
    /// <param name="fullDimensions">The full width.</param>
    /// <param name="score">Which of the candidates is reported.</param>
    public static DimensionReport Of(TrainingSummary training, int fullDimensions, Func<ValidationScore, double> score) => new(
        Task,
        [training.ScoreName],
        training.ScoreName,
        new MatryoshkaDimensions([.. training.ValidationScores.Select(row => row.Dimensions)]),
        [.. training.ValidationScores.Select(row => new[] { score(row) })],
        fullDimensions,
        training.ValidationRows,
        note: "rows held back from the training");
}
