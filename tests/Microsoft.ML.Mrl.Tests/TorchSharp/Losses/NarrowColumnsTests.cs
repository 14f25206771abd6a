using Microsoft.ML.Mrl.TorchSharp.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Losses;

/// <summary>The products and gradients of narrow blocks, with vectors of 512 bits and of fewer, against plain loops.</summary>
[Collection(TorchCollection.Name)]
public class NarrowColumnsTests
{
    [Theory]
    [InlineData(true, 1, 1)]
    [InlineData(true, 13, 70)]
    [InlineData(true, 75, 64)]
    [InlineData(false, 1, 1)]
    [InlineData(false, 13, 70)]
    [InlineData(false, 75, 64)]
    public void ProductsAndGradients_EqualPlainLoops(bool is512, int rows, int documents)
    {
        using DisposeScope scope = NewDisposeScope();
        MatryoshkaDimensions dimensions = [3, 8, 20];
        using var seeded = new Generator(5);
        Tensor left = randn([rows, 20], generator: seeded), right = randn([documents, 20], generator: seeded);
        Tensor leftGradient = zeros(rows, 20), rightGradient = zeros(documents, 20);
        using var narrow = new NarrowColumns(left, right, dimensions, chunks: 1, is512);
        Assert.Equal(2, narrow.Dimensions);
        var random = new Random(6);
        double[,] expectedLeft = new double[rows, 20], expectedRight = new double[documents, 20];
        var products = new float[NarrowColumns.RowsAtOnce * narrow.Stride];

        for (int first = 0; first < rows; first += NarrowColumns.RowsAtOnce)
        {
            for (int m = 0; m < narrow.Dimensions; m++)
            {
                (int from, int to) = (m == 0 ? 0 : dimensions[m - 1], dimensions[m]);
                narrow.Products(first, Math.Min(NarrowColumns.RowsAtOnce, rows - first), m, products);
                var gradients = new float[products.Length];
                for (int row = first; row < Math.Min(rows, first + NarrowColumns.RowsAtOnce); row++)
                {
                    for (int d = 0; d < documents; d++)
                    {
                        int place = ((row - first) * narrow.Stride) + d;
                        double expected = 0;
                        float gradient = gradients[place] = random.NextSingle() - 0.5f;
                        for (int c = from; c < to; c++)
                        {
                            (float x, float y) = (left[row, c].item<float>(), right[d, c].item<float>());
                            expected += (double)x * y;
                            expectedLeft[row, c] += (double)gradient * y;
                            expectedRight[d, c] += (double)gradient * x;
                        }
                        Assert.Equal(expected, products[place], 1e-5);
                    }
                }
                narrow.Differentiate(
                    first, Math.Min(NarrowColumns.RowsAtOnce, rows - first), m, gradients, chunk: 0, isFirst: first == 0);
            }
        }
        narrow.AddGradients(leftGradient, rightGradient);

        AssertClose(expectedLeft, leftGradient);
        AssertClose(expectedRight, rightGradient);
    }

    private static void AssertClose(double[,] expected, Tensor found)
    {
        float[] values = found.data<float>().ToArray();
        for (int i = 0; i < expected.GetLength(0); i++)
        {
            for (int c = 0; c < expected.GetLength(1); c++)
            {
                Assert.Equal(expected[i, c], values[(i * expected.GetLength(1)) + c], 1e-5);
            }
        }
    }
}
