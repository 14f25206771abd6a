using Microsoft.ML.Mrl.TorchSharp.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Losses;

[Collection(TorchCollection.Name)]
public class NestedSoftmaxTests
{
    private const int Rows = 5, Classes = 3, Width = 6, Used = 4;

    [Fact]
    public void Loss_InputsWiderThanTheLargestDimension_IsThatOfTheColumnsUsed()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor labels = tensor(new long[] { 0, 2, 1, 1, 0 });

        (float value, float[] rows, float[] weight, float[] bias) = Loss(Width);
        (float expected, float[] expectedRows, float[] expectedWeight, float[] expectedBias) = Loss(Used);

        Assert.Equal(expected, value, 1e-6);
        Assert.Equal(Widened(expectedRows, Rows), rows);
        Assert.Equal(Widened(expectedWeight, Classes), weight);
        Assert.Equal(expectedBias, bias);

        (float, float[], float[], float[]) Loss(int width)
        {
            Tensor z = Matrix(Rows, width, 1), w = Matrix(Classes, width, 2), b = Leaf(tensor(new[] { 0.1f, -0.2f, 0.3f }));
            Tensor loss = NestedSoftmax.Loss(z, w, b, labels, [2, Used], [1, 0.5f])!;
            loss.backward();
            return (loss.to_type(ScalarType.Float32)
                .item<float>(), [.. z.grad!.data<float>()], [.. w.grad!.data<float>()], [.. b.grad!.data<float>()]);
        }
    }

    // The first columns are the same at every width.
    private static Tensor Matrix(int rows, int width, int seed)
    {
        var random = new Random(seed);
        float[][] all = [
            .. Enumerable.Range(0, rows).Select(_ => Enumerable.Range(0, Width).Select(_ => (float)(random.NextDouble() - 0.5)).ToArray())];
        return Leaf(tensor(all.SelectMany(row => row[..width]).ToArray()).reshape(rows, width).clone());
    }

    private static Tensor Leaf(Tensor values)
    {
        values.requires_grad = true;
        return values;
    }

    private static float[] Widened(float[] values, int rows) =>
        [.. Enumerable.Range(0, rows).SelectMany(row => values[(row * Used)..][..Used].Concat(new float[Width - Used]))];
}
