using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Objectives;

// sample
// Draws pairs together: minus the sum of their cosines. Embeddings come cut and at unit length.
public sealed class CosineSumLoss : EmbeddingLoss
{
    public override Tensor Forward(EmbeddingBatch batch) =>
        (batch.Anchors * Require(batch.Positives, nameof(batch.Positives))).sum().neg();
}
// end
