using Microsoft.ML.Mrl.Resampling;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Losses;
using Microsoft.ML.Mrl.TorchSharp.Objectives;
using Tensor = TorchSharp.torch.Tensor;

namespace Microsoft.ML.Mrl;

/// <summary>Represents the objective of a training: its loss and the columns that supervise it.</summary>
/// <remarks>
/// Every loss is nested: it is computed at each Matryoshka dimension, and the results are added (see <see cref="MatryoshkaLoss"/>).
/// Instances are immutable and safe for concurrent use.
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

    /// <summary>Gets whether code of the user is part of it, which may not expect to be called by several threads at once.</summary>
    internal virtual bool IsOfUser => false;

    /// <summary>
    /// The ways to learn it, the likeliest first. Default: a rotation, which keeps the full vectors as they are, where these are the
    /// measure; else a linear head.
    /// </summary>
    internal virtual IReadOnlyList<TrainingVariant> Variants =>
        [new(IsMeasuredByInputs ? HeadKind.Orthogonal : HeadKind.Linear, this, TrainingVariant.Usual)];

    /// <summary>How strongly the cosines of the input vectors are kept at long prefixes where rows are few. Default: not at all.</summary>
    internal virtual double GeometryOfFewRows => 0;

    /// <summary>The shrinkages to try of a linear head in closed form, which costs little. Default: there is no such head.</summary>
    internal virtual IReadOnlyList<double> Shrinkages => [];

    /// <summary>Finds a linear head in closed form: the map of coordinates, <c>[R, R]</c>.</summary>
    /// <param name="rows">The rows to learn from.</param>
    /// <param name="shrinkage">One of <see cref="Shrinkages"/>.</param>
    internal virtual Tensor InClosedForm(SolvedRows rows, double shrinkage) =>
        throw new NotSupportedException($"{this} has no closed form.");

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
    /// Creates an objective that learns classes by softmax cross-entropy, Σ_m CE(W_m z[:m] + b_m, y): Matryoshka Representation Learning
    /// (Kusupati et al. 2022, arXiv:2205.13147).
    /// </summary>
    /// <param name="labelColumnName">
    /// The name of the column of classes: a key, text, integer or Boolean column with at least two classes. Rows without a label are
    /// skipped.
    /// </param>
    /// <param name="weightTying">
    /// Specifies whether each dimension has its own classifier (MRL, the default) or all dimensions share one (MRL-E).
    /// </param>
    /// <param name="labelSmoothing">
    /// The share of each row's target that is spread evenly over all classes, from 0 (default) to below 1.
    /// </param>
    /// <remarks>
    /// The validation score is the mean of the accuracies by nearest centroid and by nearest neighbour. If weight tying, label smoothing
    /// and <see cref="MrlTrainingOptions.LearningRate"/> have their defaults, <c>MrlFineTune</c> also tries the loss of
    /// <see cref="SameLabel"/>, which is usually better for search and for nearest centroids, and keeps the better one on the validation
    /// rows. With 2,500 rows or fewer, if the learning rate has its default, it also tries a linear head in closed form.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="weightTying"/> is not known, or <paramref name="labelSmoothing"/> is not in 0 to below 1.
    /// </exception>
    public static MrlObjective Classification(
        string labelColumnName = "Label", WeightTying weightTying = WeightTying.Separate, double labelSmoothing = 0) =>
        new ClassificationObjective(labelColumnName, weightTying, labelSmoothing);

    /// <summary>
    /// Creates an objective that learns classes by softmax cross-entropy over the cosines with one vector for each class, which all
    /// dimensions share: Σ_m CE(cos(z[:m], w_c[:m]) / temperature, y). See <see cref="CosineSoftmaxLoss"/>.
    /// </summary>
    /// <param name="labelColumnName">
    /// The name of the column of classes: a key, text, integer or Boolean column with at least two classes. Rows without a label are
    /// skipped.
    /// </param>
    /// <param name="temperature">The number that the cosines are divided by, above 0. The default is 0.05.</param>
    /// <remarks>
    /// The objective trains the cosine, which search and nearest centroids measure. The validation score is the mean of the accuracies by
    /// nearest centroid and by nearest neighbour.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="temperature"/> is not a number above 0.</exception>
    public static MrlObjective CosineClassification(string labelColumnName = "Label", double temperature = 0.05) =>
        new ClassificationObjective(labelColumnName, temperature);

    /// <summary>
    /// Creates an objective that pulls each row's input towards its positive and pushes it away from the other rows' positives and from all
    /// negatives: InfoNCE, also known as multiple negatives ranking. See <see cref="InfoNceLoss"/>.
    /// </summary>
    /// <param name="positiveColumnName">The name of the column of positives, embeddings of the input's width.</param>
    /// <param name="negativeColumnName">
    /// The name of the column of hard negatives, embeddings of the input's width. The default, <see langword="null"/>, means none.
    /// </param>
    /// <param name="temperature">The number that the cosines are divided by, above 0. The default is 0.05.</param>
    /// <remarks>
    /// Equal vectors are never negatives of each other; <see cref="PairsOptions"/> can change that. The validation score is MRR@10: how
    /// high each input ranks its positive, or one with the same label, among all validation positives and, up to 5,000 in all, training
    /// positives. With 2,500 pairs or fewer, if <see cref="MrlTrainingOptions.LearningRate"/> has its default, <c>MrlFineTune</c> also
    /// keeps the cosines of the long prefixes near those of the input, and tries a linear head in closed form.
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
    /// Creates an objective that pulls each row's input towards its positive and pushes it away from the rest of the batch, with all
    /// options: several negatives, both directions, and the detection of false negatives.
    /// </summary>
    /// <param name="options">The columns and the settings of the loss.</param>
    /// <exception cref="ArgumentException">A negative column is named twice or its name is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The temperature is not a number above 0, the direction is not known, or the similarity margin is not in −2..2.
    /// </exception>
    public static MrlObjective Pairs(PairsOptions options) => new PairsObjective(options);

    /// <summary>
    /// Creates an objective that brings each row's input nearer to its positive than to its negative by a margin: mean max(0, cos(a, n) −
    /// cos(a, p) + margin). See <see cref="TripletLoss"/>.
    /// </summary>
    /// <param name="positiveColumnName">The name of the column of positives, embeddings of the input's width.</param>
    /// <param name="negativeColumnName">
    /// The name of the column of negatives, embeddings of the input's width.
    /// </param>
    /// <param name="margin">The margin, a difference of two cosines, above 0 and at most 2. The default is 0.3.</param>
    /// <remarks>
    /// The loss uses only the three vectors of a row. <see cref="Pairs(string, string, double)"/> with the same columns also learns from
    /// the rest of the batch and is usually better. The validation score is the share of validation triplets in the right order.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="margin"/> is not in its range.</exception>
    public static MrlObjective Triplets(string positiveColumnName, string negativeColumnName, double margin = 0.3) =>
        new TripletsObjective(positiveColumnName, negativeColumnName, margin);

    /// <summary>Creates an objective that fits the similarity of pairs to their scores.</summary>
    /// <param name="otherColumnName">The name of the column that the input is compared with, embeddings of the input's width.</param>
    /// <param name="scoreColumnName">
    /// The name of the column of scores, which are greater for more similar pairs: a numeric column of any range with at least two
    /// different values. Rows without a score are skipped.
    /// </param>
    /// <param name="loss">
    /// The loss that fits similarities to scores. The default is <see cref="ScoredPairsLoss.CoSent"/>, which orders pairs by cosine.
    /// </param>
    /// <param name="temperature">
    /// The number that the similarities are divided by, above 0. The default is 0.05. <see cref="ScoredPairsLoss.CosineMse"/> does not use
    /// it.
    /// </param>
    /// <remarks>
    /// The validation score is Spearman's rank correlation of cosines and scores. With 2,500 pairs or fewer, if
    /// <see cref="MrlTrainingOptions.LearningRate"/> has its default, <c>MrlFineTune</c> also keeps the cosines of the long prefixes near
    /// those of the input, and tries a linear head in closed form.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="loss"/> is not known, or <paramref name="temperature"/> is not a number above 0.
    /// </exception>
    public static MrlObjective ScoredPairs(
        string otherColumnName, string scoreColumnName = "Score", ScoredPairsLoss loss = ScoredPairsLoss.CoSent,
        double temperature = 0.05) =>
        new ScoredPairsObjective(otherColumnName, scoreColumnName, loss, temperature);

    /// <summary>
    /// Creates an objective that pulls rows of the same class together and pushes others away: supervised contrastive learning (Khosla et
    /// al. 2020, arXiv:2004.11362). See <see cref="SameLabelLoss"/>.
    /// </summary>
    /// <param name="labelColumnName">
    /// The name of the column of classes: a key, text, integer or Boolean column with at least two classes, one of which has at least two
    /// rows. Rows without a label are skipped.
    /// </param>
    /// <param name="temperature">The number that the cosines are divided by, above 0. The default is 0.1.</param>
    /// <remarks>
    /// Batches should have several rows of each class, so choose a batch size of a few times the number of classes. If a row is the only
    /// one of its class in a batch, it is a negative of the others but contributes no term of its own. The validation score is the mean of
    /// the accuracies by nearest centroid and by nearest neighbour. With 2,500 rows or fewer, if the learning rate has its default,
    /// <c>MrlFineTune</c> also tries a linear head in closed form.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="temperature"/> is not a number above 0.</exception>
    public static MrlObjective SameLabel(string labelColumnName = "Label", double temperature = 0.1) =>
        new SameLabelObjective(labelColumnName, temperature);

    /// <summary>
    /// Creates an objective that makes every prefix find the nearest neighbours that the input vectors have, for data without any
    /// supervision: the logarithm of the listwise divergence from the input vectors. See <see cref="UnsupervisedLoss"/>.
    /// </summary>
    /// <remarks>
    /// The objective needs no column besides the input. The validation score is the share of the 10 nearest neighbours by the full input
    /// vectors that are also the nearest by the embeddings, among the validation rows. At the full width the input vectors define the
    /// score, so the gate does not compare with them there.
    /// </remarks>
    public static MrlObjective Unsupervised() => new UnsupervisedObjective();

    /// <summary>
    /// Creates an objective that makes embeddings rank each other as those of another model do: the mean KL divergence of softmax(cos(x_i,
    /// ·) / temperature) from softmax(cos(t_i, ·) / temperature), over the other rows of the batch. See <see cref="DistillationLoss"/>.
    /// </summary>
    /// <param name="teacherColumnName">
    /// The name of the column of the teacher's vectors, embeddings of any width. They are compared at their full width.
    /// </param>
    /// <param name="temperature">The number that the cosines of both models are divided by, above 0. The default is 0.05.</param>
    /// <remarks>
    /// The input column itself may be the teacher. Embeddings with the teacher's cosines have loss 0 at every dimension. The validation
    /// score is the share of the 10 nearest neighbours by the teacher that are also the nearest by the embeddings, among the validation
    /// rows.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="temperature"/> is not a number above 0.</exception>
    public static MrlObjective Distillation(string teacherColumnName, double temperature = 0.05) =>
        new DistillationObjective(teacherColumnName, temperature);

    /// <summary>Creates an objective with a loss of your own.</summary>
    /// <param name="columns">The columns that the loss needs. They become the parts of <see cref="EmbeddingBatch"/>.</param>
    /// <param name="loss">A function that creates the loss. It is called once for each training, which disposes the loss.</param>
    /// <remarks>
    /// <para>
    /// The validation score is the negated loss of the validation rows, in batches of 256, with the present parameters of the loss. The raw
    /// vectors and their PCA prefix are scored before the first step, and therefore with the initial parameters.
    /// </para>
    /// <para>
    /// In <see cref="EmbeddingLoss.Forward"/>, prefer operations on tensors alone. TorchSharp may free a number operand, as in <c>tensor +
    /// 1</c>, while libtorch reads it. Keep such a number in a <c>using Scalar</c>.
    /// </para>
    /// </remarks>
    /// <example>
    /// <code>
    /// // Pulls pairs together: the negated sum of their cosines. The embeddings are already cut and have unit length.
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

    /// <summary>Creates an objective that trains several objectives at once: the weighted sum of their losses.</summary>
    /// <param name="parts">The objectives and their weights, each above 0.</param>
    /// <remarks>
    /// The data must have the columns of all parts, and parts with the same role must name the same column for it. A false negative of one
    /// part is also a false negative of the others. A part without a negative column does not use the negatives of the others. The
    /// validation score at each dimension is the weighted mean of the parts' scores.
    /// </remarks>
    /// <exception cref="ArgumentException">
    /// There is no part, a weight is not a number above 0, or two parts name different columns for the same role.
    /// </exception>
    public static MrlObjective Weighted(params (MrlObjective Objective, double Weight)[] parts) => new WeightedObjective(parts);
}
