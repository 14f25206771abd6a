using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;
using Microsoft.ML.Mrl.Text.Encoders.Static;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Training.Encoders;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Training.Encoders;

public class LazyAdamWTests
{
    [Fact]
    public void Step_IsThePlainLoopOnTouchedRows_AndLeavesOthersAlone()
    {
        const int Width = 5, Rows = 4;
        var random = new Random(1);
        float[] table = [.. Enumerable.Range(0, Rows * Width).Select(_ => Synthetic.Gaussian(random))];
        double[] start = Array.ConvertAll(table, v => (double)v), slow = [.. start];
        double[] means = new double[table.Length], squares = new double[table.Length];
        int[] steps = new int[Rows];
        var optimizer = new LazyAdamW(table, Width, weightDecay: 0.1);
        var gradients = new RowGradients(Rows, Width);
        int[][] texts = [[0, 1], [1], [2, 2, 1], [1], [0]];
        using TokenRows tokens = Tokens(texts, Rows, Width);

        for (int step = 0; step < 20; step++)
        {
            float[] gradient = [.. Enumerable.Range(0, Width).Select(_ => 3 * Synthetic.Gaussian(random))];
            int text = step % texts.Length;
            gradients.Clear();
            gradients.Add(tokens, text, gradient);
            optimizer.Step(gradients, 0.05);
            foreach (int row in texts[text].Distinct())
            {
                int t = ++steps[row];
                double share = texts[text].Count(r => r == row) / (double)texts[text].Length;
                for (int d = 0; d < Width; d++)
                {
                    int i = row * Width + d;
                    double g = share * gradient[d];
                    means[i] = 0.9 * means[i] + 0.1 * g;
                    squares[i] = 0.999 * squares[i] + 0.001 * g * g;
                    double change = means[i] / (1 - Math.Pow(0.9, t)) / (Math.Sqrt(squares[i] / (1 - Math.Pow(0.999, t))) + 1e-8);
                    slow[i] -= 0.05 * (0.1 * (slow[i] - start[i]) + change);
                }
            }
        }

        Assert.All(slow.Zip(table), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        Assert.Equal(start[^Width..].Select(v => (float)v), table[^Width..]);
        Assert.NotEqual((float)start[0], table[0]);
    }

    [Fact]
    public void Add_SubwordsAndRepeats_ShareTheGradientByWeight()
    {
        var bag = new TokenBag();
        bag.AddRow(0, 1);
        bag.EndToken();
        bag.AddRow(1, 1);
        bag.AddRow(2, 1);
        bag.EndTokenOfEqualRows();
        var touched = new TouchedRows(new float[6], 2);
        using var rows = new TokenRows([3], [2], [.. bag.Rows.ToArray().Select(touched.NumberOf)], bag.Weights.ToArray(), touched);
        var gradients = new RowGradients(3, 2);

        gradients.Add(rows, 0, [8, -4]);

        Assert.Equal([0, 1, 2], gradients.Rows);
        Assert.Equal([4, -2], gradients.At(0).ToArray());
        Assert.Equal([2, -1], gradients.At(1).ToArray());
        Assert.Equal([2, -1], gradients.At(2).ToArray());
        gradients.Clear();
        Assert.Empty(gradients.Rows);
    }

    private static TokenRows Tokens(int[][] texts, int rows, int width)
    {
        var touched = new TouchedRows(new float[rows * width], width);
        for (int row = 0; row < rows; row++)
        {
            touched.NumberOf(row);
        }
        long end = 0;
        return new TokenRows(
            [.. texts.Select(t => end += t.Length)], [.. texts.Select(t => t.Length)], [.. texts.SelectMany(t => t)],
            [.. texts.SelectMany(t => t.Select(_ => 1f))], touched);
    }
}
