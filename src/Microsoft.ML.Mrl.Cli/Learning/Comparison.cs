using Microsoft.ML.Mrl.Cli.Models;
using Microsoft.ML.Mrl.Resampling;

namespace Microsoft.ML.Mrl.Cli.Learning;

/// <summary>Raw prefix, PCA prefix and the trained embedding at all dimensions, and which dimension to choose.</summary>
internal sealed class Comparison
{
    private const string RawSystem = "raw prefix";
    private const string PcaSystem = "PCA prefix";
    private const string MrlSystem = "MRL";

    private Comparison(MLContext mlContext, DimensionReport raw, DimensionReport pca, DimensionReport mrl)
    {
        Systems = new DimensionComparison(raw.WithName(RawSystem), pca.WithName(PcaSystem), mrl.WithName(MrlSystem));
        Advice = Mrl.Rows[^1].Dimensions == Mrl.FullDimensions ? mlContext.Mrl().RecommendDimensions(Mrl, TaskEvaluation.DefaultShareToKeep) : null;
    }

    /// <summary>The three systems, in the order of the table.</summary>
    public DimensionComparison Systems { get; }

    /// <summary>The trained embedding.</summary>
    public DimensionReport Mrl => Systems.Reports[^1];

    /// <summary>Which dimension to choose; <see langword="null"/> where the full width was not measured.</summary>
    public DimensionRecommendation? Advice { get; }

    /// <summary>Measures the systems on the test rows; without any, takes the scores of the training's own validation.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="model">What was trained.</param>
    /// <param name="views">The data.</param>
    /// <param name="data">What it is.</param>
    /// <returns>The comparison, or <see langword="null"/> where no row was held back.</returns>
    public static Comparison? Measure(MLContext mlContext, TrainedModel model, TrainingViews views, TrainingData data)
    {
        if (views.Test is null)
        {
            return model.Training is { ValidationScores.Count: > 0 } training
                ? new Comparison(
                    mlContext,
                    ValidationReport.Of(training, model.Dimensions, score => score.Raw),
                    ValidationReport.Of(training, model.Dimensions, score => score.Pca),
                    ValidationReport.Of(training, model.Dimensions, score => ScoreOfWinner(training.Winner, score)))
                : null;
        }
        TaskColumns columns = data.Columns;
        MatryoshkaDimensions dimensions = model.TrainedDimensions;
        // A cut at the full width leaves every shorter prefix as it is, and spares the evaluation thousands of features that it does not look at.
        ITransformer raw = mlContext.Transforms.TruncateEmbedding(columns.Learned(byEncoder: false).Embedded, dimensions.Largest).Fit(views.Training);
        // For an encoder, features are what it gave before the training.
        EmbeddingHead pca = mlContext.Transforms.PcaRotate(TaskColumns.Embedding, columns.Features, dimensions.Largest).Fit(views.AllFeatures).Head;
        ITransformer trained = model.Encoder is { } encoder
            ? mlContext.Transforms.EncodeText(columns.Learned(byEncoder: true).Embedded, encoder).Fit(views.Training)
            : Apply(model.Head!);
        return new Comparison(mlContext, Evaluate(raw), Evaluate(Apply(pca)), Evaluate(trained));

        ITransformer Apply(EmbeddingHead head) => mlContext.Transforms.ApplyEmbeddingHead(columns.Learned(byEncoder: false).Embedded, head).Fit(views.Training);

        DimensionReport Evaluate(ITransformer system) =>
            TaskEvaluation.Evaluate(mlContext, data.Task, system.Transform(views.Test), columns.Target, system.Transform(views.Training), dimensions);
    }

    private static double ScoreOfWinner(TrainingWinner winner, ValidationScore score) => winner switch
    {
        TrainingWinner.Raw => score.Raw,
        TrainingWinner.Pca => score.Pca,
        _ => score.Learned,
    };
}

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
