namespace Microsoft.ML.Mrl;

/// <summary>The validation score of objectives that learn classes.</summary>
internal static class ClassAccuracy
{
    public const string Name = "accuracy";

    /// <summary>The mean of the accuracies by nearest centroid and by nearest neighbour among the training rows.</summary>
    public static double[] Score(ExampleSet examples, ScoringRows rows, IEmbeddingSource embeddings, MatryoshkaDimensions dimensions)
    {
        DimensionReport report = ClassificationEvaluation.Evaluate(
            embeddings.Read(VectorRole.Anchor, rows.Held), LabelsOf(rows.Held),
            embeddings.Read(VectorRole.Anchor, rows.Reference), LabelsOf(rows.Reference), examples.Classes, dimensions);
        return [.. report.Rows.Select(row => (row[ClassificationEvaluation.NearestCentroid] + row[ClassificationEvaluation.NearestNeighbors(1)]) / 2)];

        int[] LabelsOf(int[] numbers) => Array.ConvertAll(numbers, row => examples.Labels![row]);
    }

    /// <exception cref="InvalidOperationException">There are fewer than two classes.</exception>
    public static void RequireTwoClasses(ExampleSet examples, string labelColumnName, string objective)
    {
        if (examples.Classes < 2)
        {
            throw new InvalidOperationException(
                $"Label column '{labelColumnName}' has {(examples.Classes == 0 ? "no label" : "a single class")} in {examples.Count + examples.Skipped} rows. {objective} needs at least two classes.");
        }
    }
}
