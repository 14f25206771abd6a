using System.Runtime.InteropServices;
using Microsoft.ML.Mrl.TorchSharp.Native;
using TorchSharp;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Native;

public class LibTorchTests
{
    [Fact]
    public void EnsureLoaded_ManyThreadsAtOnce_AllCanUseTorch()
    {
        var sums = new float[8];
        Thread[] threads = [.. Enumerable.Range(0, sums.Length).Select(t => new Thread(() =>
        {
            LibTorch.EnsureLoaded();
            sums[t] = Sum();
        }))];
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());

        Assert.All(sums, s => Assert.Equal(6f, s));

        static float Sum()
        {
            using DisposeScope scope = torch.NewDisposeScope();
            return torch.ones(2, 3).sum().item<float>();
        }
    }

    [Fact]
    public void EnsureLoaded_LinearRegression_LossFalls()
    {
        LibTorch.EnsureLoaded();
        using DisposeScope scope = torch.NewDisposeScope();
        // y = 2 a - 3 b + 1 on a grid of 16 points.
        float[] inputs = new float[32];
        float[] outputs = new float[16];
        for (int i = 0; i < 16; i++)
        {
            (float a, float b) = (i % 4 - 1.5f, i / 4 - 1.5f);
            (inputs[2 * i], inputs[2 * i + 1], outputs[i]) = (a, b, 2 * a - 3 * b + 1);
        }
        torch.Tensor x = torch.tensor(inputs, 16, 2);
        torch.Tensor y = torch.tensor(outputs, 16, 1);
        using var model = torch.nn.Linear(2, 1);
        using var optimizer = torch.optim.SGD(model.parameters(), 0.1);
        var losses = new List<float>();
        for (int step = 0; step < 60; step++)
        {
            using DisposeScope inner = torch.NewDisposeScope();
            optimizer.zero_grad();
            torch.Tensor loss = torch.nn.functional.mse_loss(model.forward(x), y);
            loss.backward();
            optimizer.step();
            losses.Add(loss.item<float>());
        }

        Assert.True(losses[^1] < 1e-3f * losses[0], $"The loss went from {losses[0]} to {losses[^1]}.");
        Assert.Equal(2f, model.weight[0, 0].item<float>(), 0.01f);
        Assert.Equal(-3f, model.weight[0, 1].item<float>(), 0.01f);
    }

    [Fact]
    public void EnsureLoaded_ShapesThatDoNotFit_ThrowAManagedException()
    {
        LibTorch.EnsureLoaded();
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor a = torch.ones(2, 3);

        var e = Assert.Throws<ExternalException>(() => a.mm(a));

        Assert.Contains("mat1 and mat2", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EnsureLoaded_Twice_DoesNothingMore()
    {
        LibTorch.EnsureLoaded();
        LibTorch.EnsureLoaded();

        using torch.Tensor one = torch.ones(1);
        Assert.Equal(1f, one.item<float>());
    }
}
