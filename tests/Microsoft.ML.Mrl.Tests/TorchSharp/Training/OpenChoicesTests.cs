using Microsoft.ML.Mrl.Tests.TorchSharp.Objectives;
using Microsoft.ML.Mrl.Tests.Transforms;
using Microsoft.ML.Mrl.TorchSharp.Gate;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Training;

/// <summary>What options leave open is tried, and the rows held back choose.</summary>
[Collection(TorchCollection.Name)]
public class OpenChoicesTests
{
    internal static readonly MrlFineTuneOptions Open = new()
    {
        LearningRate = null,
        Head = null,
        OutputColumnName = "Embedding",
        InputColumnName = "Input",
        Objective = MrlObjective.Classification("Label"),
        Dimensions = [4, 24],
        Epochs = 6,
        BatchSize = 32,
        Seed = 1,
    };

    [Fact]
    public void Fit_RateAndKindLeftOpen_SaysWhatWasTriedAndIsTheSameEachTime()
    {
        EmbeddingHead head = Fit(Open);

        Assert.Contains(
            "Tried for 1 epoch each, the best 2 for 6: Residual head, SameLabel(Label), learning rate 0.006; Residual head, SameLabel(Label), learning rate 0.02; " +
            "Linear head, SameLabel(Label), learning rate 0.006; Residual head, Classification(Label), learning rate 0.02; Linear head, Classification(Label), learning rate 0.02.",
            head.Training!.Verdict, StringComparison.Ordinal);
        Assert.Equal(head.Fingerprint, Fit(Open).Fingerprint);
    }

    [Fact]
    public void Fit_RateAndKindGiven_TriesNothingElse() =>
        Assert.DoesNotContain(
            "Tried", Fit(Open with { LearningRate = 0.02, Head = HeadKind.Linear }).Training!.Verdict, StringComparison.Ordinal);

    [Fact]
    public void Fit_EachRowOfAClassOfItsOwn_TriesNoLossThatNeedsTwoRowsOfAClass()
    {
        var context = new MLContext();
        Example[] rows = Synthetic.Classes(60, 60, seed: 1), held = Synthetic.Classes(60, 60, seed: 1);

        TrainingSummary summary = context.Transforms.MrlFineTune(Open with { Epochs = 1 })
            .Fit(Example.View(context, rows, Synthetic.Width, "Input", "Label"),
                Example.View(context, held, Synthetic.Width, "Input", "Label")).Head.Training!;

        Assert.DoesNotContain("SameLabel", summary.Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_Transfer_ShortPrefixesLearnAndTheFullWidthKeepsMoreNeighbours()
    {
        double[] own = [.. Fit(Open with { Epochs = 20 }).Training!.ValidationScores.Select(s => s.Learned)];
        EmbeddingHead head = Fit(Open with { Epochs = 20, Transfer = true });

        Assert.Equal(TrainingWinner.Learned, head.Training!.Winner);
        Assert.True(head.Training.ValidationScores[0].Difference > 0.1, head.Training.ToString());
        Assert.True(own[0] - head.Training.ValidationScores[0].Learned < 0.05, head.Training.ToString());
        Assert.Contains("of which the first 4 values are kept", head.Training.Verdict, StringComparison.Ordinal);
        Assert.DoesNotContain(nameof(MrlFineTuneOptions.Transfer), head.Training.Verdict, StringComparison.Ordinal);
        Assert.True(NeighborsKept(head) > NeighborsKept(Fit(Open with { Epochs = 20 })) + 0.2);
    }

    /// <summary>Of the 10 nearest of each of 200 fresh rows by all input values, the share that is nearest by all output values.</summary>
    private static double NeighborsKept(EmbeddingHead head)
    {
        Example[] fresh = Synthetic.Classes(200, 5, seed: 9);
        float[][] before = [.. fresh.Select(row => row.Input.GetValues().ToArray())], after = [.. fresh.Select(row => head.Apply(row))];
        return Enumerable.Range(0, before.Length).Average(row => Nearest(before, row).Intersect(Nearest(after, row)).Count() / 10.0);

        static IEnumerable<int> Nearest(float[][] rows, int to) =>
            Enumerable.Range(0, rows.Length).Where(row => row != to).OrderByDescending(row => SampleVectors.Cosine(rows[row], rows[to]))
                .Take(10);
    }

    [Fact]
    public void Fit_UnsupervisedAtFullWidth_KeepsAllNeighbors()
    {
        EmbeddingHead head = Fit(Open with { Objective = MrlObjective.Unsupervised() });

        Assert.Equal(1, head.Training!.ValidationScores[^1].Pca, 1e-9);
        Assert.IsType<OrthogonalHead>(head);
    }

    [Fact]
    public void Fit_UnsupervisedWhereFewLongRowsHaveMostVariance_PrefixesFindMoreAndTheWholeKeepsAll()
    {
        // One row in ten is long and lies in the first four columns; all others are short and lie in the last six.
        var random = new Random(2);
        Example[] rows =
        [
            .. Enumerable.Range(0, 400).Select(i => new Example
            {
                Input = Example.Dense(
                    [.. Enumerable.Range(0, Synthetic.Width).Select(k => Synthetic.Gaussian(random) * Size(isLong: i % 10 == 0, k))]),
            }),
        ];
        var context = new MLContext();

        EmbeddingHead head = context.Transforms
            .MrlFineTune(Open with { Objective = MrlObjective.Unsupervised(), Dimensions = [4, 8, 24], Epochs = 20 })
            .Fit(Example.View(context, rows, Synthetic.Width, "Input")).Head;

        ValidationScore[] scores = [.. head.Training!.ValidationScores];
        Assert.True(head.Training.Winner == TrainingWinner.Learned, head.Training.Verdict);
        Assert.All(scores[..2], score => Assert.True(
            score.Learned > Math.Max(score.Raw, score.Pca) + 0.05,
            $"{score.Dimensions}: raw {score.Raw}, PCA {score.Pca}, learned {score.Learned}"));
        Assert.Equal(1, scores[2].Learned, 1e-3);

        static float Size(bool isLong, int column) => isLong ? (column < 4 ? 30 : 0) : column >= Synthetic.Width - 6 ? 1 : 0.02f;
    }

    [Fact]
    public void Blended_IsBetweenStartAndLearned() =>
        Assert.Equal([[0.25f, 2.5f]], CandidateShape.Blended([[0, 2]], [[1, 4]], 0.25));

    private static EmbeddingHead Fit(MrlFineTuneOptions options)
    {
        var context = new MLContext();
        return context.Transforms.MrlFineTune(options)
            .Fit(Example.View(context, Synthetic.Classes(260, 5, seed: 1), Synthetic.Width, "Input", "Label")).Head;
    }
}
