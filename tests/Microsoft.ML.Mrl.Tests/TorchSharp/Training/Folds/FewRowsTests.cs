using Microsoft.ML.Mrl.Tests.TorchSharp.Objectives;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Training.Folds;

/// <summary>Where rows are few, every row is held back once, and what is chosen learns from all of them.</summary>
[Collection(TorchCollection.Name)]
public class FewRowsTests
{
    private static readonly MrlFineTuneOptions s_open = OpenChoicesTests.Open;

    [Theory]
    [InlineData(200, 5)]
    [InlineData(600, 3)]
    public void Fit_FewRows_AllAreTrainedOnAndAllAreHeldBackOnce(int rows, int parts)
    {
        TrainingSummary summary = Fit(s_open, Synthetic.Classes(rows, 5, seed: 1)).Training!;

        Assert.Equal((rows, rows), (summary.TrainingRows, summary.ValidationRows));
        Assert.Contains($"{rows} rows held back in {parts} parts (accuracy:", summary.Verdict, StringComparison.Ordinal);
        Assert.Contains("the best 2 for 6: Residual head", summary.Verdict, StringComparison.Ordinal);
        Assert.Equal(TrainingWinner.Learned, summary.Winner);
        Assert.Equal(6, summary.Epochs);
    }

    [Fact]
    public void Fit_VeryFewRows_NothingLearnedIsReturned()
    {
        TrainingSummary summary = Fit(s_open, Synthetic.Classes(40, 5, seed: 1)).Training!;

        Assert.NotEqual(TrainingWinner.Learned, summary.Winner);
        Assert.Contains(
            "40 different inputs held back are too few, 50 are needed. Train on more rows.", summary.Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_OneRowOfEachClass_NothingCanBeHeldBackSoPcaIsReturned()
    {
        TrainingSummary summary = Fit(s_open, Synthetic.Classes(40, 40, seed: 1)).Training!;

        Assert.Equal((TrainingWinner.Pca, 0), (summary.Winner, summary.ValidationRows));
        Assert.StartsWith("No row could be held back", summary.Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_ScoresOfRowsHeldBack_AreThoseOfFreshRows()
    {
        Example[] all = Synthetic.Classes(1_200, 5, seed: 1), train = all[..200], fresh = all[200..];

        EmbeddingHead head = Fit(s_open with { Epochs = 20 }, train);

        float[][] known = [.. train.Select(row => head.Apply(row))], unknown = [.. fresh.Select(row => head.Apply(row))];
        double right = Enumerable.Range(0, fresh.Length).Average(i =>
            train[Enumerable.Range(0, train.Length)
                .MaxBy(k => System.Numerics.Tensors.TensorPrimitives.CosineSimilarity(known[k], unknown[i]))].Label
                == fresh[i].Label ? 1.0 : 0.0);
        // The score mixes two accuracies; with 200 rows either is known to about 0.03.
        Assert.InRange(head.Training!.ValidationScores[^1].Learned, right - 0.1, right + 0.1);
    }

    [Fact]
    public void Fit_MoreRows_ATenthIsHeldBack()
    {
        TrainingSummary summary = Fit(s_open with { Epochs = 1, BatchSize = 256 }, Synthetic.Classes(2_501, 5, seed: 1)).Training!;

        Assert.Equal((2_251, 250), (summary.TrainingRows, summary.ValidationRows));
        Assert.DoesNotContain(" parts", summary.Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_NothingIsHeldBack_OrRowsOfTheirOwnAre_AsAlways()
    {
        Example[] rows = Synthetic.Classes(200, 5, seed: 1);
        var context = new MLContext();
        IDataView view = Example.View(context, rows, Synthetic.Width, "Input", "Label");

        Assert.Equal(0, Fit(s_open with { ValidationFraction = 0 }, rows).Training!.ValidationRows);
        TrainingSummary own = context.Transforms.MrlFineTune(s_open)
            .Fit(view, Example.View(context, Synthetic.Classes(40, 5, seed: 1), Synthetic.Width, "Input", "Label")).Head.Training!;
        Assert.Equal((200, 40), (own.TrainingRows, own.ValidationRows));
    }

    [Fact]
    public void Fit_LabelsAtRandom_SeldomIsAnythingLearnedReturnedAndTheVerdictSaysWhatTheBestWas()
    {
        TrainingSummary[] all = [.. Enumerable.Range(0, 20).Select(seed =>
            Fit(s_open with { Seed = seed }, Synthetic.RandomLabels(150, 4, seed)).Training!)];

        TrainingSummary[] refused = [.. all.Where(summary => summary.Winner != TrainingWinner.Learned)];
        Assert.True(refused.Length >= 18, string.Join("\n", all.Except(refused).Select(summary => summary.ToString())));
        Assert.All(refused, summary =>
        {
            Assert.Contains(
                " The best of the learned heads, which is not returned, was that of ", summary.Verdict, StringComparison.Ordinal);
            Assert.DoesNotContain("The learned head is that of", summary.Verdict, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("Pairs")]
    [InlineData("ScoredPairs")]
    [InlineData("Unsupervised")]
    public void Fit_OtherObjectives_AreHeldBackInPartsToo(string objective)
    {
        Example[] rows = objective == "ScoredPairs" ? Synthetic.ScoredPairs(150, seed: 1) : Synthetic.Pairs(150, seed: 1);
        MrlObjective wanted = objective switch
        {
            "Pairs" => MrlObjective.Pairs("Positive"),
            "ScoredPairs" => MrlObjective.ScoredPairs("Positive", "Score"),
            _ => MrlObjective.Unsupervised(),
        };
        var context = new MLContext();

        TrainingSummary summary = context.Transforms.MrlFineTune(s_open with { Objective = wanted })
            .Fit(Example.View(context, rows, Synthetic.Width, "Input", "Positive", "Score")).Head.Training!;

        Assert.Equal((150, 150), (summary.TrainingRows, summary.ValidationRows));
        Assert.Contains("150 rows held back in 5 parts", summary.Verdict, StringComparison.Ordinal);
        Assert.All(summary.ValidationScores, score => Assert.False(double.IsNaN(score.Learned)));
    }

    [Theory]
    [InlineData("Classification")]
    [InlineData("Pairs")]
    [InlineData("ScoredPairs")]
    public void Fit_WideVectors_AreHeldBackInPartsToo(string objective)
    {
        const int width = 1_100;
        Example[] rows = Synthetic.WideSparse(60, width, 4, seed: 1), others = Synthetic.WideSparse(60, width, 4, seed: 2);
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i].Positive = others[i].Input;
            rows[i].Score = i % 7;
        }
        MrlObjective wanted = objective switch
        {
            "Pairs" => MrlObjective.Pairs("Positive"),
            "ScoredPairs" => MrlObjective.ScoredPairs("Positive", "Score"),
            _ => MrlObjective.Classification(),
        };
        var context = new MLContext();

        // More values than there are rows to find directions from.
        EmbeddingHead head = context.Transforms
            .MrlFineTune(s_open with { Objective = wanted, Epochs = 2, Dimensions = new MatryoshkaDimensions(8, 32, 128) })
            .Fit(Example.View(context, rows, width, "Input", "Positive", "Score", "Label")).Head;

        Assert.Equal((60, 128), (head.Training!.ValidationRows, head.OutputDimensions));
        Assert.Contains("60 rows held back in 5 parts", head.Training.Verdict, StringComparison.Ordinal);
        var output = new float[head.OutputDimensions];
        Assert.All(rows, row =>
        {
            head.Apply([.. row.Input.DenseValues()], output);
            Assert.All(output, value => Assert.True(float.IsFinite(value)));
        });
    }

    [Fact]
    public void Fit_PairsAndTooShortATraining_TheClosedFormIsReturned()
    {
        var context = new MLContext();
        IDataView rows = Example.View(context, Synthetic.Pairs(200, seed: 1), Synthetic.Width, "Input", "Positive");
        MrlFineTuneOptions options = s_open with { Objective = MrlObjective.Pairs("Positive"), Epochs = 1, BatchSize = 200 };

        EmbeddingHead head = context.Transforms.MrlFineTune(options).Fit(rows).Head;

        TrainingSummary summary = head.Training!;
        Assert.Equal(TrainingWinner.Learned, summary.Winner);
        Assert.Equal(0, summary.Epochs);
        Assert.Contains(" Tried without training: Linear head, Pairs(Positive), closed form, shrinkage 0.9; ", summary.Verdict,
            StringComparison.Ordinal);
        Assert.Contains(
            " The learned head is that of Linear head, Pairs(Positive), closed form, shrinkage ", summary.Verdict, StringComparison.Ordinal);
        Assert.Equal(head.Fingerprint, context.Transforms.MrlFineTune(options).Fit(rows).Head.Fingerprint);
        TrainingSummary residual = context.Transforms.MrlFineTune(options with { Head = HeadKind.Residual }).Fit(rows).Head.Training!;
        Assert.DoesNotContain("closed form", residual.Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_ClassesAndTooShortATraining_TheClosedFormIsReturned()
    {
        MrlFineTuneOptions options = s_open with { Epochs = 1, BatchSize = 150 };
        Example[] rows = Synthetic.Classes(150, 3, seed: 1);

        EmbeddingHead head = Fit(options, rows);

        TrainingSummary summary = head.Training!;
        Assert.Equal((TrainingWinner.Learned, 0), (summary.Winner, summary.Epochs));
        Assert.Contains(" Tried without training: Linear head, Classification(Label), closed form, shrinkage 0.5.", summary.Verdict,
            StringComparison.Ordinal);
        Assert.Contains(" The learned head is that of Linear head, Classification(Label), closed form, shrinkage 0.5.", summary.Verdict,
            StringComparison.Ordinal);
        Assert.Equal(head.Fingerprint, Fit(options, rows).Fingerprint);
        Assert.DoesNotContain("closed form", Fit(options with { Head = HeadKind.Residual }, rows).Training!.Verdict,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_ScoredPairsAndTooShortATraining_TheClosedFormIsReturned()
    {
        var context = new MLContext();
        Example[] pairs = Synthetic.ScoredPairs(120, seed: 3);
        IDataView rows = Example.View(context, pairs, Synthetic.Width, "Input", "Positive", "Score");
        MrlFineTuneOptions options =
            s_open with { Objective = MrlObjective.ScoredPairs("Positive", "Score"), Epochs = 1, BatchSize = 120 };

        TrainingSummary summary = context.Transforms.MrlFineTune(options).Fit(rows).Head.Training!;

        Assert.Contains(
            " Tried without training: Linear head, ScoredPairs(Positive, Score), closed form, shrinkage 1.", summary.Verdict,
            StringComparison.Ordinal);
        Assert.Equal((TrainingWinner.Learned, 0), (summary.Winner, summary.Epochs));
    }

    [Fact]
    public void Fit_Cancelled_ReturnsWhatWasBeingTrainedOrWhatWasThere()
    {
        using var cancellation = new CancellationTokenSource();
        var reports = new HeardProgress(report =>
        {
            if (report.Candidate >= 2)
            {
                cancellation.Cancel();
            }
        });

        EmbeddingHead head = Fit(s_open, Synthetic.Classes(200, 5, seed: 1), reports, cancellation.Token);

        Assert.True(head.Training!.Cancelled);
        Assert.StartsWith(
            "The training was ended before it could choose, while it tried ", head.Training.Verdict, StringComparison.Ordinal);
        Assert.Equal((160, 40), (head.Training.TrainingRows, head.Training.ValidationRows));
        Assert.Equal(Synthetic.Width, head.OutputDimensions);
    }

    [Fact]
    public void Fit_CancelledBeforeTheFirstStep_ReturnsRawOrPca()
    {
        using var cancellation = new CancellationTokenSource();
        var reports = new HeardProgress(report =>
        {
            if (report.Phase == MrlPhase.Starting)
            {
                cancellation.Cancel();
            }
        });

        TrainingSummary summary = Fit(s_open, Synthetic.Classes(200, 5, seed: 1), reports, cancellation.Token).Training!;

        Assert.True(summary.Cancelled);
        Assert.NotEqual(TrainingWinner.Learned, summary.Winner);
        Assert.Contains("Nothing was learned.", summary.Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_Progress_GoesToItsEnd()
    {
        var reports = new HeardProgress();

        Fit(s_open, Synthetic.Classes(200, 5, seed: 1), reports);

        MrlProgress[] training = [.. reports.All.Where(r => r.Phase == MrlPhase.Training)];
        Assert.Equal(training[^1].Candidates, training[^1].Candidate);
        Assert.Equal(training[^1].Epochs, training[^1].Epoch);
        Assert.All(training, r => Assert.InRange(r.Step, 1, r.Steps + r.Epochs));
        Assert.Equal(MrlPhase.Done, reports.All[^1].Phase);
    }

    private static EmbeddingHead Fit(
        MrlFineTuneOptions options, Example[] rows, IProgress<MrlProgress>? progress = null, CancellationToken cancellation = default)
    {
        var context = new MLContext();
        return context.Transforms.MrlFineTune(options)
            .Fit(Example.View(context, rows, Synthetic.Width, "Input", "Label"), progress: progress, cancellationToken: cancellation).Head;
    }
}
