using Microsoft.ML.Mrl.TorchSharp.Losses;
using Microsoft.ML.Mrl.Vectors;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Σ_m w_m · inner(embeddings cut at m): Matryoshka Representation Learning, Kusupati et al. 2022 (arXiv:2205.13147), over any loss. A sum, not a mean.
/// </summary>
/// <remarks>
/// Losses that only need cosines, and classifiers that share their weights, compute all dimensions in one pass over the columns:
/// the dot products of a prefix are those of the shorter prefix plus those of the block in between.
/// </remarks>
public sealed class MatryoshkaLoss : EmbeddingLoss
{
    private readonly float[] _weights;

    /// <summary>Nests a loss.</summary>
    /// <param name="inner">The loss at one width; disposed with this one.</param>
    /// <param name="dimensions">The prefix lengths m, each at most the embeddings' width D.</param>
    /// <param name="weights">w_m, as many as dimensions, ascending, finite and not negative, not all 0; <see langword="null"/> (default) for 1 each.</param>
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
    public EmbeddingLoss Inner { get; }

    /// <summary>The prefix lengths, ascending.</summary>
    public MatryoshkaDimensions Dimensions { get; }

    /// <summary>The weight of each dimension, ascending.</summary>
    public IReadOnlyList<float> Weights => _weights;

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
            throw new ArgumentOutOfRangeException(nameof(batch), batch.Dimensions, $"Cannot nest {Dimensions}: the embeddings have {batch.Dimensions} values.");
        }
        batch = Inner.Prepare(batch);
        return Inner.ForwardFused(batch, Dimensions, _weights) is { } fused ? WithOnce(fused, Inner.ForwardOnce(batch)) : General(batch);
    }

    /// <summary>The way that every loss has, through libtorch's own differentiation.</summary>
    internal Tensor ForwardGeneral(EmbeddingBatch batch) => General(Inner.Prepare(batch));

    /// <summary>The plain way, one cut a dimension: what every faster way must agree with.</summary>
    internal Tensor ForwardByCutting(EmbeddingBatch batch)
    {
        batch = Inner.Prepare(batch);
        return Sum(CutEachTime(batch), Inner.ForwardOnce(batch));
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

    private Tensor[] CutEachTime(EmbeddingBatch batch) => [.. Dimensions.Select(m => Inner.Forward(batch.Cut(m, Inner.UnitLength)))];

    private Tensor General(EmbeddingBatch prepared) => Sum(Inner.ForwardNested(prepared, Dimensions) ?? CutEachTime(prepared), Inner.ForwardOnce(prepared));

    private Tensor Sum(IReadOnlyList<Tensor> losses, Tensor? once)
    {
        Tensor sum = losses[0].Times(_weights[0]);
        for (int i = 1; i < losses.Count; i++)
        {
            sum = sum.Plus(losses[i].Times(_weights[i]));
        }
        return WithOnce(sum, once);
    }

    private static Tensor WithOnce(Tensor sum, Tensor? once) => once is null ? sum : sum.Plus(once);
}
