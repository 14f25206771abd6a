using Microsoft.ML.Mrl.TorchSharp.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents the InfoNCE loss (van den Oord et al. 2018, arXiv:1807.03748), which pulls each anchor towards its positive and pushes it
/// away from everything else in the batch: −1/B Σ_i [ s·cos(a_i, p_i) − log Σ_d exp(s·cos(a_i, d)) ], where d runs over all positives and
/// negatives, and s = 1 / temperature. It is also known as multiple negatives ranking (Henderson et al. 2017, arXiv:1705.00652).
/// </summary>
/// <remarks>
/// <para>
/// The batch must have anchors and positives <c>[B, D]</c>, and may have hard negatives <c>[K·B, D]</c>, which are used in the direction
/// from anchors to positives. Candidates that <see cref="EmbeddingBatch.FalseNegatives"/> marks are excluded from the sum. A batch of one
/// row without negatives has loss 0.
/// </para>
/// <para>
/// Larger batches have more negatives and usually train better. Related losses: <see cref="SameLabelLoss"/> uses classes in place of pairs.
/// <see cref="TripletLoss"/> compares one negative at a time and usually learns less.
/// </para>
/// </remarks>
public sealed class InfoNceLoss : SimilarityLoss
{
    private readonly double _scale;
    private readonly bool _symmetric;
    private readonly double? _similarityMargin;

    /// <summary>Initializes a new instance of the <see cref="InfoNceLoss"/> class.</summary>
    /// <param name="temperature">The number that the cosines are divided by, above 0. The default is 0.05, so s = 20.</param>
    /// <param name="direction">The direction of the loss. By default, anchors must find their positives.</param>
    /// <param name="similarityMargin">
    /// The margin, −2..2, by which a candidate's cosine with the anchor may exceed that of the anchor's own positive. Candidates beyond it
    /// are excluded as false negatives. Cosines at the full width decide for all dimensions. A margin below 0 also excludes candidates that
    /// are nearly as similar as the positive. The default, <see langword="null"/>, excludes no candidate.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="temperature"/> is not a number above 0, <paramref name="direction"/> is not known, or
    /// <paramref name="similarityMargin"/> is not in −2..2.
    /// </exception>
    public InfoNceLoss(double temperature = 0.05, ContrastDirection direction = ContrastDirection.OneWay, double? similarityMargin = null)
    {
        _scale = 1 / LossArguments.Temperature(temperature);
        if (!Enum.IsDefined(direction))
        {
            string names = string.Join(" or ", Enum.GetNames<ContrastDirection>());
            throw new ArgumentOutOfRangeException(nameof(direction), direction, $"Direction {direction} is not known. Choose {names}.");
        }
        if (similarityMargin is { } margin && margin is not (>= -2 and <= 2))
        {
            throw new ArgumentOutOfRangeException(
                nameof(similarityMargin), similarityMargin,
                $"Similarity margin {similarityMargin} is a difference of two cosines. Choose -2..2.");
        }
        _symmetric = direction == ContrastDirection.Symmetric;
        _similarityMargin = similarityMargin;
    }

    private protected override Comparison Compares => Comparison.AllPairs;

    internal override EmbeddingBatch Prepare(EmbeddingBatch batch) =>
        _similarityMargin is null ? batch : batch.WithPrepared(this, TooNear(batch));

    private protected override (Tensor Left, Tensor Right) Sides(EmbeddingBatch batch)
    {
        Tensor positives = Require(batch.Positives, nameof(batch.Positives));
        return (batch.Anchors, batch.Negatives is null ? positives : cat([positives, batch.Negatives], 0));
    }

    private protected override Tensor FromCosines(Tensor cosines, EmbeddingBatch batch)
    {
        int rows = (int)cosines.shape[0];
        int candidates = (int)cosines.shape[1];
        Tensor? tooNear = _similarityMargin is null ? null : batch.PreparedFor(this) ?? TooNear(batch);
        Tensor own = OwnNumbers(rows);
        Tensor scores = cosines.Times(_scale);
        Tensor? tooNearForAnchors = tooNear?.narrow(1, 0, candidates);
        Tensor loss = nn.functional.cross_entropy(Without(scores, batch.FalseNegatives, tooNearForAnchors), own);
        if (!_symmetric)
        {
            return loss;
        }
        Tensor backScores = scores.narrow(1, 0, rows).t();
        Tensor? backNegatives = batch.FalseNegatives?.narrow(1, 0, rows).t();
        Tensor back = nn.functional.cross_entropy(Without(backScores, backNegatives, tooNear?.narrow(1, candidates, rows)), own);
        return loss.Plus(back).Times(0.5);
    }

    /// <summary>Scores with false negatives left out; a row's own positive never is.</summary>
    private static Tensor Without(Tensor scores, Tensor? falseNegatives, Tensor? tooNear) =>
        LeftOut((int)scores.shape[0], (int)scores.shape[1], falseNegatives, tooNear) is { } marks
            ? scores.Fill(marks, double.NegativeInfinity)
            : scores;

    /// <summary>Which candidates are left out, bool <c>[B, R]</c>; null where none is.</summary>
    private static Tensor? LeftOut(int rows, int candidates, Tensor? falseNegatives, Tensor? tooNear)
    {
        if (falseNegatives is null && tooNear is null)
        {
            return null;
        }
        Tensor marks = falseNegatives is null ? tooNear! : tooNear is null ? falseNegatives : falseNegatives.logical_or(tooNear);
        return marks.logical_and(OwnPositives(rows, candidates).logical_not());
    }

    /// <summary>
    /// Which candidates are nearer than the own positive by more than the margin: of anchors <c>[B, (1 + K)·B]</c>, then of positives
    /// <c>[B, B]</c>.
    /// </summary>
    private Tensor TooNear(EmbeddingBatch batch)
    {
        (Tensor anchors, Tensor candidates) = Sides(batch);
        int rows = (int)anchors.shape[0];
        Tensor cosines = NestedCosines.AtFullWidth(anchors.detach(), candidates.detach());
        Tensor limits = cosines.diagonal().Plus(_similarityMargin!.Value).unsqueeze(1);
        return cat([cosines.gt(limits), cosines.narrow(1, 0, rows).t().gt(limits)], 1);
    }

    private static Tensor OwnPositives(int rows, int candidates) => eye(rows, candidates, ScalarType.Bool);

    /// <inheritdoc/>
    internal override Tensor? ForwardFused(EmbeddingBatch batch, MatryoshkaDimensions dimensions, IReadOnlyList<float> weights)
    {
        if (_symmetric)
        {
            return null;
        }
        (Tensor anchors, Tensor documents) = Sides(batch);
        Tensor? tooNear = _similarityMargin is null ? null : (batch.PreparedFor(this) ?? TooNear(batch)).narrow(1, 0, documents.shape[0]);
        Tensor? leftOut = LeftOut((int)anchors.shape[0], (int)documents.shape[0], batch.FalseNegatives, tooNear);
        return NestedInfoNce.Loss(anchors, documents, dimensions, weights, _scale, leftOut);
    }

    /// <summary>0, 1, …, B−1: the positive of each row.</summary>
    private static Tensor OwnNumbers(int rows)
    {
        var numbers = new long[rows];
        for (int i = 0; i < rows; i++)
        {
            numbers[i] = i;
        }
        return tensor(numbers);
    }
}
