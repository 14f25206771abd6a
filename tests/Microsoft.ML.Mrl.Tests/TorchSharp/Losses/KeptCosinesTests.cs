using Microsoft.ML.Mrl.TorchSharp.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Losses;

[Collection(TorchCollection.Name)]
public class KeptCosinesTests
{
    private const int Rows = 5;
    private const int Width = 9;
    private const double Strength = 7;

    private static readonly MatryoshkaDimensions s_dimensions = new(1, 2, 3, 6, 9);

    /// <summary>The prefixes of at least a third of the largest.</summary>
    private static readonly int[] s_long = [3, 6, 9];

    [Fact]
    public void Of_RandomRows_EqualsPlainLoops()
    {
        using DisposeScope scope = NewDisposeScope();
        (double[][] embeddings, double[][] inputs) = (Random(Width, seed: 1), Random(4, seed: 2));

        float value = new KeptCosines(s_dimensions, Strength).Of(Of(embeddings), Of(inputs)).item<float>();

        Assert.Equal(Plain(embeddings, inputs), value, 1e-4);
    }

    [Fact]
    public void Of_Gradient_EqualsFiniteDifferencesAndInputsHaveNone()
    {
        using DisposeScope scope = NewDisposeScope();
        (double[][] embeddings, double[][] inputs) = (Random(Width, seed: 3), Random(Width, seed: 4));
        Tensor leaf = Of(embeddings).requires_grad_(true), given = Of(inputs).requires_grad_(true);

        new KeptCosines(s_dimensions, Strength).Of(leaf, given).backward();

        float[] gradient = leaf.grad!.data<float>().ToArray();
        for (int row = 0; row < Rows; row++)
        {
            for (int i = 0; i < Width; i++)
            {
                const double Step = 1e-5;
                double before = embeddings[row][i];
                embeddings[row][i] = before + Step;
                double above = Plain(embeddings, inputs);
                embeddings[row][i] = before - Step;
                double below = Plain(embeddings, inputs);
                embeddings[row][i] = before;
                Assert.Equal((above - below) / (2 * Step), gradient[(row * Width) + i], 1e-3);
            }
        }
        Assert.Null(given.grad);
    }

    [Fact]
    public void Of_InputsThemselvesAtTheFullWidth_IsNothingThere()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = Of(Random(Width, seed: 5));

        float value = new KeptCosines(new MatryoshkaDimensions(2, Width), Strength).Of(rows.mul(3), rows).item<float>();

        Assert.Equal(0, value, 1e-6);
    }

    private static double Plain(double[][] embeddings, double[][] inputs)
    {
        double sum = 0;
        foreach (int m in s_long)
        {
            for (int i = 0; i < Rows; i++)
            {
                for (int j = 0; j < Rows; j++)
                {
                    double gap = Cosine(embeddings[i], embeddings[j], m) - Cosine(inputs[i], inputs[j], inputs[i].Length);
                    sum += gap * gap / (Rows * Rows);
                }
            }
        }
        return Strength * sum;
    }

    private static double Cosine(double[] left, double[] right, int length)
    {
        double dot = 0, leftSquare = 0, rightSquare = 0;
        for (int i = 0; i < length; i++)
        {
            dot += left[i] * right[i];
            leftSquare += left[i] * left[i];
            rightSquare += right[i] * right[i];
        }
        return dot / Math.Sqrt(leftSquare * rightSquare);
    }

    private static double[][] Random(int width, int seed)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable.Range(0, Rows).Select(_ => Enumerable.Range(0, width).Select(_ => (2 * random.NextDouble()) - 1).ToArray()),
        ];
    }

    private static Tensor Of(double[][] rows) =>
        tensor(rows.SelectMany(row => row).Select(v => (float)v).ToArray(), [rows.Length, rows[0].Length]);
}
