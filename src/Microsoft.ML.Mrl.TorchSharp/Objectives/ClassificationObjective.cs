using System.Globalization;
using Microsoft.ML.Mrl.Resampling;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Losses;
using Tensor = TorchSharp.torch.Tensor;

namespace Microsoft.ML.Mrl.TorchSharp.Objectives;

/// <summary>See <see cref="MrlObjective.Classification"/> and <see cref="MrlObjective.CosineClassification"/>.</summary>
internal sealed class ClassificationObjective : MrlObjective
{
    private readonly string _labelColumnName;
    private readonly WeightTying _weightTying;
    private readonly double _labelSmoothing;
    private readonly double? _cosineTemperature;

    /// <summary>Learns classes by the cosine with one vector each.</summary>
    public ClassificationObjective(string labelColumnName, double temperature)
        : this(labelColumnName, WeightTying.Shared, labelSmoothing: 0) => _cosineTemperature = LossArguments.Temperature(temperature);

    /// <summary>Learns classes by linear classifiers.</summary>
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

    internal override IReadOnlyList<TrainingVariant> Variants
    {
        get
        {
            TrainingVariant[] own = [new(HeadKind.Residual, this, [0.02]), new(HeadKind.Linear, this, [0.02])];
            bool isAsItComes = _cosineTemperature is null && _weightTying == WeightTying.Separate && _labelSmoothing == 0;
            return isAsItComes ? [.. new SameLabelObjective(_labelColumnName, SameLabelObjective.UsualTemperature).Variants, .. own]
                : [.. own, new(HeadKind.Residual, this, [0.006, 0.002]), new(HeadKind.Linear, this, [0.006, 0.002])];
        }
    }

    internal override IReadOnlyList<double> Shrinkages => ClassAccuracy.Shrinkages;

    internal override Tensor InClosedForm(SolvedRows rows, double shrinkage) =>
        ClassDirections.Map(rows.Anchors, rows.Labels!, shrinkage);

    internal override string Settings => _cosineTemperature is { } temperature
        ? string.Create(CultureInfo.InvariantCulture, $"{this}, temperature {temperature:R}")
        : string.Create(CultureInfo.InvariantCulture, $"{this}, smoothing {_labelSmoothing:R}");

    public override string ToString() => (_cosineTemperature, _weightTying) switch
    {
        (not null, _) => $"CosineClassification({_labelColumnName})",
        (_, WeightTying.Separate) => $"Classification({_labelColumnName})",
        _ => $"Classification({_labelColumnName}, {_weightTying})",
    };

    internal override void Check(ExampleSet examples) =>
        ClassAccuracy.RequireTwoClasses(examples, _labelColumnName, _cosineTemperature is null ? "Classification" : "CosineClassification");

    internal override EmbeddingLoss CreateLoss(ExampleSet examples, MatryoshkaDimensions dimensions)
    {
        if (_cosineTemperature is { } temperature)
        {
            return new CosineSoftmaxLoss(dimensions.Largest, examples.Classes, temperature);
        }
        return _weightTying == WeightTying.Separate
            ? new SoftmaxLoss(dimensions, examples.Classes, labelSmoothing: _labelSmoothing)
            : new SharedSoftmaxLoss(dimensions.Largest, examples.Classes, labelSmoothing: _labelSmoothing);
    }

    internal override double[] Score(
        ExampleSet examples, ScoringRows rows, IEmbeddingSource embeddings, MatryoshkaDimensions dimensions, EmbeddingLoss loss) =>
        ClassAccuracy.Score(examples, rows, embeddings, dimensions);

    internal override ResampledMetric? ScoreRows(
        ExampleSet examples, ScoringRows rows, IEmbeddingSource embeddings, MatryoshkaDimensions dimensions, EmbeddingLoss loss) =>
        ClassAccuracy.ScoreRows(examples, rows, embeddings, dimensions);
}
