using System.Globalization;
using System.Text;

namespace Microsoft.ML.Mrl.Heads;

/// <summary>Writes a <see cref="TrainingSummary"/> as text with a table.</summary>
internal static class TrainingTable
{
    public static string Text(TrainingSummary summary)
    {
        var text = new StringBuilder();
        text.Append($"{summary.Objective}: {TrainingSummaryFormat.NameOf(summary.Winner)} won. {summary.Verdict}".TrimEnd()).Append('\n');
        if (summary.ValidationScores.Count > 0)
        {
            string[][] cells = Cells(summary.ValidationScores);
            int[] widths = [.. cells[0].Select((_, i) => cells.Max(line => line[i].Length))];
            foreach (string[] line in cells)
            {
                text.AppendJoin("  ", line.Select((cell, i) => cell.PadLeft(widths[i]))).Append('\n');
            }
            text.Append(CultureInfo.InvariantCulture,
                $"{summary.ScoreName} on {summary.ValidationRows} rows held back; difference: learned minus the better of raw and PCA.\n");
        }
        text.Append(CultureInfo.InvariantCulture,
            $"{summary.TrainingRows} rows to train on, {summary.Epochs} {(summary.Epochs == 1 ? "epoch" : "epochs")}, the best was " +
                $"{summary.BestEpoch}, seed {summary.Seed}");
        return text.Append(summary.Cancelled ? "; cancelled.\n" : ".\n").ToString();
    }

    private static string[][] Cells(IReadOnlyList<ValidationScore> scores) =>
    [
        ["Dimensions", "raw", "PCA", "learned", "Difference", "95 % interval"],
        .. scores.Select(s => (string[])
        [
            s.Dimensions.ToString(CultureInfo.InvariantCulture), Number(s.Raw), Number(s.Pca), Number(s.Learned), Signed(s.Difference),
            double.IsNaN(s.Low) ? "-" : $"{Signed(s.Low)}..{Signed(s.High)}",
        ]),
        [
            "mean", Number(scores.Average(s => s.Raw)), Number(scores.Average(s => s.Pca)), Number(scores.Average(s => s.Learned)),
            Signed(scores.Average(s => s.Learned) - ValidationScore.BetterOf(scores.Average(s => s.Raw), scores.Average(s => s.Pca))), "",
        ],
    ];

    private static string Number(double value) => double.IsNaN(value) ? "-" : value.ToString("0.0000", CultureInfo.InvariantCulture);

    private static string Signed(double value) => double.IsNaN(value) ? "-"
        : value.ToString("+0.0000;-0.0000;0.0000", CultureInfo.InvariantCulture);
}
