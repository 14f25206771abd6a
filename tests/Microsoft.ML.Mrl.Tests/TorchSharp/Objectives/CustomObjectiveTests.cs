using System.Net;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Objectives;

[Collection(TorchCollection.Name)]
public class CustomObjectiveTests
{
    private readonly MLContext _context = new(seed: 1);

    private static MrlObjective Sample()
    {
        // sample
        var objective = MrlObjective.Custom(new MrlCustomColumns { PositiveColumnName = "Positive" }, () => new CosineSumLoss());
        // end
        return objective;
    }

    [Fact]
    public void Documentation_CodeOfTheExample_IsTheOneCompiledHere()
    {
        string root = RepositoryRoot();
        string[] documented =
        [
            .. File.ReadAllLines(Path.Combine(root, "src/Microsoft.ML.Mrl.TorchSharp/Objectives/MrlObjective.cs"))
                .SkipWhile(line => !line.Contains("/// <code>", StringComparison.Ordinal)).Skip(1)
                .TakeWhile(line => !line.Contains("/// </code>", StringComparison.Ordinal)).Select(
                    line => WebUtility.HtmlDecode(line.Replace("///", "", StringComparison.Ordinal)).Trim()).Where(line => line.Length > 0),
        ];

        Assert.NotEmpty(documented);
        Assert.Equal(Between("CustomLossSample.cs").Concat(Between("CustomObjectiveTests.cs")), documented);

        IEnumerable<string> Between(string file) =>
            File.ReadAllLines(Path.Combine(root, "tests/Microsoft.ML.Mrl.Tests/TorchSharp/Objectives", file)).Select(line => line.Trim())
            .SkipWhile(line => line != "// sample").Skip(1).TakeWhile(line => line != "// end");
    }

    [Fact]
    public void Custom_TheDocumentedLoss_LearnsAndScoresMinusItsLoss()
    {
        TrainingSummary summary = Fit(Sample(), ["Input", "Positive"]).Training!;

        Assert.Equal(("minus loss", "Custom(Positive)"), (summary.ScoreName, summary.Objective));
        Assert.Equal(TrainingWinner.Learned, summary.Winner);
        // Minus the loss is the sum of the cosines of 60 pairs, less where the rows were scored in two batches.
        Assert.All(summary.ValidationScores, score => Assert.InRange(score.Learned, score.Pca, summary.ValidationRows));
    }

    [Fact]
    public void Custom_EveryColumn_ReachesTheLoss()
    {
        var shapes = new List<string>();
        var columns = new MrlCustomColumns
        {
            PositiveColumnName = "Positive",
            NegativeColumnNames = ["Negative", "Negative2"],
            LabelColumnName = "Number",
            ScoreColumnName = "Score",
            TeacherColumnName = "Teacher",
            IncludeOriginals = true,
        };

        EmbeddingHead head = Fit(MrlObjective.Custom(columns, () => new Watching(batch => shapes.Add(
            $"{batch.Anchors.shape[1]} {batch.Positives!.shape[1]} {batch.Negatives!.shape[0] / batch.Anchors.shape[0]} {batch.Labels!.dtype} {batch.Scores!.shape[0] == batch.Anchors.shape[0]} {batch.Teachers!.shape[1]} {batch.Originals!.shape[1]}"))),
            ["Input", "Positive", "Negative", "Negative2", "Number", "Score", "Teacher"]);

        Assert.Equal("Custom(Positive, Negative, Negative2, Teacher, Number, Score)", head.Training!.Objective);
        Assert.Equal(["8 8 2 Int64 True 13 24", "24 24 2 Int64 True 13 24"], shapes.Distinct().Order(StringComparer.Ordinal).Reverse());
    }

    [Fact]
    public void Custom_LossThatLearns_IsScoredAsItHasLearned()
    {
        var made = new List<SoftmaxLoss>();
        MrlObjective objective = MrlObjective.Custom(new MrlCustomColumns { LabelColumnName = "Label" }, () =>
        {
            made.Add(new SoftmaxLoss([8, 24], 6));
            return made[^1];
        });
        IDataView data = Example.View(_context, Synthetic.Classes(300, 6, seed: 1), Synthetic.Width, "Input", "Label");

        TrainingSummary summary = _context.Transforms.MrlFineTune(Options(objective)).Fit(data).Head.Training!;

        Assert.Single(made);
        Assert.All(made[0].Parameters, parameter => Assert.True(parameter.IsInvalid));
        Assert.All(summary.ValidationScores, score => Assert.Equal(-Math.Log(6), score.Pca, 1e-5));
        Assert.All(summary.ValidationScores, score => Assert.True(score.Learned > score.Pca + 0.2));
    }

    [Fact]
    public void Custom_FunctionThatMakesNoLoss_ErrorSaysSo()
    {
        var e = Assert.Throws<InvalidOperationException>(() => Fit(MrlObjective.Custom(new MrlCustomColumns(), () => null!), ["Input"]));

        Assert.Contains("returned null", e.Message, StringComparison.Ordinal);
    }

    private static MrlFineTuneOptions Options(MrlObjective objective) => new()
    {
        LearningRate = 0.02,
        Head = HeadKind.Linear,
        OutputColumnName = "Embedding",
        InputColumnName = "Input",
        Objective = objective,
        Dimensions = [8, 24],
        BatchSize = 32,
        Epochs = 8,
        ValidationFraction = 0.2,
    };

    private EmbeddingHead Fit(MrlObjective objective, string[] columns)
    {
        Example[] rows = Synthetic.Pairs(300, seed: 2);
        for (int i = 0; i < rows.Length; i++)
        {
            (rows[i].Number, rows[i].Score) = (i % 5, i % 7);
        }
        return _context.Transforms.MrlFineTune(Options(objective)).Fit(Example.View(_context, rows, Synthetic.Width, columns)).Head;
    }

    private static string RepositoryRoot()
    {
        DirectoryInfo folder = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Microsoft.ML.Mrl.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The test does not run inside the repository.");
        }
        return folder.FullName;
    }

    private sealed class Watching(Action<EmbeddingBatch> watch) : EmbeddingLoss
    {
        public override Tensor Forward(EmbeddingBatch batch)
        {
            watch(batch);
            return batch.Anchors.sum();
        }
    }
}
