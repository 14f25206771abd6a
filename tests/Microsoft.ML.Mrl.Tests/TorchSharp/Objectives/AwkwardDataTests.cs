using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Objectives;

/// <summary>Data that is too little, too plain or too strange to learn much from: a finite head or a clear error, never anything
/// else.</summary>
[Collection(TorchCollection.Name)]
public class AwkwardDataTests
{
    private readonly MLContext _context = new(seed: 1);
    private readonly List<string> _log = [];

    public AwkwardDataTests() => _context.Log += (_, e) => _log.Add($"{e.Kind}: {e.RawMessage}");

    public static TheoryData<string> Objectives =>
    [
        "Classification", "Shared", "CosineClassification", "Pairs", "PairsWithNegative", "PairsWithEverything", "Triplets", "ScoredPairs",
        "AnglE", "CosineMse", "SameLabel", "Unsupervised", "Distillation", "Custom", "Weighted",
    ];

    [Theory]
    [MemberData(nameof(Objectives))]
    public void Fit_TwoRows_FiniteHead(string objective) =>
        AssertFinite(
            Fit(objective == "SameLabel" ? "Classification"
            : objective, [Row(Example.Dense(1, 2, 3), 0), Row(Example.Dense(-1, 0, 2), 1)], 3));

    [Fact]
    public void Fit_SameLabelWithoutTwoRowsOfAClass_ErrorNamesTheColumn()
    {
        var e = Assert.Throws<InvalidOperationException>(
            () => Fit("SameLabel", [Row(Example.Dense(1, 2, 3), 0), Row(Example.Dense(-1, 0, 2), 1)], 3));

        Assert.Equal("Label column 'Label' has a class of its own for each of 2 rows. SameLabel needs rows that share a class.", e.Message);
    }

    [Theory]
    [MemberData(nameof(Objectives))]
    public void Fit_FewerRowsThanABatch_FiniteHeadAndALogLine(string objective)
    {
        AssertFinite(Fit(objective, [.. Enumerable.Range(0, 14).Select(i => Row(Example.Dense(i, 14 - i, i % 3, i * i), i))], 4));

        Assert.Contains(_log, line => line.Contains("The data has 14 rows, fewer than the batch size of 256", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Objectives))]
    public void Fit_AllRowsEqual_FiniteHead(string objective) =>
        AssertFinite(Fit(objective, [.. Enumerable.Range(0, 20).Select(i => Row(Example.Dense(1, 2, 3), i))], 3));

    [Theory]
    [MemberData(nameof(Objectives))]
    public void Fit_AllRowsZero_FiniteHead(string objective) =>
        AssertFinite(Fit(objective, [.. Enumerable.Range(0, 20).Select(i => Row(Example.Dense(0, 0, 0), i))], 3));

    [Theory]
    [MemberData(nameof(Objectives))]
    public void Fit_SomeRowsZero_FiniteHead(string objective) =>
        AssertFinite(
            Fit(objective,
            [.. Enumerable.Range(0, 40).Select(i => Row(i % 4 == 0 ? Example.Dense(0, 0, 0) : Example.Dense(i, i % 5, i % 7), i))], 3));

    [Theory]
    [MemberData(nameof(Objectives))]
    public void Fit_OneColumn_FiniteHead(string objective) =>
        AssertFinite(Fit(objective, [.. Enumerable.Range(0, 30).Select(i => Row(Example.Dense(i % 7 - 3), i))], 1));

    [Theory]
    [MemberData(nameof(Objectives))]
    public void Fit_WideSparseRowsFewerThanOutputs_FiniteHead(string objective)
    {
        const int Wide = 1500;
        Example[] rows = Synthetic.WideSparse(20, Wide, 2, seed: 1);

        EmbeddingHead head = Fit(objective, [.. rows.Select((row, i) => Row(row.Input, i))], Wide);

        Assert.Equal(256, head.OutputDimensions);
        AssertFinite(head);
    }

    [Fact]
    public void Fit_WideSparseRowsAllZero_FiniteHead() =>
        AssertFinite(Fit("Pairs", [.. Enumerable.Range(0, 12).Select(i => Row(Example.Sparse(1100), i))], 1100));

    [Theory]
    [InlineData(1e-15f)]
    [InlineData(2e13f)]
    public void Fit_VectorsOfAnySize_FiniteHead(float size) =>
        AssertFinite(
            Fit("Classification", [.. Enumerable.Range(0, 40).Select(i => Row(Example.Dense(i * size, i % 5 * size, i % 7 * size), i))],
            3));

    [Fact]
    public void Fit_EveryScoreHeldBackTheSame_PcaIsReturnedAndTheWarningSaysWhy()
    {
        // One row is held back, and one row has no rank correlation.
        EmbeddingHead head = Fit("ScoredPairs", [.. Enumerable.Range(0, 12).Select(i => Row(Example.Dense(i, 14 - i, i % 3), i))], 3);

        Assert.Equal((TrainingWinner.Pca, 1), (head.Training!.Winner, head.Training.ValidationRows));
        Assert.Contains(_log, line => line.StartsWith(
            "Warning: Spearman is not a number on 1 row held back, so nothing shows that learning helps. The PCA prefix is returned.",
            StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Classification", 0, "Label column 'Label' has no label in 0 rows. Classification needs at least two classes.")]
    [InlineData("Classification", 1, "Label column 'Label' has a single class in 1 rows. Classification needs at least two classes.")]
    [InlineData(
        "CosineClassification", 1, "Label column 'Label' has a single class in 1 rows. CosineClassification needs at least two classes.")]
    [InlineData("Pairs", 0, "Training needs at least 2 usable rows, but the data has 0.")]
    [InlineData("Pairs", 1, "Training needs at least 2 usable rows, but the data has 1.")]
    [InlineData("ScoredPairs", 0, "Training needs at least 2 usable rows, but the data has 0.")]
    public void Fit_FewerThanTwoRows_ErrorSaysHowMany(string objective, int count, string expected)
    {
        var e = Assert.Throws<InvalidOperationException>(
            () => Fit(objective, [.. Enumerable.Range(0, count).Select(i => Row(Example.Dense(1, 2), i))], 2));

        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_OneClass_ErrorNamesTheColumn()
    {
        Example[] rows = [.. Enumerable.Range(0, 10).Select(i => Row(Example.Dense(i, 1), 0))];

        var e = Assert.Throws<InvalidOperationException>(() => Fit("Classification", rows, 2));

        Assert.Equal("Label column 'Label' has a single class in 10 rows. Classification needs at least two classes.", e.Message);
    }

    [Fact]
    public void Fit_OneScore_ErrorNamesTheColumnAndTheScore()
    {
        Example[] rows = [.. Enumerable.Range(0, 10).Select(i => Row(Example.Dense(i, 1), i))];
        Array.ForEach(rows, row => row.Score = 0.5f);

        var e = Assert.Throws<InvalidOperationException>(() => Fit("ScoredPairs", rows, 2));

        Assert.Equal(
            "Score column 'Score' has the same value 0.5 in all 10 rows. Ordering pairs needs at least two different scores.", e.Message);
    }

    private static Example Row(VBuffer<float> vector, int i)
    {
        return new Example { Input = vector, Positive = vector, Negative = vector, Negative2 = vector, Teacher = vector, Label = i % 2 == 0
            ? "even" : "odd", Score = i % 5 };
    }

    private EmbeddingHead Fit(string objective, Example[] rows, int width)
    {
        MrlObjective chosen = objective switch
        {
            "Classification" => MrlObjective.Classification("Label"),
            "Shared" => MrlObjective.Classification("Label", WeightTying.Shared),
            "Pairs" => MrlObjective.Pairs("Positive"),
            "PairsWithNegative" => MrlObjective.Pairs("Positive", "Negative"),
            "PairsWithEverything" => MrlObjective.Pairs(new PairsOptions
            {
                PositiveColumnName = "Positive",
                NegativeColumnNames = ["Negative", "Negative2"],
                LabelColumnName = "Label",
                Direction = ContrastDirection.Symmetric,
                SimilarityMargin = 0.05,
            }),
            "Triplets" => MrlObjective.Triplets("Positive", "Negative"),
            "AnglE" => MrlObjective.ScoredPairs("Positive", loss: ScoredPairsLoss.AnglE),
            "CosineMse" => MrlObjective.ScoredPairs("Positive", loss: ScoredPairsLoss.CosineMse),
            "CosineClassification" => MrlObjective.CosineClassification("Label"),
            "SameLabel" => MrlObjective.SameLabel("Label"),
            "Unsupervised" => MrlObjective.Unsupervised(),
            "Distillation" => MrlObjective.Distillation("Teacher"),
            "Custom" => MrlObjective.Custom(
                new MrlCustomColumns { PositiveColumnName = "Positive", IncludeOriginals = true }, () => new UnsupervisedLoss()),
            "Weighted" => MrlObjective.Weighted(
                (MrlObjective.Classification("Label"), 1), (MrlObjective.Pairs("Positive"), 0.5), (MrlObjective.Unsupervised(), 2)),
            _ => MrlObjective.ScoredPairs("Positive"),
        };
        IDataView data = Example.View(_context, rows, width, "Input", "Positive", "Negative", "Negative2", "Teacher", "Label", "Score");
        return _context.Transforms.MrlFineTune(
            new MrlFineTuneOptions { LearningRate = 0.02, Head = HeadKind.Linear, OutputColumnName = "Embedding", InputColumnName = "Input",
            Objective = chosen, Epochs = 3 }).Fit(data).Head;
    }

    private static void AssertFinite(EmbeddingHead head)
    {
        Assert.All(((LinearHead)head).Weights.ToArray(), weight => Assert.True(float.IsFinite(weight)));
        Assert.All(((LinearHead)head).Bias.ToArray(), bias => Assert.True(float.IsFinite(bias)));
    }
}
