using Microsoft.ML.Mrl.Vectors;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.TorchSharp.Losses;

/// <summary>Σ_k v_k · loss_k. Each part gets its embeddings raw or at unit length as it asks for, and nests in its own way.</summary>
internal sealed class WeightedLoss : EmbeddingLoss
{
    private readonly Part[] _parts;

    public WeightedLoss(IEnumerable<Part> parts) => _parts = [.. parts];

    /// <summary>One of the losses.</summary>
    /// <param name="Loss">The loss; disposed with the sum.</param>
    /// <param name="Weight">Its weight v_k.</param>
    /// <param name="UsesNegatives">Whether it is shown the negatives of the batch.</param>
    public sealed record Part(EmbeddingLoss Loss, double Weight, bool UsesNegatives)
    {
        public EmbeddingBatch View(EmbeddingBatch batch) => UsesNegatives || batch.Negatives is null
            ? batch
            : new EmbeddingBatch(batch) { Negatives = null, FalseNegatives = batch.FalseNegatives?.narrow(1, 0, batch.Anchors.shape[0]) };
    }

    public IReadOnlyList<Part> Parts => _parts;

    public override bool UnitLength => false;

    public override IEnumerable<Parameter> Parameters => _parts.SelectMany(part => part.Loss.Parameters);

    public override Tensor Forward(EmbeddingBatch batch) => Sum(part => part.Loss.Forward(ForPart(part, batch, batch.Dimensions)))!;

    internal override EmbeddingBatch Prepare(EmbeddingBatch batch)
    {
        foreach (Part part in _parts)
        {
            batch = new EmbeddingBatch(batch) { Prepared = part.Loss.Prepare(part.View(batch)).Prepared };
        }
        return batch;
    }

    internal override IReadOnlyList<Tensor> ForwardNested(EmbeddingBatch batch, MatryoshkaDimensions dimensions)
    {
        IReadOnlyList<Tensor>[] losses =
        [
            .. _parts.Select(part => part.Loss.ForwardNested(part.View(batch), dimensions)
                ?? [.. dimensions.Select(m => part.Loss.Forward(ForPart(part, batch, m)))]),
        ];
        return [.. Enumerable.Range(0, dimensions.Count).Select(i => Sum(part => losses[Array.IndexOf(_parts, part)][i])!)];
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (Part part in _parts)
            {
                part.Loss.Dispose();
            }
        }
        base.Dispose(disposing);
    }

    private static EmbeddingBatch ForPart(Part part, EmbeddingBatch batch, int dimensions) =>
        part.View(batch).Cut(dimensions, part.Loss.UnitLength);

    private Tensor? Sum(Func<Part, Tensor?> lossOf)
    {
        Tensor? sum = null;
        foreach (Part part in _parts)
        {
            if (lossOf(part) is { } loss)
            {
                Tensor weighted = loss.Times(part.Weight);
                sum = sum is null ? weighted : sum.Plus(weighted);
            }
        }
        return sum;
    }
}
