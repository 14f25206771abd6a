namespace Microsoft.ML.Mrl;

/// <summary>The validation score of objectives that learn classes.</summary>
internal static class ClassAccuracy
{
    public const string Name = "accuracy";

    /// <summary>The mean of the accuracies by nearest centroid and by nearest neighbour among the training rows.</summary>
    public static double[] Score(ExampleSet examples, ScoringRows rows, IEmbeddingSource embeddings, MatryoshkaDimensions dimensions)
    {
        DimensionReport report = Evaluate(examples, rows, embeddings, dimensions);
        return [.. report.Rows.Select(row => (row[ClassificationEvaluation.NearestCentroid] + row[ClassificationEvaluation.NearestNeighbors(1)]) / 2)];
    }

    /// <summary>The same, as what each row held back adds to it; its parts are the two accuracies.</summary>
    public static MeanOfRows ScoreRows(ExampleSet examples, ScoringRows rows, IEmbeddingSource embeddings, MatryoshkaDimensions dimensions)
    {
        var accuracies = new RowValues(dimensions.Count, rows.Held.Length);
        DimensionReport report = Evaluate(examples, rows, embeddings, dimensions, accuracies);
        return new MeanOfRows(accuracies) { Parts = [.. new[] { ClassificationEvaluation.NearestCentroid, ClassificationEvaluation.NearestNeighbors(1) }.SelectMany(Part)] };

        IEnumerable<(string, RowScores)> Part(string metric) =>
            report.Resampled.TryGetValue(metric, out ResampledMetric? resampled) && resampled.Rows == rows.Held.Length ? [(metric, new ResampledRows(resampled))] : [];
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

    private static DimensionReport Evaluate(ExampleSet examples, ScoringRows rows, IEmbeddingSource embeddings, MatryoshkaDimensions dimensions, RowValues? accuracies = null)
    {
        return ClassificationEvaluation.Evaluate(
            embeddings.Read(VectorRole.Anchor, rows.Held), LabelsOf(rows.Held),
            embeddings.Read(VectorRole.Anchor, rows.Reference), LabelsOf(rows.Reference), examples.Classes, dimensions, accuracies: accuracies);

        int[] LabelsOf(int[] numbers) => Array.ConvertAll(numbers, row => examples.Labels![row]);
    }
}
