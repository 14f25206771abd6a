namespace Microsoft.ML.Mrl;

/// <summary>See <see cref="MrlObjective.Classification"/>.</summary>
internal sealed class ClassificationObjective : MrlObjective
{
    private readonly string _labelColumnName;
    private readonly WeightTying _weightTying;

    public ClassificationObjective(string labelColumnName, WeightTying weightTying)
    {
        ArgumentNullException.ThrowIfNull(labelColumnName);
        if (!Enum.IsDefined(weightTying))
        {
            throw new ArgumentOutOfRangeException(nameof(weightTying), weightTying, $"Weight tying {weightTying} is not known. Choose {string.Join(" or ", Enum.GetNames<WeightTying>())}.");
        }
        _labelColumnName = labelColumnName;
        _weightTying = weightTying;
    }

    internal override RoleColumns Columns => new() { Label = _labelColumnName };

    internal override string ScoreName => "accuracy";

    public override string ToString() => _weightTying == WeightTying.Separate ? $"Classification({_labelColumnName})" : $"Classification({_labelColumnName}, {_weightTying})";

    internal override void Check(ExampleSet examples)
    {
        if (examples.Classes < 2)
        {
            throw new InvalidOperationException(
                $"Label column '{_labelColumnName}' has {(examples.Classes == 0 ? "no label" : "a single class")} in {examples.Count + examples.Skipped} rows. Classification needs at least two classes.");
        }
    }

    internal override EmbeddingLoss CreateLoss(ExampleSet examples, MatryoshkaDimensions dimensions) => _weightTying == WeightTying.Separate
        ? new SoftmaxLoss(dimensions, examples.Classes)
        : new SharedSoftmaxLoss(dimensions.Largest, examples.Classes);

    /// <summary>The mean of the accuracies by nearest centroid and by nearest neighbour among the training rows.</summary>
    internal override double[] Score(ExampleSet examples, ScoringRows rows, IEmbeddingSource embeddings, MatryoshkaDimensions dimensions, EmbeddingLoss loss)
    {
        DimensionReport report = ClassificationEvaluation.Evaluate(
            embeddings.Read(VectorRole.Anchor, rows.Held), LabelsOf(rows.Held),
            embeddings.Read(VectorRole.Anchor, rows.Reference), LabelsOf(rows.Reference), examples.Classes, dimensions);
        return [.. report.Rows.Select(row => (row[ClassificationEvaluation.NearestCentroid] + row[ClassificationEvaluation.NearestNeighbors(1)]) / 2)];

        int[] LabelsOf(int[] numbers) => Array.ConvertAll(numbers, row => examples.Labels![row]);
    }
}
