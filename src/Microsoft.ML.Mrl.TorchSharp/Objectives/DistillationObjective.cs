using System.Globalization;
using Microsoft.ML.Mrl.Resampling;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Losses;

namespace Microsoft.ML.Mrl.TorchSharp.Objectives;

/// <summary>See <see cref="MrlObjective.Distillation"/>.</summary>
internal sealed class DistillationObjective : MrlObjective
{
    private readonly string _teacherColumnName;
    private readonly double _temperature;

    public DistillationObjective(string teacherColumnName, double temperature)
    {
        ArgumentNullException.ThrowIfNull(teacherColumnName);
        _teacherColumnName = teacherColumnName;
        _temperature = LossArguments.Temperature(temperature);
    }

    internal override RoleColumns Columns => new() { Teacher = _teacherColumnName };

    internal override string ScoreName => NeighborOverlap.Name;

    internal override string Settings => string.Create(CultureInfo.InvariantCulture, $"{this}, temperature {_temperature:R}");

    public override string ToString() => $"Distillation({_teacherColumnName})";

    internal override EmbeddingLoss CreateLoss(ExampleSet examples, MatryoshkaDimensions dimensions) => new DistillationLoss(_temperature);

    internal override double[] Score(
        ExampleSet examples, ScoringRows rows, IEmbeddingSource embeddings, MatryoshkaDimensions dimensions, EmbeddingLoss loss) =>
        NeighborOverlap.Score(examples, rows, VectorRole.Teacher, embeddings, dimensions);

    internal override ResampledMetric? ScoreRows(
        ExampleSet examples, ScoringRows rows, IEmbeddingSource embeddings, MatryoshkaDimensions dimensions, EmbeddingLoss loss) =>
        NeighborOverlap.ScoreRows(examples, rows, VectorRole.Teacher, embeddings, dimensions);
}
