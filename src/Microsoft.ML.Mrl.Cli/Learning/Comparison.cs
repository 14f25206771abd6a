using System.Globalization;
using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Models;

namespace Microsoft.ML.Mrl.Cli.Learning;

/// <summary>
/// Compares raw prefixes, dimensions drawn at random, PCA prefixes and the trained embedding at all dimensions, and recommends one.
/// </summary>
internal sealed class Comparison
{
    private const string RawSystem = "raw prefix";
    private const string RandomSystem = "random";
    private const string PcaSystem = "PCA prefix";
    private const string MrlSystem = "MRL";

    private Comparison(
        DimensionReport raw, DimensionReport? random, DimensionReport pca, DimensionReport mrl, ReferenceValue? reference, double keep)
    {
        Advice = reference is null ? null : new CutAdvice(mrl, reference, keep);
        DimensionReport told = Advice is null ? mrl : mrl.WithNote(Advice.Summary);
        Systems = new DimensionComparison(
            [raw.WithName(RawSystem), .. random is null ? [] : (DimensionReport[])[random.WithName(RandomSystem)],
                pca.WithName(PcaSystem), told.WithName(MrlSystem)]);
    }

    /// <summary>Gets the systems, in the order of the table.</summary>
    public DimensionComparison Systems { get; }

    /// <summary>Gets the report of the trained embedding.</summary>
    public DimensionReport Mrl => Systems.Reports[^1];

    /// <summary>Gets the recommended dimension, or <see langword="null"/> where the full width was not measured.</summary>
    public CutAdvice? Advice { get; }

    /// <summary>Gets how the measured rows were kept from the training, in words: in turns where all are training rows too.</summary>
    public string HowHeldOut { get; private init; } = "held out";

    /// <summary>Measures the systems on the test rows. Without test rows, it takes the scores of the training's own validation.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="model">The trained model.</param>
    /// <param name="views">The data.</param>
    /// <param name="data">The rows and the task.</param>
    /// <param name="request">The request, which says whether the vectors before the training are worth comparing with.</param>
    /// <returns>The comparison, or <see langword="null"/> where no row was held out.</returns>
    public static Comparison? Measure(
        MLContext mlContext, TrainedModel model, TrainingViews views, TrainingData data, TrainRequest request)
    {
        if (views.Test is null)
        {
            return model.Training is { ValidationScores.Count: > 0 } training ? OfValidation(model, training) : null;
        }
        TaskColumns columns = data.Columns;
        MatryoshkaDimensions dimensions = model.TrainedDimensions;
        InputOutputColumnPair[] embedded = columns.Learned(byEncoder: false).Embedded;
        // Counts of words, and the random vectors of a new encoder, are nothing that anyone would serve.
        bool hasVectors = !columns.IsText || request.Encoder is { IsNew: false };
        // A cut at the largest dimension leaves every shorter prefix as it is, and spares the evaluation thousands of features.
        ITransformer raw = mlContext.Transforms.TruncateEmbedding(embedded, dimensions.Largest).Fit(views.Training);
        // The features of an encoder are what it gave before the training.
        EmbeddingHead pca = mlContext.Transforms.PcaRotate(TaskColumns.Embedding, columns.Features, dimensions.Largest).Fit(
            views.AllFeatures).Head;
        ITransformer trained = model.Encoder is { } encoder
            ? mlContext.Transforms.EncodeText(columns.Learned(byEncoder: true).Embedded, encoder).Fit(views.Training)
            : Apply(model.Head!);
        DimensionReport rawReport = Evaluate(raw, dimensions), mrl = Evaluate(trained, dimensions);
        DimensionReport? random = hasVectors ? Evaluate(Apply(DrawDimensions(views.Width, dimensions, request.Seed)), dimensions) : null;
        return new Comparison(
            rawReport, random, Evaluate(Apply(pca), dimensions), mrl, Reference(), TaskEvaluation.DefaultShareToKeep);

        ITransformer Apply(EmbeddingHead head) =>
            mlContext.Transforms.ApplyEmbeddingHead(embedded, head).Fit(views.Training);

        DimensionReport Evaluate(ITransformer system, MatryoshkaDimensions at) =>
            TaskEvaluation.Evaluate(
                mlContext, data.Task, system.Transform(views.Test), columns.Target, system.Transform(views.Training), at);

        ReferenceValue? Reference()
        {
            if (!hasVectors)
            {
                return mrl.Rows[^1].Dimensions == mrl.FullDimensions
                    ? ReferenceValue.LargestOf("what the trained embedding reaches at full width", mrl)
                    : null;
            }
            DimensionReport full = dimensions.Largest == views.Width
                ? rawReport
                : Evaluate(
                    mlContext.Transforms.TruncateEmbedding(embedded, views.Width).Fit(views.Training),
                    new MatryoshkaDimensions(views.Width));
            return ReferenceValue.LargestOf(
                string.Create(CultureInfo.InvariantCulture, $"what the raw vectors reach with all {views.Width:#,0} values"), full);
        }
    }

    // What is kept of the neighbours is measured by the full vectors, which keep all of them.
    private static Comparison OfValidation(TrainedModel model, TrainingSummary training)
    {
        return new Comparison(
            Report(score => score.Raw),
            null,
            Report(score => score.Pca),
            Report(score => ScoreOfWinner(training.Winner, score)),
            new ReferenceValue("the neighbours that the full vectors have", 1, null),
            CutAdvice.ShareOfNeighbours)
        {
            HowHeldOut = training.ValidationRows >= training.TrainingRows ? "that took turns to be held out" : "held out",
        };

        DimensionReport Report(Func<ValidationScore, double> score) => ValidationReport.Of(training, model.Dimensions, score);
    }

    /// <summary>Makes the head that gives input values in an order drawn at random.</summary>
    private static LinearHead DrawDimensions(int width, MatryoshkaDimensions dimensions, int seed)
    {
        int[] order = [.. Enumerable.Range(0, width)];
        new Random(seed).Shuffle(order);
        int outputs = dimensions.Largest;
        var weights = new float[width * outputs];
        for (int i = 0; i < outputs; i++)
        {
            weights[order[i] * outputs + i] = 1;
        }
        return new LinearHead(weights, new float[outputs], dimensions);
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
