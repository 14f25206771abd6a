using Microsoft.ML.Mrl.TorchSharp.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Losses;

[Collection(TorchCollection.Name)]
public class DistillationLossTests
{
    [Theory]
    [InlineData(0.05)]
    [InlineData(1)]
    public void Forward_StudentWithTheTeachersCosinesInEveryPrefix_ZeroAtEveryDimension(double temperature)
    {
        using DisposeScope scope = NewDisposeScope();
        double[] block = [.. Enumerable.Range(0, 14).Select(i => Math.Sin(i * i + 1))];
        Tensor teacher = tensor(block, [7, 2]);
        // Each prefix is the teacher's vector over and over, at another length.
        Tensor student = cat([teacher.Times(3), teacher.Times(0.5), teacher], 1).detach();
        student.requires_grad = true;
        var batch = new EmbeddingBatch { Anchors = student, Teachers = teacher };
        using var inner = new DistillationLoss(temperature);

        foreach (int m in new[] { 2, 4, 6 })
        {
            Assert.Equal(0, inner.Forward(batch.Cut(m, unitLength: true)).item<double>(), 1e-12);
            Assert.Equal(0, new MatryoshkaLoss(inner, [m]).Forward(batch).item<double>(), 1e-12);
        }
        new MatryoshkaLoss(inner, [2, 4, 6]).Forward(batch).backward();
        Assert.All(LossCase.Values(student.grad!), g => Assert.Equal(0, g, 1e-10));
    }

    [Fact]
    public void Forward_AnyOtherStudent_AboveZero()
    {
        using DisposeScope scope = NewDisposeScope();
        var losses = new LossCase(LossKind.Distillation, 6, 8, [2, 8], ScalarType.Float64, seed: 1);
        using var inner = new DistillationLoss();

        Assert.All(losses.Dimensions, m => Assert.True(inner.Forward(losses.CreateBatch().Cut(m, true)).item<double>() > 1e-3));
    }
}
