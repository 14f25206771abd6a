using System.Globalization;
using Microsoft.ML.Mrl.Resampling;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Losses;

namespace Microsoft.ML.Mrl.TorchSharp.Objectives;

/// <summary>See <see cref="MrlObjective.Classification"/>.</summary>
internal sealed class ClassificationObjective : MrlObjective
{
    private readonly string _labelColumnName;
    private readonly WeightTying _weightTying;
    private readonly double _labelSmoothing;

    public ClassificationObjective(string labelColumnName, WeightTying weightTying, double labelSmoothing)
    {
        ArgumentNullException.ThrowIfNull(labelColumnName);
        if (!Enum.IsDefined(weightTying))
        {
            throw new ArgumentOutOfRangeException(
                nameof(weightTying), weightTying,
                $"Weight tying {weightTying} is not known. Choose {string.Join(" or ", Enum.GetNames<WeightTying>())}.");
        }
        _labelColumnName = labelColumnName;
        _weightTying = weightTying;
        _labelSmoothing = LossArguments.LabelSmoothing(labelSmoothing);
    }

    internal override RoleColumns Columns => new() { Label = _labelColumnName };

    internal override string ScoreName => ClassAccuracy.Name;

    internal override string Settings => string.Create(CultureInfo.InvariantCulture, $"{this}, smoothing {_labelSmoothing:R}");

    public override string ToString() =>
        _weightTying == WeightTying.Separate
            ? $"Classification({_labelColumnName})"
            : $"Classification({_labelColumnName}, {_weightTying})";

    internal override void Check(ExampleSet examples) => ClassAccuracy.RequireTwoClasses(examples, _labelColumnName, "Classification");

    internal override EmbeddingLoss CreateLoss(ExampleSet examples, MatryoshkaDimensions dimensions) => _weightTying == WeightTying.Separate
        ? new SoftmaxLoss(dimensions, examples.Classes, labelSmoothing: _labelSmoothing)
        : new SharedSoftmaxLoss(dimensions.Largest, examples.Classes, labelSmoothing: _labelSmoothing);

    internal override double[] Score(
        ExampleSet examples, ScoringRows rows, IEmbeddingSource embeddings, MatryoshkaDimensions dimensions, EmbeddingLoss loss) =>
        ClassAccuracy.Score(examples, rows, embeddings, dimensions);

    internal override ResampledMetric? ScoreRows(
        ExampleSet examples, ScoringRows rows, IEmbeddingSource embeddings, MatryoshkaDimensions dimensions, EmbeddingLoss loss) =>
        ClassAccuracy.ScoreRows(examples, rows, embeddings, dimensions);
}
