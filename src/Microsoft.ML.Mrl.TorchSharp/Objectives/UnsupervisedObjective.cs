using Microsoft.ML.Mrl.Resampling;
using Microsoft.ML.Mrl.TorchSharp.Data;

namespace Microsoft.ML.Mrl.TorchSharp.Objectives;

/// <summary>See <see cref="MrlObjective.Unsupervised"/>.</summary>
internal sealed class UnsupervisedObjective : MrlObjective
{
    internal override RoleColumns Columns => new() { Originals = true };

    internal override string ScoreName => NeighborOverlap.Name;

    internal override bool IsMeasuredByInputs => true;

    public override string ToString() => "Unsupervised()";

    internal override EmbeddingLoss CreateLoss(ExampleSet examples, MatryoshkaDimensions dimensions) => new UnsupervisedLoss();

    internal override double[] Score(
        ExampleSet examples, ScoringRows rows, IEmbeddingSource embeddings, MatryoshkaDimensions dimensions, EmbeddingLoss loss) =>
        NeighborOverlap.Score(examples, rows, VectorRole.Anchor, embeddings, dimensions);

    internal override ResampledMetric? ScoreRows(
        ExampleSet examples, ScoringRows rows, IEmbeddingSource embeddings, MatryoshkaDimensions dimensions, EmbeddingLoss loss) =>
        NeighborOverlap.ScoreRows(examples, rows, VectorRole.Anchor, embeddings, dimensions);
}
