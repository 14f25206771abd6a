using Microsoft.ML.Mrl.TorchSharp.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents listwise distillation, which makes every prefix rank the rows of a batch as a teacher does: the mean over rows i of
/// KL(softmax_j(s·cos(t_i, t_j)) ‖ softmax_j(s·cos(x_i, x_j))), j ≠ i, s = 1 / temperature.
/// </summary>
/// <remarks>
/// <para>
/// The batch must have anchors <c>[B, D]</c> and the teacher's vectors <c>[B, D_t]</c> of the same rows. The teacher's vectors are compared
/// at their full width at every prefix. A row is not compared with itself, since that cosine is always 1 and would outweigh the others. A
/// batch of two rows or fewer has loss 0.
/// </para>
/// <para>
/// The loss is the cross-entropy less the teacher's entropy, so embeddings with the teacher's cosines have loss 0 at every dimension. The
/// teacher gets no gradient. Related losses: <see cref="UnsupervisedLoss"/> has the input vectors themselves as the teacher.
/// </para>
/// </remarks>
public sealed class DistillationLoss : SimilarityLoss
{
    private readonly double _scale;

    /// <summary>Initializes a new instance of the <see cref="DistillationLoss"/> class.</summary>
    /// <param name="temperature">
    /// The number that the teacher's and the student's cosines are divided by, above 0. The default is 0.05, so s = 20.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="temperature"/> is not a number above 0.</exception>
    public DistillationLoss(double temperature = 0.05) => _scale = 1 / LossArguments.Temperature(temperature);

    private protected override Comparison Compares => Comparison.AllPairs;

    internal override EmbeddingBatch Prepare(EmbeddingBatch batch) => batch.WithPrepared(this, TeacherScores(batch));

    private protected override (Tensor Left, Tensor Right) Sides(EmbeddingBatch batch) => (batch.Anchors, batch.Anchors);

    private protected override Tensor FromCosines(Tensor cosines, EmbeddingBatch batch) =>
        Divergence(batch.PreparedFor(this) ?? TeacherScores(batch), WithoutSelves(cosines.Times(_scale)));

    /// <summary>The mean over rows of KL(softmax(teacher) ‖ softmax(student)).</summary>
    /// <param name="teacher">Scores, <c>[Q, C]</c>.</param>
    /// <param name="student">Scores, <c>[Q, C]</c>.</param>
    internal static Tensor Divergence(Tensor teacher, Tensor student)
    {
        Tensor expected = teacher.log_softmax(1);
        return (expected.exp() * (expected - student.log_softmax(1))).sum().Times(1.0 / Math.Max(1, teacher.shape[0]));
    }

    /// <summary>The cosines of vectors with each other at their full width, times a scale, without gradient; <c>[B, B]</c>.</summary>
    internal static Tensor ScoresOf(Tensor vectors, double scale)
    {
        Tensor constant = vectors.detach();
        return WithoutSelves(NestedCosines.AtFullWidth(constant, constant).Times(scale));
    }

    private Tensor TeacherScores(EmbeddingBatch batch) => ScoresOf(Require(batch.Teachers, nameof(batch.Teachers)), _scale);

    /// <summary>The scores <c>[B, B]</c> with those of rows with themselves so low that a softmax leaves them out.</summary>
    internal static Tensor WithoutSelves(Tensor scores) => scores.Fill(TensorMath.Selves((int)scores.shape[0]), TensorMath.NeverChosen);
}
