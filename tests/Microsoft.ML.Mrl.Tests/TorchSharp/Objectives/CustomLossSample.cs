using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Objectives;

// sample
// Pulls pairs together: the negated sum of their cosines. The embeddings are already cut and have unit length.
public sealed class CosineSumLoss : EmbeddingLoss
{
    public override Tensor Forward(EmbeddingBatch batch) =>
        (batch.Anchors * Require(batch.Positives, nameof(batch.Positives))).sum().neg();
}
// end
