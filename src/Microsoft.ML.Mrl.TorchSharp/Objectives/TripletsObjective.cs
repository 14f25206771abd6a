using System.Globalization;
using Microsoft.ML.Mrl.Resampling;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.TorchSharp.Objectives;

/// <summary>See <see cref="MrlObjective.Triplets"/>.</summary>
internal sealed class TripletsObjective : MrlObjective
{
    private readonly string _positiveColumnName;
    private readonly string _negativeColumnName;
    private readonly double _margin;

    public TripletsObjective(string positiveColumnName, string negativeColumnName, double margin)
    {
        ArgumentNullException.ThrowIfNull(positiveColumnName);
        ArgumentNullException.ThrowIfNull(negativeColumnName);
        new TripletLoss(margin).Dispose();
        _positiveColumnName = positiveColumnName;
        _negativeColumnName = negativeColumnName;
        _margin = margin;
    }

    internal override RoleColumns Columns =>
        new() { Positive = _positiveColumnName, Negatives = [_negativeColumnName], FalseNegatives = FalseNegativeRule.EqualVectors };

    internal override string ScoreName => "triplet accuracy";

    internal override IReadOnlyList<TrainingVariant> Variants =>
        [new(HeadKind.Residual, this, [0.002, 0.006]), new(HeadKind.Linear, this, [0.006, 0.002])];

    internal override string Settings => string.Create(CultureInfo.InvariantCulture, $"{this}, margin {_margin:R}");

    public override string ToString() => $"Triplets({_positiveColumnName}, {_negativeColumnName})";

    internal override EmbeddingLoss CreateLoss(ExampleSet examples, MatryoshkaDimensions dimensions) => new TripletLoss(_margin);

    /// <summary>The share of rows held back whose input is nearer to the positive than to the negative.</summary>
    internal override double[] Score(
        ExampleSet examples, ScoringRows rows, IEmbeddingSource embeddings, MatryoshkaDimensions dimensions, EmbeddingLoss loss) =>
        ScoreRows(examples, rows, embeddings, dimensions, loss).Score();

    internal override ResampledMetric ScoreRows(
        ExampleSet examples, ScoringRows rows, IEmbeddingSource embeddings, MatryoshkaDimensions dimensions, EmbeddingLoss loss)
    {
        EmbeddingMatrix anchors = embeddings.Read(VectorRole.Anchor, rows.Held);
        EmbeddingMatrix positives = embeddings.Read(VectorRole.Positive, rows.Held);
        EmbeddingMatrix negatives = embeddings.Read(VectorRole.Negative, rows.Held);
        int[] prefixes = [.. dimensions];
        var right = new WeightedMeanMetric(prefixes.Length, rows.Held.Length);
        var toPositive = new float[prefixes.Length];
        var toNegative = new float[prefixes.Length];
        for (int row = 0; row < rows.Held.Length; row++)
        {
            PrefixDotProducts.Compare(anchors.Row(row), positives.Row(row), prefixes, toPositive);
            PrefixDotProducts.Compare(anchors.Row(row), negatives.Row(row), prefixes, toNegative);
            for (int i = 0; i < prefixes.Length; i++)
            {
                right.At(i)[row] = toPositive[i] > toNegative[i] ? 1 : 0;
            }
        }
        return right;
    }
}
