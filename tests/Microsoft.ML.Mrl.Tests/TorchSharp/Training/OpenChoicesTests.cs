using Microsoft.ML.Mrl.TorchSharp.Gate;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Training;

/// <summary>What options leave open is tried, and the rows held back choose.</summary>
[Collection(TorchCollection.Name)]
public class OpenChoicesTests
{
    private static readonly MrlFineTuneOptions s_open = new()
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
        EmbeddingHead head = Fit(s_open);

        Assert.Contains("Linear head, learning rate 0.02; Residual head, learning rate 0.02", head.Training!.Verdict, StringComparison.Ordinal);
        Assert.Equal(head.Fingerprint, Fit(s_open).Fingerprint);
    }

    [Fact]
    public void Fit_RateAndKindGiven_TriesNothingElse() =>
        Assert.DoesNotContain("Tried", Fit(s_open with { LearningRate = 0.02, Head = HeadKind.Linear }).Training!.Verdict, StringComparison.Ordinal);

    [Fact]
    public void Fit_UnsupervisedAtFullWidth_KeepsAllNeighbors()
    {
        EmbeddingHead head = Fit(s_open with { Objective = MrlObjective.Unsupervised() });

        Assert.Equal(1, head.Training!.ValidationScores[^1].Pca, 1e-9);
        Assert.IsType<OrthogonalHead>(head);
    }

    [Fact]
    public void Blended_IsBetweenStartAndLearned() =>
        Assert.Equal([[0.25f, 2.5f]], CandidateShape.Blended([[0, 2]], [[1, 4]], 0.25));

    private static EmbeddingHead Fit(MrlFineTuneOptions options)
    {
        var context = new MLContext();
        return context.Transforms.MrlFineTune(options).Fit(Example.View(context, Synthetic.Classes(260, 5, seed: 1), Synthetic.Width, "Input", "Label")).Head;
    }
}
