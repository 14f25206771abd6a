using System.Globalization;
using Microsoft.ML.Mrl.Resampling;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Losses;
using Tensor = TorchSharp.torch.Tensor;

namespace Microsoft.ML.Mrl.TorchSharp.Objectives;

/// <summary>See <see cref="MrlObjective.SameLabel"/>.</summary>
internal sealed class SameLabelObjective : MrlObjective
{
    public const double UsualTemperature = 0.1;

    private readonly string _labelColumnName;
    private readonly double _temperature;

    public SameLabelObjective(string labelColumnName, double temperature)
    {
        ArgumentNullException.ThrowIfNull(labelColumnName);
        _labelColumnName = labelColumnName;
        _temperature = LossArguments.Temperature(temperature);
    }

    internal override RoleColumns Columns => new() { Label = _labelColumnName };

    internal override string ScoreName => ClassAccuracy.Name;

    internal override IReadOnlyList<TrainingVariant> Variants =>
        [new(HeadKind.Residual, this, [0.006, 0.02]), new(HeadKind.Linear, this, [0.006])];

    internal override IReadOnlyList<double> Shrinkages => ClassAccuracy.Shrinkages;

    internal override Tensor InClosedForm(SolvedRows rows, double shrinkage) =>
        ClassDirections.Map(rows.Anchors, rows.Labels!, shrinkage);

    internal override string Settings => string.Create(CultureInfo.InvariantCulture, $"{this}, temperature {_temperature:R}");

    public override string ToString() => $"SameLabel({_labelColumnName})";

    internal override void Check(ExampleSet examples)
    {
        ClassAccuracy.RequireTwoClasses(examples, _labelColumnName, "SameLabel");
        if (!Fits(examples))
        {
            throw new InvalidOperationException(
                $"Label column '{_labelColumnName}' has a class of its own for each of {examples.Count} rows. "
                + "SameLabel needs rows that share a class.");
        }
    }

    internal override bool Fits(ExampleSet examples) => examples.Classes < examples.Count;

    internal override EmbeddingLoss CreateLoss(ExampleSet examples, MatryoshkaDimensions dimensions) => new SameLabelLoss(_temperature);

    internal override double[] Score(
        ExampleSet examples, ScoringRows rows, IEmbeddingSource embeddings, MatryoshkaDimensions dimensions, EmbeddingLoss loss) =>
        ClassAccuracy.Score(examples, rows, embeddings, dimensions);

    internal override ResampledMetric? ScoreRows(
        ExampleSet examples, ScoringRows rows, IEmbeddingSource embeddings, MatryoshkaDimensions dimensions, EmbeddingLoss loss) =>
        ClassAccuracy.ScoreRows(examples, rows, embeddings, dimensions);
}
