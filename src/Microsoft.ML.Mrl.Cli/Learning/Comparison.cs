using Microsoft.ML.Mrl.Cli.Models;
using Microsoft.ML.Mrl.Resampling;

namespace Microsoft.ML.Mrl.Cli.Learning;

/// <summary>Compares raw prefixes, PCA prefixes and the trained embedding at all dimensions, and recommends a dimension.</summary>
internal sealed class Comparison
{
    private const string RawSystem = "raw prefix";
    private const string PcaSystem = "PCA prefix";
    private const string MrlSystem = "MRL";

    private Comparison(MLContext mlContext, DimensionReport raw, DimensionReport pca, DimensionReport mrl)
    {
        Systems = new DimensionComparison(raw.WithName(RawSystem), pca.WithName(PcaSystem), mrl.WithName(MrlSystem));
        Advice = Mrl.Rows[^1].Dimensions == Mrl.FullDimensions
            ? mlContext.Mrl().RecommendDimensions(Mrl, TaskEvaluation.DefaultShareToKeep)
            : null;
    }

    /// <summary>Gets the three systems, in the order of the table.</summary>
    public DimensionComparison Systems { get; }

    /// <summary>Gets the report of the trained embedding.</summary>
    public DimensionReport Mrl => Systems.Reports[^1];

    /// <summary>Gets the recommended dimension, or <see langword="null"/> where the full width was not measured.</summary>
    public DimensionRecommendation? Advice { get; }

    /// <summary>Measures the systems on the test rows. Without test rows, it takes the scores of the training's own validation.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="model">The trained model.</param>
    /// <param name="views">The data.</param>
    /// <param name="data">The rows and the task.</param>
    /// <returns>The comparison, or <see langword="null"/> where no row was held out.</returns>
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
        // A cut at the largest dimension leaves every shorter prefix as it is, and spares the evaluation thousands of features.
        ITransformer raw = mlContext.Transforms.TruncateEmbedding(columns.Learned(byEncoder: false).Embedded, dimensions.Largest).Fit(
            views.Training);
        // The features of an encoder are what it gave before the training.
        EmbeddingHead pca = mlContext.Transforms.PcaRotate(TaskColumns.Embedding, columns.Features, dimensions.Largest).Fit(
            views.AllFeatures).Head;
        ITransformer trained = model.Encoder is { } encoder
            ? mlContext.Transforms.EncodeText(columns.Learned(byEncoder: true).Embedded, encoder).Fit(views.Training)
            : Apply(model.Head!);
        return new Comparison(mlContext, Evaluate(raw), Evaluate(Apply(pca)), Evaluate(trained));

        ITransformer Apply(EmbeddingHead head) =>
            mlContext.Transforms.ApplyEmbeddingHead(columns.Learned(byEncoder: false).Embedded, head).Fit(views.Training);

        DimensionReport Evaluate(ITransformer system) =>
            TaskEvaluation.Evaluate(
                mlContext, data.Task, system.Transform(views.Test), columns.Target, system.Transform(views.Training), dimensions);
    }

    private static double ScoreOfWinner(TrainingWinner winner, ValidationScore score) => winner switch
    {
        TrainingWinner.Raw => score.Raw,
        TrainingWinner.Pca => score.Pca,
        _ => score.Learned,
    };
}

/// <summary>Makes a report of the scores that a training kept of the rows that it held out.</summary>
internal static class ValidationReport
{
    /// <summary>The name of the task in reports.</summary>
    public const string Task = "neighbours kept";

    /// <summary>Makes the report.</summary>
    /// <param name="training">The training and its scores.</param>
    /// <param name="fullDimensions">The number of values of the full embedding.</param>
    /// <param name="score">Chooses the candidate that is reported.</param>
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
