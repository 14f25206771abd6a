using Microsoft.ML.Mrl.Evaluation;
using Microsoft.ML.Mrl.Resampling;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.TorchSharp.Objectives;

/// <summary>The validation score of objectives that learn classes.</summary>
internal static class ClassAccuracy
{
    public const string Name = "accuracy";

    /// <summary>Of a head in closed form: one, so that few rows have nothing to choose by noise.</summary>
    public static IReadOnlyList<double> Shrinkages { get; } = [0.5];

    /// <summary>The mean of the accuracies by nearest centroid and by nearest neighbour among the training rows.</summary>
    public static double[] Score(ExampleSet examples, ScoringRows rows, IEmbeddingSource embeddings, MatryoshkaDimensions dimensions)
    {
        DimensionReport report = Evaluate(examples, rows, embeddings, dimensions);
        string byCentroid = ClassificationEvaluation.NearestCentroid, byNeighbor = ClassificationEvaluation.NearestNeighbors(1);
        return [.. report.Rows.Select(row => (row[byCentroid] + row[byNeighbor]) / 2)];
    }

    /// <summary>
    /// The same on resamples of the rows held back; its parts are the two accuracies. Null where their rows were too many to keep.
    /// </summary>
    public static ResampledMetric? ScoreRows(
        ExampleSet examples, ScoringRows rows, IEmbeddingSource embeddings, MatryoshkaDimensions dimensions)
    {
        IReadOnlyDictionary<string, ResampledMetric> kept = Evaluate(examples, rows, embeddings, dimensions).Resampled;
        string byCentroid = ClassificationEvaluation.NearestCentroid, byNeighbor = ClassificationEvaluation.NearestNeighbors(1);
        return kept.GetValueOrDefault(byCentroid) is MeanMetric centroid && kept.GetValueOrDefault(byNeighbor) is MeanMetric neighbor
            ? MeanMetric.Average((byCentroid, centroid), (byNeighbor, neighbor))
            : null;
    }

    /// <exception cref="InvalidOperationException">There are fewer than two classes.</exception>
    public static void RequireTwoClasses(ExampleSet examples, string labelColumnName, string objective)
    {
        if (examples.Classes < 2)
        {
            throw new InvalidOperationException(
                $"Label column '{labelColumnName}' has {(examples.Classes == 0 ? "no label" : "a single class")} in "
                + $"{examples.Count + examples.Skipped} rows. {objective} needs at least two classes.");
        }
    }

    private static DimensionReport Evaluate(
        ExampleSet examples, ScoringRows rows, IEmbeddingSource embeddings, MatryoshkaDimensions dimensions)
    {
        return ClassificationEvaluation.Evaluate(
            embeddings.Read(VectorRole.Anchor, rows.Held), LabelsOf(rows.Held),
            embeddings.Read(VectorRole.Anchor, rows.Reference), LabelsOf(rows.Reference), examples.Classes, dimensions);

        int[] LabelsOf(int[] numbers) => Array.ConvertAll(numbers, row => examples.Labels![row]);
    }
}
