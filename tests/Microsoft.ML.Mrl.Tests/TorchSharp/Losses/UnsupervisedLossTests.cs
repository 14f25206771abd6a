using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Losses;

[Collection(TorchCollection.Name)]
public class UnsupervisedLossTests
{
    [Fact]
    public void Forward_EmbeddingsAreTheOriginals_ZeroAtFullWidth()
    {
        using DisposeScope scope = NewDisposeScope();
        EmbeddingBatch batch = new LossCase(LossKind.Unsupervised, 12, 6, [6], ScalarType.Float64, seed: 1).CreateBatch();
        batch = new EmbeddingBatch(batch) { Originals = batch.Anchors };

        Assert.Equal(0, new MatryoshkaLoss(new UnsupervisedLoss(), [6]).Forward(batch).item<double>(), 1e-9);
        Assert.True(new MatryoshkaLoss(new UnsupervisedLoss(), [2, 6]).Forward(batch).item<double>() > 0.01);
    }

    [Fact]
    public void Forward_IsTheLogarithmOfTheDivergenceThatDistillationHas()
    {
        using DisposeScope scope = NewDisposeScope();
        EmbeddingBatch batch = new LossCase(LossKind.Unsupervised, 7, 8, [8], ScalarType.Float64, seed: 2).CreateBatch();
        double divergence = new DistillationLoss().Forward(new EmbeddingBatch(batch) { Teachers = batch.Originals }).item<double>();

        Assert.Equal(Math.Log(1 + divergence / 0.001), new UnsupervisedLoss().Forward(batch).item<double>(), 1e-9);
    }

    [Fact]
    public void Forward_Rotated_SameAtFullWidth()
    {
        using DisposeScope scope = NewDisposeScope();
        EmbeddingBatch batch = new LossCase(LossKind.Unsupervised, 9, 6, [6], ScalarType.Float64, seed: 4).CreateBatch();
        (Tensor rotation, _) = linalg.qr(randn(6, 6, ScalarType.Float64));
        batch = new EmbeddingBatch(batch) { Originals = batch.Anchors, Anchors = batch.Anchors.mm(rotation) };

        Assert.Equal(0, new UnsupervisedLoss().Forward(batch).item<double>(), 1e-9);
    }

    [Fact]
    public void Backward_Originals_GetNoGradientFromTheirCosines()
    {
        using DisposeScope scope = NewDisposeScope();
        EmbeddingBatch batch = new LossCase(LossKind.Unsupervised, 5, 8, [8], ScalarType.Float64, seed: 3).CreateBatch();
        batch.Originals!.requires_grad = true;

        new MatryoshkaLoss(new UnsupervisedLoss(), [4, 8]).Forward(batch).backward();

        Assert.Null(batch.Originals.grad);
    }
}
