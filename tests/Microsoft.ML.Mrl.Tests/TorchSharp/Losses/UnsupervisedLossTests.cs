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

        Assert.Equal(0, new MatryoshkaLoss(new UnsupervisedLoss(), [6]).Forward(batch).item<double>(), 1e-12);
        Assert.True(new MatryoshkaLoss(new UnsupervisedLoss(), [2, 6]).Forward(batch).item<double>() > 0.01);
    }

    [Theory]
    [InlineData(LossKind.Unsupervised)]
    [InlineData(LossKind.UnsupervisedOtherWidth)]
    public void Nested_Reconstruction_AddedOnceAndOnlyForEqualWidths(LossKind kind)
    {
        using DisposeScope scope = NewDisposeScope();
        var losses = new LossCase(kind, 5, 8, [2, 4, 8], ScalarType.Float64, seed: 2);
        EmbeddingBatch batch = losses.CreateBatch();
        using var inner = new UnsupervisedLoss();

        double cuts = losses.Dimensions.Sum(m => inner.Forward(batch.Cut(m, true)).item<double>());
        double once = new MatryoshkaLoss(inner, losses.Dimensions, [0.001f, 0.001f, 0.001f]).Forward(batch).item<double>() - 0.001f * cuts;

        Assert.Equal(losses.PlainOnce(), once, 1e-6);
        Assert.Equal(kind == LossKind.Unsupervised, once > 0.01);
    }

    [Fact]
    public void Backward_Originals_GetNoGradientFromTheirCosines()
    {
        using DisposeScope scope = NewDisposeScope();
        EmbeddingBatch batch = new LossCase(LossKind.UnsupervisedOtherWidth, 5, 8, [8], ScalarType.Float64, seed: 3).CreateBatch();
        batch.Originals!.requires_grad = true;

        new MatryoshkaLoss(new UnsupervisedLoss(), [4, 8]).Forward(batch).backward();

        Assert.Null(batch.Originals.grad);
    }
}
