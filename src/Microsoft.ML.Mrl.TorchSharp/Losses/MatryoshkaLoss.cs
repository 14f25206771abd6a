using Microsoft.ML.Mrl.TorchSharp.Losses;
using Microsoft.ML.Mrl.Vectors;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents a nested loss, Σ_m w_m · inner(embeddings cut at m): Matryoshka Representation Learning (Kusupati et al. 2022,
/// arXiv:2205.13147). It is a sum, not a mean.
/// </summary>
/// <remarks>
/// The batch must have embeddings <c>[B, D]</c> with D at least the largest dimension, and the parts that the inner loss needs. Embeddings
/// are cut first and then rescaled to unit length if <see cref="EmbeddingLoss.UnitLength"/> of the inner loss is <see langword="true"/>.
/// All dimensions of a <see cref="SimilarityLoss"/>, a <see cref="CosineSoftmaxLoss"/> or a <see cref="SharedSoftmaxLoss"/> are computed in
/// one pass over the columns. Other losses are computed once for each dimension.
/// </remarks>
/// <example>
/// <code>
/// // In a TorchSharp loop of your own: a batch of embeddings [B, 256] of any model.
/// using var loss = new MatryoshkaLoss(new InfoNceLoss(), new MatryoshkaDimensions(8, 32, 128, 256));
/// torch.Tensor value = loss.Forward(new EmbeddingBatch { Anchors = anchors, Positives = positives });
/// value.backward();
/// </code>
/// </example>
public sealed class MatryoshkaLoss : EmbeddingLoss
{
    private readonly float[] _weights;

    /// <summary>Initializes a new instance of the <see cref="MatryoshkaLoss"/> class.</summary>
    /// <param name="inner">The loss at one width, which is disposed with this instance.</param>
    /// <param name="dimensions">The prefix lengths m, each at most the embeddings' width D.</param>
    /// <param name="weights">
    /// The weights w_m, one for each dimension in ascending order: finite, not negative and not all 0. The default, <see langword="null"/>,
    /// is 1 for each of them.
    /// </param>
    /// <exception cref="ArgumentException">The weights do not fit the dimensions.</exception>
    public MatryoshkaLoss(EmbeddingLoss inner, MatryoshkaDimensions dimensions, IReadOnlyList<float>? weights = null)
    {
        ArgumentNullException.ThrowIfNull(inner);
        ArgumentNullException.ThrowIfNull(dimensions);
        Inner = inner;
        Dimensions = dimensions;
        _weights = weights is null ? [.. Enumerable.Repeat(1f, dimensions.Count)] : [.. weights];
        if (Problem(dimensions, _weights) is { } problem)
        {
            throw new ArgumentException(problem, nameof(weights));
        }
    }

    /// <summary>The loss at one width.</summary>
    internal EmbeddingLoss Inner { get; }

    /// <summary>The prefix lengths, ascending.</summary>
    internal MatryoshkaDimensions Dimensions { get; }

    /// <summary>The weight of each dimension, in the order of <see cref="Dimensions"/>.</summary>
    internal IReadOnlyList<float> Weights => _weights;

    /// <inheritdoc/>
    public override bool UnitLength => false;

    /// <inheritdoc/>
    public override IEnumerable<Parameter> Parameters => Inner.Parameters;

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The embeddings are narrower than the largest dimension.</exception>
    public override Tensor Forward(EmbeddingBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (batch.Dimensions < Dimensions.Largest)
        {
            throw new ArgumentOutOfRangeException(
                nameof(batch), batch.Dimensions, $"Cannot nest {Dimensions}: the embeddings have {batch.Dimensions} values.");
        }
        batch = Inner.Prepare(batch);
        return Inner.ForwardFused(batch, Dimensions, _weights) ?? Sum(Inner.ForwardNested(batch, Dimensions) ?? CutEachTime(batch));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Inner.Dispose();
        }
        base.Dispose(disposing);
    }

    internal static string? Problem(MatryoshkaDimensions dimensions, IReadOnlyList<float> weights)
    {
        if (weights.Count != dimensions.Count)
        {
            return $"{weights.Count} weights were given for the {dimensions.Count} dimensions {dimensions}. Give one each.";
        }
        if (weights.Any(w => !float.IsFinite(w) || w < 0) || weights.All(w => w == 0))
        {
            return $"Weights are finite, not negative and not all 0, but {string.Join(", ", weights)} were given.";
        }
        return null;
    }

    private Tensor[] CutEachTime(EmbeddingBatch batch) =>
        [.. Dimensions.Select(m => Inner.Forward(batch.Cut(m, Inner.UnitLength)))];

    private Tensor Sum(IReadOnlyList<Tensor> losses)
    {
        Tensor sum = losses[0].Times(_weights[0]);
        for (int i = 1; i < losses.Count; i++)
        {
            sum = sum.Plus(losses[i].Times(_weights[i]));
        }
        return sum;
    }
}
