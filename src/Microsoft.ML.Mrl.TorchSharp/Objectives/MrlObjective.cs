using Microsoft.ML.Mrl.Resampling;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Losses;
using Microsoft.ML.Mrl.TorchSharp.Objectives;

namespace Microsoft.ML.Mrl;

/// <summary>Represents what a training is for: the loss, and the columns that supervise it.</summary>
/// <remarks>
/// Every loss is nested: it is computed at each Matryoshka dimension and summed (see <see cref="MatryoshkaLoss"/>). Instances are immutable
/// and safe for concurrent use.
/// </remarks>
public abstract class MrlObjective
{
    private protected MrlObjective()
    {
    }

    /// <summary>The columns needed besides the input.</summary>
    internal abstract RoleColumns Columns { get; }

    /// <summary>What the validation score measures, as a name.</summary>
    internal abstract string ScoreName { get; }

    /// <summary>
    /// Whether the score says how well the input vectors themselves are kept, so that nothing can beat them at their full width. Default:
    /// false.
    /// </summary>
    internal virtual bool IsMeasuredByInputs => false;

    /// <summary>
    /// The ways to learn it, the likeliest first. Default: a rotation, which keeps the full vectors as they are, where these are the measure;
    /// else a linear head.
    /// </summary>
    internal virtual IReadOnlyList<TrainingVariant> Variants =>
        [new(IsMeasuredByInputs ? HeadKind.Orthogonal : HeadKind.Linear, this, TrainingVariant.Usual)];

    /// <summary>Whether examples can be learned from.</summary>
    internal virtual bool Fits(ExampleSet examples) => true;

    /// <summary>Refuses examples that cannot be learned from. Default: refuses none.</summary>
    internal virtual void Check(ExampleSet examples)
    {
    }

    /// <summary>Makes the loss at one width; the training nests it.</summary>
    internal abstract EmbeddingLoss CreateLoss(ExampleSet examples, MatryoshkaDimensions dimensions);

    /// <summary>Scores embeddings on rows held back: one score a dimension, ascending; higher is better.</summary>
    /// <param name="examples">All examples.</param>
    /// <param name="rows">The rows to score by.</param>
    /// <param name="embeddings">Gives their embeddings.</param>
    /// <param name="dimensions">The dimensions to score at.</param>
    /// <param name="loss">The loss of this training in its present state, as <see cref="CreateLoss"/> made it.</param>
    internal abstract double[] Score(
        ExampleSet examples, ScoringRows rows, IEmbeddingSource embeddings, MatryoshkaDimensions dimensions, EmbeddingLoss loss);

    /// <summary>
    /// The score of <see cref="Score"/> on resamples of the rows held back, in their order, from which the gate measures noise.
    /// </summary>
    /// <returns>The score, or null (default) where the score is not made of any; noise is then not measured and the mean decides.</returns>
    internal virtual ResampledMetric? ScoreRows(
        ExampleSet examples, ScoringRows rows, IEmbeddingSource embeddings, MatryoshkaDimensions dimensions, EmbeddingLoss loss) => null;

    /// <summary>All that makes its loss another, in words, for the identity of a training. Default: <see cref="ToString"/>.</summary>
    internal virtual string Settings => ToString();

    /// <summary>Returns the objective as it is written in code, such as <c>Classification(Label)</c>.</summary>
    public abstract override string ToString();

    /// <summary>
    /// Learns classes by softmax cross-entropy, Σ_m CE(W_m z[:m] + b_m, y): Matryoshka Representation Learning (Kusupati et al. 2022,
    /// arXiv:2205.13147).
    /// </summary>
    /// <param name="labelColumnName">
    /// The class of each row: a key, text, integer or Boolean column with at least two classes. Rows without a label are left out.
    /// </param>
    /// <param name="weightTying">Whether every dimension has a classifier of its own (MRL, the default) or all share one (MRL-E).</param>
    /// <param name="labelSmoothing">
    /// The share of each row's target that is spread evenly over all classes, from 0 (default) to below 1.
    /// </param>
    /// <remarks>
    /// The validation score is the mean of the accuracies by nearest centroid and by nearest neighbour. Where weight tying and smoothing are
    /// left at their defaults and no <see cref="MrlTrainingOptions.LearningRate"/> is given, <c>MrlFineTune</c> also tries the loss of
    /// <see cref="SameLabel"/>, which is mostly the better one for search and for nearest centroids, and keeps what does best on the rows
    /// held back.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="weightTying"/> is not known, or <paramref name="labelSmoothing"/> is not in 0 to below 1.
    /// </exception>
    public static MrlObjective Classification(
        string labelColumnName = "Label", WeightTying weightTying = WeightTying.Separate, double labelSmoothing = 0) =>
        new ClassificationObjective(labelColumnName, weightTying, labelSmoothing);

    /// <summary>
    /// Learns classes by softmax cross-entropy over the cosines with one vector a class, which all dimensions share: Σ_m CE(cos(z[:m],
    /// w_c[:m]) / temperature, y) (see <see cref="CosineSoftmaxLoss"/>).
    /// </summary>
    /// <param name="labelColumnName">
    /// The class of each row: a key, text, integer or Boolean column with at least two classes. Rows without a label are left out.
    /// </param>
    /// <param name="temperature">The number that the cosines are divided by, above 0. Default 0.05.</param>
    /// <remarks>
    /// This trains what search and nearest centroids measure, the cosine. The validation score is the mean of the accuracies by nearest
    /// centroid and by nearest neighbour.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="temperature"/> is not a number above 0.</exception>
    public static MrlObjective CosineClassification(string labelColumnName = "Label", double temperature = 0.05) =>
        new ClassificationObjective(labelColumnName, temperature);

    /// <summary>
    /// Draws each row's input to its positive and away from the other rows' positives and all negatives: InfoNCE, also known as multiple
    /// negatives ranking (see <see cref="InfoNceLoss"/>).
    /// </summary>
    /// <param name="positiveColumnName">An embedding column of the input's width that belongs to the input.</param>
    /// <param name="negativeColumnName">
    /// An embedding column of the input's width that must not be near the input, a hard negative; <see langword="null"/> (default) for
    /// none.
    /// </param>
    /// <param name="temperature">The number that the cosines are divided by, above 0. Default 0.05.</param>
    /// <remarks>
    /// Equal vectors are never taken for negatives of each other; see <see cref="PairsOptions"/> for that and more. The validation score is
    /// MRR@10 of finding the positive, or one of the same label where there are labels, among all positives held back.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="temperature"/> is not a number above 0.</exception>
    public static MrlObjective Pairs(string positiveColumnName, string? negativeColumnName = null, double temperature = 0.05) =>
        new PairsObjective(new PairsOptions
        {
            PositiveColumnName = positiveColumnName,
            NegativeColumnNames = negativeColumnName is null ? [] : [negativeColumnName],
            Temperature = temperature,
        });

    /// <summary>
    /// Draws each row's input to its positive and away from the rest of the batch, with all options: several negatives, both directions,
    /// and which candidates are not negatives.
    /// </summary>
    /// <param name="options">The columns, and how they are learned from.</param>
    /// <exception cref="ArgumentException">A negative column is named twice or has no name.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The temperature is not a number above 0, the direction is not known, or the similarity margin is not in −2..2.
    /// </exception>
    public static MrlObjective Pairs(PairsOptions options) => new PairsObjective(options);

    /// <summary>
    /// Brings each row's input nearer to its positive than to its negative by a margin: mean max(0, cos(a, n) − cos(a, p) + margin) (see
    /// <see cref="TripletLoss"/>).
    /// </summary>
    /// <param name="positiveColumnName">An embedding column of the input's width that belongs to the input.</param>
    /// <param name="negativeColumnName">
    /// An embedding column of the input's width that must be farther from the input than the positive.
    /// </param>
    /// <param name="margin">How much nearer the positive must be, in cosine, above 0 and at most 2. Default 0.3.</param>
    /// <remarks>
    /// The loss looks at nothing but the three vectors of a row; <see cref="Pairs(string, string, double)"/> with the same columns also
    /// learns from the rest of the batch and is mostly better. The validation score is the share of the triplets held back that are ordered
    /// rightly.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="margin"/> is not in its range.</exception>
    public static MrlObjective Triplets(string positiveColumnName, string negativeColumnName, double margin = 0.3) =>
        new TripletsObjective(positiveColumnName, negativeColumnName, margin);

    /// <summary>Makes pairs as similar as their score says.</summary>
    /// <param name="otherColumnName">The embedding column of the input's width that the input is compared with.</param>
    /// <param name="scoreColumnName">
    /// How similar the two are, higher is more: a numeric column of any range with at least two different scores. Rows without a score are
    /// left out.
    /// </param>
    /// <param name="loss">
    /// The loss that fits similarities to scores. Default <see cref="ScoredPairsLoss.CoSent"/>, which orders pairs by cosine.
    /// </param>
    /// <param name="temperature">
    /// The number that the similarities are divided by, above 0. Default 0.05. <see cref="ScoredPairsLoss.CosineMse"/> does not use it.
    /// </param>
    /// <remarks>The validation score is Spearman's rank correlation of cosines and scores.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="loss"/> is not known, or <paramref name="temperature"/> is not a number above 0.
    /// </exception>
    public static MrlObjective ScoredPairs(
        string otherColumnName, string scoreColumnName = "Score", ScoredPairsLoss loss = ScoredPairsLoss.CoSent,
        double temperature = 0.05) =>
        new ScoredPairsObjective(otherColumnName, scoreColumnName, loss, temperature);

    /// <summary>
    /// Draws rows of one class together and away from all others: supervised contrastive learning (Khosla et al. 2020, arXiv:2004.11362;
    /// see <see cref="SameLabelLoss"/>).
    /// </summary>
    /// <param name="labelColumnName">
    /// The class of each row: a key, text, integer or Boolean column with at least two classes, one of them with two rows. Rows without a
    /// label are left out.
    /// </param>
    /// <param name="temperature">The number that the cosines are divided by, above 0. Default 0.1.</param>
    /// <remarks>
    /// Batches need several rows of a class: choose a batch size of a few times the number of classes. A row that meets no other of its
    /// class in a batch contributes nothing to that step. The validation score is the mean of the accuracies by nearest centroid and by
    /// nearest neighbour.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="temperature"/> is not a number above 0.</exception>
    public static MrlObjective SameLabel(string labelColumnName = "Label", double temperature = 0.1) =>
        new SameLabelObjective(labelColumnName, temperature);

    /// <summary>
    /// Keeps the cosines of the input vectors, above all those of nearest neighbours, where there is nothing but a corpus:
    /// Matryoshka-Adaptor, unsupervised (Yoon et al. 2024, arXiv:2407.20243; see <see cref="UnsupervisedLoss"/>).
    /// </summary>
    /// <remarks>
    /// The objective needs no column besides the input. The validation score is the share of the 10 nearest neighbours by the full input
    /// vectors that are found again among the rows held back. At the full width the input vectors are the measure itself, so the gate does
    /// not compare with them there.
    /// </remarks>
    public static MrlObjective Unsupervised() => new UnsupervisedObjective();

    /// <summary>
    /// Makes embeddings rank each other as another model's do: the mean KL divergence of softmax(cos(x_i, ·) / temperature) from
    /// softmax(cos(t_i, ·) / temperature), over the other rows of the batch (see <see cref="DistillationLoss"/>).
    /// </summary>
    /// <param name="teacherColumnName">The teacher's vectors: an embedding column of any width, compared at its full width.</param>
    /// <param name="temperature">The number that the cosines of both are divided by, above 0. Default 0.05.</param>
    /// <remarks>
    /// The input column itself may be the teacher. Embeddings that have the teacher's cosines have loss 0 at every dimension. The
    /// validation score is the share of the 10 nearest neighbours by the teacher that are found again among the rows held back.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="temperature"/> is not a number above 0.</exception>
    public static MrlObjective Distillation(string teacherColumnName, double temperature = 0.05) =>
        new DistillationObjective(teacherColumnName, temperature);

    /// <summary>Trains with a loss of your own.</summary>
    /// <param name="columns">The columns that the loss needs. They become parts of <see cref="EmbeddingBatch"/>.</param>
    /// <param name="loss">A function that makes the loss. It is called once for each training, which disposes the loss.</param>
    /// <remarks>
    /// <para>
    /// The validation score is minus the loss of the rows held back, in batches of 256, with what the loss has learned so far. The loss of
    /// raw vectors and of their PCA prefix is taken before the first step and so is that of an untrained loss.
    /// </para>
    /// <para>
    /// In <see cref="EmbeddingLoss.Forward"/> prefer operations on tensors alone: TorchSharp may free a number operand, as in <c>tensor +
    /// 1</c>, while libtorch reads it. Keep such a number in a <c>using Scalar</c>.
    /// </para>
    /// </remarks>
    /// <example>
    /// <code>
    /// // Draws pairs together: minus the sum of their cosines. Embeddings come cut and at unit length.
    /// public sealed class CosineSumLoss : EmbeddingLoss
    /// {
    ///     public override Tensor Forward(EmbeddingBatch batch) =&gt;
    ///         (batch.Anchors * Require(batch.Positives, nameof(batch.Positives))).sum().neg();
    /// }
    ///
    /// var objective = MrlObjective.Custom(new MrlCustomColumns { PositiveColumnName = "Positive" }, () =&gt; new CosineSumLoss());
    /// </code>
    /// </example>
    public static MrlObjective Custom(MrlCustomColumns columns, Func<EmbeddingLoss> loss) => new CustomObjective(columns, loss);

    /// <summary>Trains several objectives at once: the sum of their losses, each times its weight.</summary>
    /// <param name="parts">The objectives and their weights, each above 0.</param>
    /// <remarks>
    /// The columns of all parts are needed; two parts that use a role use the same column for it. What one part knows not to be negatives
    /// are none for the others. A part that names no negative column is not shown the negatives of the others. The validation score is the
    /// mean of the parts' scores by their weights, at each dimension.
    /// </remarks>
    /// <exception cref="ArgumentException">
    /// There is no part, a weight is not a number above 0, or two parts have different columns for one role.
    /// </exception>
    public static MrlObjective Weighted(params (MrlObjective Objective, double Weight)[] parts) => new WeightedObjective(parts);
}
