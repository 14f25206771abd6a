namespace Microsoft.ML.Mrl.Tests.Heads;

public class TrainingSummaryTests
{
    [Fact]
    public void ToString_WithoutScores_IsTwoLines() => Assert.Equal(
        "Pairs(Other): learned won. It was ahead.\n90 rows to train on, 1 epoch, the best was 1, seed 3.\n", Summary(1, false).ToString());

    [Fact]
    public void ToString_WithScores_HasATableAndItsMean()
    {
        string[] lines = Summary(2, true, new ValidationScore(2, 0.1, 0.2, 0.3), new ValidationScore(4, 0.5, 0.4, 0.3)).ToString()
            .Split('\n');

        Assert.Equal(8, lines.Length);
        Assert.Equal(["Dimensions", "raw", "PCA", "learned", "Difference", "95", "%", "interval"], Words(lines[1]));
        Assert.Equal(["2", "0.1000", "0.2000", "0.3000", "+0.1000"], Words(lines[2])[..5]);
        Assert.Equal(["4", "0.5000", "0.4000", "0.3000", "-0.2000"], Words(lines[3])[..5]);
        Assert.Equal(["mean", "0.3000", "0.3000", "0.3000", "0.0000"], Words(lines[4]));
        Assert.Equal("recall on 10 rows held back; difference: learned minus the better of raw and PCA.", lines[5]);
        Assert.Equal("90 rows to train on, 2 epochs, the best was 1, seed 3; cancelled.", lines[6]);
    }

    private static TrainingSummary Summary(int epochs, bool cancelled, params ValidationScore[] scores) => new()
    {
        Objective = "Pairs(Other)",
        Verdict = "It was ahead.",
        Winner = TrainingWinner.Learned,
        Seed = 3,
        TrainingRows = 90,
        ValidationRows = 10,
        Epochs = epochs,
        BestEpoch = 1,
        Cancelled = cancelled,
        ScoreName = "recall",
        ValidationScores = scores,
    };

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
