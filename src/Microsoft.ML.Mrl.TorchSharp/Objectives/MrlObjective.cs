using Microsoft.ML.Mrl.Resampling;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Losses;
using Microsoft.ML.Mrl.TorchSharp.Objectives;

namespace Microsoft.ML.Mrl;

/// <summary>What a Matryoshka training is for: names the supervision and the columns that carry it.</summary>
public abstract class MrlObjective
{
    private protected MrlObjective()
    {
    }

    /// <summary>The columns needed besides the input.</summary>
    internal abstract RoleColumns Columns { get; }

    /// <summary>What the validation score measures, as a name.</summary>
    internal abstract string ScoreName { get; }

    /// <summary>Whether the score says how well the input vectors themselves are kept, so that nothing can beat them at their full width. Default: false.</summary>
    internal virtual bool IsMeasuredByInputs => false;

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
    internal abstract double[] Score(ExampleSet examples, ScoringRows rows, IEmbeddingSource embeddings, MatryoshkaDimensions dimensions, EmbeddingLoss loss);

    /// <summary>The score of <see cref="Score"/> on resamples of the rows held back, in their order, from which the gate measures noise.</summary>
    /// <returns>The score, or null (default) where the score is not made of any; noise is then not measured and the mean decides.</returns>
    internal virtual ResampledMetric? ScoreRows(ExampleSet examples, ScoringRows rows, IEmbeddingSource embeddings, MatryoshkaDimensions dimensions, EmbeddingLoss loss) => null;

    /// <summary>All that makes its loss another, in words, for the identity of a training. Default: <see cref="ToString"/>.</summary>
    internal virtual string Settings => ToString();

    /// <summary>The objective as it is written: <c>Classification(Label)</c>.</summary>
    public abstract override string ToString();

    /// <summary>
    /// Softmax cross-entropy over classes at every nested dimension, Σ_m CE(W_m z[:m] + b_m, y): MRL of Kusupati et al. 2022 (arXiv:2205.13147).
    /// </summary>
    /// <param name="labelColumnName">The class of each row: a key, text, integer or boolean column. At least two classes. Rows without a label are left out.</param>
    /// <param name="weightTying">Whether every dimension has a classifier of its own (MRL, default) or all share one (MRL-E).</param>
    /// <param name="labelSmoothing">The share of each row's target that is spread evenly over all classes. 0 (default) up to, not including, 1.</param>
    /// <remarks>Needs a label column. Validation score: the mean of the accuracies by nearest centroid and by nearest neighbour.</remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="weightTying"/> is not known, or <paramref name="labelSmoothing"/> is not in 0 up to 1.</exception>
    public static MrlObjective Classification(string labelColumnName = "Label", WeightTying weightTying = WeightTying.Separate, double labelSmoothing = 0) =>
        new ClassificationObjective(labelColumnName, weightTying, labelSmoothing);

    /// <summary>
    /// Draws each row's input to its positive and away from the other rows' positives and all negatives: InfoNCE, known as multiple negatives ranking.
    /// −1/B Σ_i log softmax of cos(a_i, ·) / temperature at its positive, at every nested dimension.
    /// </summary>
    /// <param name="positiveColumnName">An embedding column of the input's width that belongs to the input.</param>
    /// <param name="negativeColumnName">An embedding column of the input's width that must not be near the input, or <see langword="null"/> (default).</param>
    /// <param name="temperature">Divides the cosines; above 0. Default 0.05.</param>
    /// <remarks>
    /// Needs a positive column. Equal vectors are never taken for negatives of each other; see <see cref="PairsOptions"/> for that and more. Validation score: MRR@10 of
    /// finding the positive, or one of the same label where there are labels, among all positives held back.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="temperature"/> is not a number above 0.</exception>
    public static MrlObjective Pairs(string positiveColumnName, string? negativeColumnName = null, double temperature = 0.05) => new PairsObjective(new PairsOptions
    {
        PositiveColumnName = positiveColumnName,
        NegativeColumnNames = negativeColumnName is null ? [] : [negativeColumnName],
        Temperature = temperature,
    });

    /// <summary>Draws each row's input to its positive and away from the rest of the batch, with all options: several negatives, both directions, and which candidates are no negatives.</summary>
    /// <param name="options">The columns, and how they are learned from.</param>
    /// <remarks>Needs a positive column; negative columns and a label column if the options name them.</remarks>
    /// <exception cref="ArgumentException">A negative column is named twice or has no name.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The temperature is not a number above 0, the direction is not known, or the similarity margin is not in −2..2.</exception>
    public static MrlObjective Pairs(PairsOptions options) => new PairsObjective(options);

    /// <summary>
    /// Brings each row's input nearer to its positive than to its negative by a margin: mean max(0, cos(a, n) − cos(a, p) + margin), at every nested dimension.
    /// </summary>
    /// <param name="positiveColumnName">An embedding column of the input's width that belongs to the input.</param>
    /// <param name="negativeColumnName">An embedding column of the input's width that must be farther from the input than the positive.</param>
    /// <param name="margin">How much nearer, in cosine; above 0, at most 2. Default 0.3.</param>
    /// <remarks>
    /// Needs a positive and a negative column. Looks at nothing but the three vectors of a row; <see cref="Pairs(string, string, double)"/> with the same columns also learns from the
    /// rest of the batch and is mostly better. Validation score: the share of triplets held back that are ordered rightly.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="margin"/> is not in its range.</exception>
    public static MrlObjective Triplets(string positiveColumnName, string negativeColumnName, double margin = 0.3) => new TripletsObjective(positiveColumnName, negativeColumnName, margin);

    /// <summary>
    /// Makes pairs as alike as their score says, at every nested dimension: by order (CoSENT, the default, log(1 + Σ_{y_i &lt; y_j} exp((cos_i − cos_j) / temperature)),
    /// or AnglE), or by value (mean squared error of the cosine).
    /// </summary>
    /// <param name="otherColumnName">The embedding column of the input's width that the input is compared with.</param>
    /// <param name="scoreColumnName">How alike the two are, higher is more: a numeric column of any range. At least two different scores. Rows without a score are left out.</param>
    /// <param name="loss">What makes embeddings fit scores. <see cref="ScoredPairsLoss.CosineMse"/> scales the column's lowest and highest score to cosines of 0 and 1.</param>
    /// <param name="temperature">Divides the similarities; above 0. Default 0.05. <see cref="ScoredPairsLoss.CosineMse"/> has none.</param>
    /// <remarks>Needs the other column and a score column. Validation score: Spearman's rank correlation of cosines and scores.</remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="loss"/> is not known, or <paramref name="temperature"/> is not a number above 0.</exception>
    public static MrlObjective ScoredPairs(string otherColumnName, string scoreColumnName = "Score", ScoredPairsLoss loss = ScoredPairsLoss.CoSent, double temperature = 0.05) =>
        new ScoredPairsObjective(otherColumnName, scoreColumnName, loss, temperature);

    /// <summary>
    /// Draws rows of one class together and away from all others, at every nested dimension: supervised contrastive learning (Khosla et al. 2020, arXiv:2004.11362).
    /// </summary>
    /// <param name="labelColumnName">The class of each row: a key, text, integer or boolean column. At least two classes, one of them with two rows. Rows without a label are left out.</param>
    /// <param name="temperature">Divides the cosines; above 0. Default 0.1.</param>
    /// <remarks>
    /// Needs a label column, and batches with several rows of a class: choose a batch size of a few times the number of classes. A row that meets no other of its class in a batch contributes nothing
    /// to that step. Validation score: the mean of the accuracies by nearest centroid and by nearest neighbour.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="temperature"/> is not a number above 0.</exception>
    public static MrlObjective SameLabel(string labelColumnName = "Label", double temperature = 0.1) => new SameLabelObjective(labelColumnName, temperature);

    /// <summary>
    /// Keeps the cosines of the input vectors, above all those of nearest neighbours, at every nested dimension. For a corpus and nothing else: Matryoshka-Adaptor, unsupervised
    /// (Yoon et al. 2024, arXiv:2407.20243).
    /// </summary>
    /// <remarks>
    /// Needs no column besides the input. Σ_m [ mean |cos(x_i, x_j) − cos(x'_i[:m], x'_j[:m])| over all pairs of the batch + the same over each row's 10 nearest neighbours in it ]
    /// + mean |x_i − x'_i|₁ / D; the last term, which keeps the full vectors where they were, is left out where the output is not as wide as the input. Validation score: the share
    /// of the 10 nearest neighbours by the full input vectors that are found again, among the rows held back; at the full width the input vectors are the measure itself, so there the gate does not compare with them.
    /// </remarks>
    public static MrlObjective Unsupervised() => new UnsupervisedObjective();

    /// <summary>
    /// Makes embeddings rank each other as another model's do, at every nested dimension: mean KL of softmax(cos(t_i, ·) / temperature) and softmax(cos(x_i, ·) / temperature) over the other rows of the batch.
    /// </summary>
    /// <param name="teacherColumnName">The teacher's vectors: an embedding column of any width, compared at its full width.</param>
    /// <param name="temperature">Divides the cosines of both; above 0. Default 0.05.</param>
    /// <remarks>
    /// Needs a teacher column; a column of the input's own full vectors is a fair teacher too. A perfect student has loss 0 at every dimension. Validation score: the share of the 10 nearest
    /// neighbours by the teacher that are found again, among the rows held back.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="temperature"/> is not a number above 0.</exception>
    public static MrlObjective Distillation(string teacherColumnName, double temperature = 0.05) => new DistillationObjective(teacherColumnName, temperature);

    /// <summary>A loss of one's own at every nested dimension.</summary>
    /// <param name="columns">The columns that the loss needs; they come as parts of <see cref="EmbeddingBatch"/>.</param>
    /// <param name="loss">Makes the loss, once for each training, which disposes it.</param>
    /// <remarks>
    /// Needs the columns it names. Validation score: minus the loss of rows held back, in batches of 256, with what the loss has learned so far; so the loss of raw vectors and of their PCA
    /// prefix, which is taken before the first step, is that of an untrained loss. In <see cref="EmbeddingLoss.Forward"/> prefer operations on tensors alone: the binding may free a number
    /// operand, as in <c>tensor + 1</c>, while libtorch reads it; keep such a number in a <c>using Scalar</c>.
    /// </remarks>
    /// <example>
    /// <code>
    /// // Draws pairs together: minus the sum of their cosines. Embeddings come cut and at unit length.
    /// public sealed class CosineSumLoss : EmbeddingLoss
    /// {
    ///     public override Tensor Forward(EmbeddingBatch batch) =&gt; (batch.Anchors * Require(batch.Positives, nameof(batch.Positives))).sum().neg();
    /// }
    ///
    /// var objective = MrlObjective.Custom(new MrlCustomColumns { PositiveColumnName = "Positive" }, () =&gt; new CosineSumLoss());
    /// </code>
    /// </example>
    public static MrlObjective Custom(MrlCustomColumns columns, Func<EmbeddingLoss> loss) => new CustomObjective(columns, loss);

    /// <summary>Several objectives at once: the sum of their losses, each times its weight.</summary>
    /// <param name="parts">The objectives and their weights, each above 0.</param>
    /// <remarks>
    /// Needs the columns of all parts; two parts that use a role use the same column for it. What one part knows to be no negatives are none for the others. A part that names no negative column
    /// is not shown the negatives of the others. Validation score: the mean of the parts' scores by their weights, at each dimension.
    /// </remarks>
    /// <exception cref="ArgumentException">There is no part, a weight is not a number above 0, or two parts have different columns for one role.</exception>
    public static MrlObjective Weighted(params (MrlObjective Objective, double Weight)[] parts) => new WeightedObjective(parts);
}
