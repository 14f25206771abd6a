using System.Globalization;
using Microsoft.ML.Mrl.Evaluation;
using Microsoft.ML.Mrl.Resampling;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Losses;
using Microsoft.ML.Mrl.Vectors;
using Tensor = TorchSharp.torch.Tensor;

namespace Microsoft.ML.Mrl.TorchSharp.Objectives;

/// <summary>See <see cref="MrlObjective.ScoredPairs"/>.</summary>
internal sealed class ScoredPairsObjective : MrlObjective
{
    private readonly string _otherColumnName;
    private readonly string _scoreColumnName;
    private readonly ScoredPairsLoss _loss;
    private readonly double _temperature;

    public ScoredPairsObjective(string otherColumnName, string scoreColumnName, ScoredPairsLoss loss, double temperature)
    {
        ArgumentNullException.ThrowIfNull(otherColumnName);
        ArgumentNullException.ThrowIfNull(scoreColumnName);
        if (!Enum.IsDefined(loss))
        {
            throw new ArgumentOutOfRangeException(
                nameof(loss), loss, $"Loss {loss} is not known. Choose {string.Join(" or ", Enum.GetNames<ScoredPairsLoss>())}.");
        }
        _otherColumnName = otherColumnName;
        _scoreColumnName = scoreColumnName;
        _loss = loss;
        _temperature = LossArguments.Temperature(temperature);
    }

    internal override RoleColumns Columns => new() { Positive = _otherColumnName, Score = _scoreColumnName };

    internal override string ScoreName => "Spearman";

    internal override IReadOnlyList<TrainingVariant> Variants =>
        [new(HeadKind.Residual, this, [0.002, 0.006]), new(HeadKind.Linear, this, [0.006, 0.002])];

    internal override double GeometryOfFewRows => KeptCosines.UsualStrength;

    internal override IReadOnlyList<double> Shrinkages => [1];

    internal override Tensor InClosedForm(SolvedRows rows, double shrinkage) =>
        PairDirections.Map(rows.Anchors, rows.Positives!, rows.Scores, rows.Width, shrinkage);

    internal override string Settings => string.Create(CultureInfo.InvariantCulture, $"{this}, temperature {_temperature:R}");

    public override string ToString() =>
        _loss == ScoredPairsLoss.CoSent
            ? $"ScoredPairs({_otherColumnName}, {_scoreColumnName})"
            : $"ScoredPairs({_otherColumnName}, {_scoreColumnName}, {_loss})";

    internal override void Check(ExampleSet examples)
    {
        if (examples.Count > 0 && examples.Scores!.All(s => s == examples.Scores![0]))
        {
            throw new InvalidOperationException(
                $"Score column '{_scoreColumnName}' has the same value {examples.Scores![0]} in all {examples.Count} rows. "
                + "Ordering pairs needs at least two different scores.");
        }
    }

    internal override EmbeddingLoss CreateLoss(ExampleSet examples, MatryoshkaDimensions dimensions) => _loss switch
    {
        ScoredPairsLoss.AnglE => new AnglELoss(_temperature),
        ScoredPairsLoss.CosineMse => new CosineMseLoss(examples.Scores!.Min(), examples.Scores!.Max()),
        _ => new CoSentLoss(_temperature),
    };

    /// <summary>Spearman's rank correlation of the cosines with the scores.</summary>
    internal override double[] Score(
        ExampleSet examples, ScoringRows rows, IEmbeddingSource embeddings, MatryoshkaDimensions dimensions, EmbeddingLoss loss)
    {
        float[] scores = Array.ConvertAll(rows.Held, row => examples.Scores![row]);
        DimensionReport report = SimilarityEvaluation.Evaluate(
            embeddings.Read(VectorRole.Anchor, rows.Held), embeddings.Read(VectorRole.Positive, rows.Held), scores, dimensions);
        return [.. report.Rows.Select(row => row[SimilarityEvaluation.Spearman])];
    }

    internal override ResampledMetric ScoreRows(
        ExampleSet examples, ScoringRows rows, IEmbeddingSource embeddings, MatryoshkaDimensions dimensions, EmbeddingLoss loss) =>
        CorrelationMetric.Spearman(
            SimilarityEvaluation.Cosines(
                embeddings.Read(VectorRole.Anchor, rows.Held), embeddings.Read(VectorRole.Positive, rows.Held), dimensions),
            Array.ConvertAll(rows.Held, row => (double)examples.Scores![row]));
}
