using Microsoft.ML.Mrl.TorchSharp.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Training;

/// <summary>Directions of a closed form, the last of which are turned, against plain loops.</summary>
[Collection(TorchCollection.Name)]
public class ClosedFormTests
{
    private const int Width = 7;

    private static readonly double[] s_variances = [9, 5, 3, 2, 1, 0.5, 0.1];

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(6)]
    public void Turned_FirstStay_OthersVaryIndependentlyMostFirst_AndTheFullWidthKeepsItsProducts(int columns)
    {
        using DisposeScope scope = NewDisposeScope();
        double[][] given = Directions();

        double[][] turned = Columns(ClosedForm.Turned(TensorOf(given), columns, tensor(s_variances)));

        Assert.Equal(given[..columns], turned[..columns]);
        double before = double.PositiveInfinity;
        for (int k = columns; k < Width; k++)
        {
            double own = Covariance(turned[k], turned[k]);
            Assert.True(own <= before + 1e-9, $"{own} comes after {before}.");
            before = own;
            Assert.All(Enumerable.Range(columns, k - columns), other => Assert.Equal(0, Covariance(turned[k], turned[other]), 1e-9));
        }
        var random = new Random(2);
        for (int i = 0; i < 20; i++)
        {
            double[] one = Row(random), two = Row(random);
            Assert.Equal(Product(given, one, two), Product(turned, one, two), 1e-9);
        }
    }

    [Fact]
    public void Turned_MostVarianceWasLast_ComesRightBehindTheFirst()
    {
        using DisposeScope scope = NewDisposeScope();
        // One direction a coordinate, the last first.
        double[][] given =
        [
            .. Enumerable.Range(0, Width).Select(k => Enumerable.Range(0, Width).Select(i => i == Width - 1 - k ? 1.0 : 0).ToArray()),
        ];

        double[][] turned = Columns(ClosedForm.Turned(TensorOf(given), 2, tensor(s_variances)));

        Assert.All(Enumerable.Range(0, 5), k => Assert.Equal(1, Math.Abs(turned[k + 2][k]), 1e-9));
    }

    private static double[][] Directions()
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, Width).Select(_ => Row(random))];
    }

    private static double[] Row(Random random) => [.. Enumerable.Range(0, Width).Select(_ => random.NextDouble() - 0.5)];

    private static double Covariance(double[] left, double[] right) =>
        Enumerable.Range(0, Width).Sum(i => left[i] * s_variances[i] * right[i]);

    /// <summary>The dot product of what directions make of two rows.</summary>
    private static double Product(double[][] directions, double[] one, double[] two) =>
        directions.Sum(v => one.Zip(v, (a, b) => a * b).Sum() * two.Zip(v, (a, b) => a * b).Sum());

    private static Tensor TensorOf(double[][] directions) =>
        tensor([.. directions.SelectMany(v => v)], [directions.Length, Width]).t().contiguous();

    private static double[][] Columns(Tensor map) => [.. map.t().contiguous().data<double>().ToArray().Chunk(Width)];
}
