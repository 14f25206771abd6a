using Microsoft.ML.Mrl.TorchSharp.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Makes every prefix rank the rows of a batch as a teacher does: the mean over rows i of KL(softmax_j(s·cos(t_i, t_j)) ‖ softmax_j(s·cos(x_i, x_j))), j ≠ i,
/// s = 1 / temperature: listwise distillation, cross-entropy less the teacher's entropy.
/// </summary>
/// <remarks>
/// Needs the teacher's vectors, of any width; they are compared at their full width whatever the prefix. Embeddings whose cosines are the teacher's have loss 0 at
/// every dimension. A row is not compared with itself: that cosine is 1 for everyone and would drown the others. A batch of two rows or fewer has loss 0.
/// </remarks>
public sealed class DistillationLoss : SimilarityLoss
{
    private readonly double _scale;

    /// <summary>Creates the loss.</summary>
    /// <param name="temperature">Divides both the teacher's and the student's cosines; above 0. Default 0.05, so s = 20.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="temperature"/> is not a number above 0.</exception>
    public DistillationLoss(double temperature = 0.05) => _scale = 1 / Temperature.Checked(temperature);

    /// <inheritdoc/>
    protected override Comparison Compares => Comparison.AllPairs;

    internal override EmbeddingBatch Prepare(EmbeddingBatch batch) => batch.WithPrepared(this, TeacherScores(batch));

    /// <inheritdoc/>
    protected override (Tensor Left, Tensor Right) Sides(EmbeddingBatch batch) => (batch.Anchors, batch.Anchors);

    /// <inheritdoc/>
    protected override Tensor FromCosines(Tensor cosines, EmbeddingBatch batch) =>
        Divergence(batch.PreparedFor(this) ?? TeacherScores(batch), WithoutSelves(cosines.Times(_scale)));

    /// <summary>The mean over rows of KL(softmax(teacher) ‖ softmax(student)).</summary>
    /// <param name="teacher">Scores, <c>[Q, C]</c>.</param>
    /// <param name="student">Scores, <c>[Q, C]</c>.</param>
    internal static Tensor Divergence(Tensor teacher, Tensor student)
    {
        Tensor expected = teacher.log_softmax(1);
        return (expected.exp() * (expected - student.log_softmax(1))).sum().Times(1.0 / Math.Max(1, teacher.shape[0]));
    }

    private Tensor TeacherScores(EmbeddingBatch batch)
    {
        Tensor teachers = Require(batch.Teachers, nameof(batch.Teachers)).detach();
        return WithoutSelves(NestedCosines.AtFullWidth(teachers, teachers).Times(_scale));
    }

    private static Tensor WithoutSelves(Tensor scores) => scores.Fill(TensorMath.Selves((int)scores.shape[0]), TensorMath.NeverChosen);
}
