using Microsoft.ML.Mrl.TorchSharp.Modules.Space;
using Microsoft.ML.Mrl.TorchSharp.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using AdamW = Microsoft.ML.Mrl.TorchSharp.Training.AdamW;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Training;

[Collection(TorchCollection.Name)]
public class AdamWTests
{
    [Theory]
    [InlineData(0.01, 0.0)]
    [InlineData(0.01, 0.3)]
    [InlineData(50.0, 0.01)]
    public void Step_ManyTimes_EqualsAPlainLoop(double gradientSize, double decay)
    {
        using DisposeScope scope = NewDisposeScope();
        var random = new Random(1);
        // Odd lengths leave a rest beside whole vector registers.
        double[][] values = [Numbers(random, 5 * 7, 1), Numbers(random, 3, 1)];
        double[][] means = [new double[35], new double[3]];
        double[][] squares = [new double[35], new double[3]];
        using var first = new Parameter(tensor(Array.ConvertAll(values[0], v => (float)v), [5, 7]));
        using var second = new Parameter(tensor(Array.ConvertAll(values[1], v => (float)v)));
        Parameter[] parameters = [first, second];
        var optimizer = new AdamW(parameters, decay);

        for (int step = 1; step <= 30; step++)
        {
            double rate = 0.02 / step;
            double[][] gradients = [Numbers(random, 35, gradientSize), Numbers(random, 3, gradientSize)];
            double length = Math.Sqrt(gradients.Sum(part => part.Sum(g => g * g)));
            double scale = length > 1 ? 1 / length : 1;
            for (int part = 0; part < 2; part++)
            {
                GiveGradient(parameters[part], gradients[part]);
                for (int i = 0; i < values[part].Length; i++)
                {
                    double g = gradients[part][i] * scale;
                    means[part][i] = 0.9 * means[part][i] + 0.1 * g;
                    squares[part][i] = 0.999 * squares[part][i] + 0.001 * g * g;
                    double mean = means[part][i] / (1 - Math.Pow(0.9, step));
                    double square = squares[part][i] / (1 - Math.Pow(0.999, step));
                    values[part][i] = values[part][i] * (1 - rate * decay) - rate * mean / (Math.Sqrt(square) + 1e-8);
                }
            }

            Assert.True(optimizer.Step(rate));

            for (int part = 0; part < 2; part++)
            {
                float[] found = RowProducts.ToArray(parameters[part]);
                for (int i = 0; i < found.Length; i++)
                {
                    Assert.Equal(values[part][i], found[i], 1e-5);
                }
                Assert.Null(parameters[part].grad);
            }
        }
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Step_GradientNotFinite_ChangesNothingAndLeavesNoTrace(double bad)
    {
        using DisposeScope scope = NewDisposeScope();
        float[] start = [.. Enumerable.Range(0, 19).Select(i => (float)i)];
        double[] good = Numbers(new Random(2), 19, 0.1);
        double[] broken = [.. good];
        broken[18] = bad;
        using var parameter = new Parameter(tensor(start));
        using var undisturbed = new Parameter(tensor(start));
        var optimizer = new AdamW([parameter], 0.1);
        var other = new AdamW([undisturbed], 0.1);

        GiveGradient(parameter, broken);
        Assert.False(optimizer.Step(0.1));

        Assert.Equal(start, RowProducts.ToArray(parameter));
        Assert.Null(parameter.grad);
        GiveGradient(parameter, good);
        GiveGradient(undisturbed, good);
        Assert.True(optimizer.Step(0.1));
        Assert.True(other.Step(0.1));
        Assert.Equal(RowProducts.ToArray(undisturbed), RowProducts.ToArray(parameter));
    }

    [Fact]
    public void Step_AnyNumberOfThreads_SameBytes()
    {
        using DisposeScope scope = NewDisposeScope();
        const int Count = 150_001;
        int before = get_num_threads();
        try
        {
            float[][] results = [.. new[] { 1, 3 }.Select(threads =>
            {
                set_num_threads(threads);
                using var parameter = new Parameter(ones(Count));
                var optimizer = new AdamW([parameter], 0.1);
                var random = new Random(3);
                for (int step = 0; step < 3; step++)
                {
                    GiveGradient(parameter, Numbers(random, Count, 0.1));
                    optimizer.Step(0.01);
                }
                return RowProducts.ToArray(parameter);
            })];

            Assert.Equal(results[0], results[1]);
        }
        finally
        {
            set_num_threads(before);
        }
    }

    [Fact]
    public void Step_ParameterWithoutGradient_StaysAsItIs()
    {
        using DisposeScope scope = NewDisposeScope();
        using var parameter = new Parameter(ones(4));

        Assert.True(new AdamW([parameter], 0.5).Step(1));

        Assert.Equal([1f, 1f, 1f, 1f], RowProducts.ToArray(parameter));
    }

    private static double[] Numbers(Random random, int count, double size) =>
        [.. Enumerable.Range(0, count).Select(_ => size * (2 * random.NextDouble() - 1))];

    private static void GiveGradient(Parameter parameter, double[] gradient) =>
        parameter.mul(tensor(Array.ConvertAll(gradient, g => (float)g), parameter.shape)).sum().backward();
}
