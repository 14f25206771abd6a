using Microsoft.ML.Mrl.Tests.TorchSharp.Data;
using Microsoft.ML.Mrl.Tests.TorchSharp.Training;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Modules.Space;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Modules.Space;

[Collection(TorchCollection.Name)]
public class MeanBehindTests
{
    private const int Count = 90, Width = 14, Place = 8;

    [Theory]
    [InlineData(0.5)]
    [InlineData(20)]
    public void PcaMap_KeepsCentre_EqualsJacobiOfRowsWithoutTheMeansDirection(double shift)
    {
        double[][] rows = Rows(shift);

        float[][] rotated = Rotated(rows, Width);

        double[][] directions = Plain(rows);
        for (int k = 0; k < Width; k++)
        {
            double[] expected = [.. rows.Select(row => Dot(row, directions[k]))], found = [.. rotated.Select(row => (double)row[k])];
            double sign = Math.Sign(Dot(expected, found));
            Assert.All(expected.Zip(found), pair => Assert.Equal(sign * pair.First, pair.Second, 2e-3));
        }
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(20)]
    public void PcaMap_KeepsCentre_OneValueHasAMeanAndTheWholeKeepsAllProducts(double shift)
    {
        double[][] rows = Rows(shift);

        float[][] rotated = Rotated(rows, Width);

        Assert.All(Enumerable.Range(0, Width).Where(k => k != Place),
            k => Assert.Equal(0, rotated.Average(row => (double)row[k]), 1e-4 * (1 + shift)));
        Assert.True(Math.Abs(rotated.Average(row => (double)row[Place])) > 0.5 * shift, "The mean's direction has its place.");
        double[][] wide = [.. rotated.Select(row => Array.ConvertAll(row, v => (double)v))];
        for (int i = 0; i < Count; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                Assert.Equal(Dot(rows[i], rows[j]), Dot(wide[i], wide[j]), 1e-4 * (1 + Math.Abs(Dot(rows[i], rows[j]))));
            }
        }
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(5, 4)]
    [InlineData(8, 7)]
    [InlineData(48, 8)]
    [InlineData(60, 10)]
    public void Place_AnyWidth_LastAfterASixthButNotBeforeEight(int outputs, int place)
    {
        using DisposeScope scope = NewDisposeScope();
        const int All = 60;

        Tensor placed = MeanBehind.Place(eye(All), outputs);

        Assert.Equal([All, outputs], placed.shape);
        long[] found = placed.argmax(0).data<long>().ToArray();
        Assert.Equal([.. Enumerable.Range(0, place), All - 1, .. Enumerable.Range(place, outputs - 1 - place)], found.Select(i => (int)i));
    }

    [Theory]
    [InlineData(12)]
    [InlineData(3)]
    [InlineData(1)]
    public void Place_FewerDirectionsThanOutputs_AllOfThemAndZerosBehind(int all)
    {
        using DisposeScope scope = NewDisposeScope();
        const int Outputs = 20;

        Tensor placed = MeanBehind.Place(eye(all), Outputs);

        Assert.Equal([all, Outputs], placed.shape);
        int place = Math.Min(8, all - 1);
        int[] expected = [.. Enumerable.Range(0, place), all - 1, .. Enumerable.Range(place, all - 1 - place)];
        float[] values = placed.data<float>().ToArray();
        for (int i = 0; i < values.Length; i++)
        {
            (int row, int column) = (i / Outputs, i % Outputs);
            Assert.Equal(column < all && expected[column] == row ? 1 : 0, values[i]);
        }
    }

    [Fact]
    public void PcaMap_KeepsCentreOfRowsWithoutAMean_PrincipalComponents()
    {
        double[][] half = Rows(0)[..(Count / 2)];
        double[][] rows = [.. half, .. half.Select(row => Array.ConvertAll(row, v => -v))];

        float[][] rotated = Rotated(rows, Width);

        double[] variances = [.. Enumerable.Range(0, Width).Select(k => rotated.Sum(row => (double)row[k] * row[k]))];
        (double[] expected, _) = PlainEigen.Jacobi(PlainEigen.Scatter(rows));
        Assert.All(expected.Zip(variances), pair => Assert.Equal(pair.First, pair.Second, 1e-3 * expected[0]));
    }

    [Fact]
    public void PcaMap_KeepsCentreOfRowsThatAreAllEqual_FiniteAndTheMeanAlone()
    {
        double[][] rows = [.. Enumerable.Repeat(Enumerable.Range(1, Width).Select(i => (double)i).ToArray(), 6)];

        float[][] rotated = Rotated(rows, Width);

        Assert.All(rotated, row => Assert.All(row.Where((_, k) => k != Place), value => Assert.Equal(0, value, 1e-4)));
        Assert.All(rotated, row => Assert.Equal(Math.Sqrt(Dot(rows[0], rows[0])), Math.Abs(row[Place]), 1e-3));
    }

    [Fact]
    public void PcaMap_KeepsCentreOfWideRows_OneValueHasAMean()
    {
        using DisposeScope scope = NewDisposeScope();
        int wide = VectorRowsBuilder.SparseAbove + 50;
        var random = new Random(3);
        float[][] rows =
        [
            .. Enumerable.Range(0, 60).Select(_ =>
            {
                var row = new float[wide];
                for (int k = 0; k < 12; k++)
                {
                    row[k * 7] = 3 + (12 - k) * Synthetic.Gaussian(random);
                }
                return row;
            }),
        ];
        int[][] places = [.. rows.Select(row => Enumerable.Range(0, wide).Where(k => row[k] != 0).ToArray())];
        var set = new SparseRows([0, .. places.Select((_, i) => places[..(i + 1)].Sum(p => p.Length))], [.. places.SelectMany(p => p)],
            [.. places.SelectMany((p, i) => p.Select(k => rows[i][k]))], wide);
        var examples = new ExampleSet { Vectors = new Dictionary<VectorRole, VectorRows> { [VectorRole.Anchor] = set } };
        const int Outputs = 10;
        using TrainingSpace space = TrainingSpace.Of(examples, Outputs, new Random(1));

        (Tensor map, Tensor bias) = space.PcaMap(Outputs, keepsCentre: true);

        float[] values = RowProducts.ToArray(
            addmm(bias, space.Coordinates(VectorRole.Anchor, [.. Enumerable.Range(0, 60)]), map, 1, 1));
        double[] means = [.. Enumerable.Range(0, Outputs)
            .Select(k => Enumerable.Range(0, 60).Average(row => (double)values[row * Outputs + k]))];
        Assert.All(means.Where((_, k) => k != Place), value => Assert.Equal(0, value, 1e-4));
        Assert.True(Math.Abs(means[Place]) > 0.1, "The mean's direction has its place.");
    }

    private static float[][] Rotated(double[][] rows, int outputs)
    {
        using DisposeScope scope = NewDisposeScope();
        DenseRows set = RowsOf.Dense([.. rows.SelectMany(row => row.Select(v => (float)v))], rows.Length, rows[0].Length);
        var examples = new ExampleSet { Vectors = new Dictionary<VectorRole, VectorRows> { [VectorRole.Anchor] = set } };
        using TrainingSpace space = TrainingSpace.Of(examples, outputs, new Random(1));
        (Tensor map, Tensor bias) = space.PcaMap(outputs, keepsCentre: true);
        LinearHead head = space.ToHead(map, bias, new MatryoshkaDimensions(outputs), null);
        return
        [
            .. rows.Select(row =>
            {
                var output = new float[outputs];
                head.Apply(Array.ConvertAll(row, v => (float)v), output);
                return output;
            }),
        ];
    }

    /// <summary>The directions by plain loops: those of rows that had the mean's direction taken out, with that direction among them.</summary>
    private static double[][] Plain(double[][] rows)
    {
        double[] mean = [.. Enumerable.Range(0, Width).Select(k => rows.Average(row => row[k]))];
        double length = Math.Sqrt(Dot(mean, mean));
        double[] unit = Array.ConvertAll(mean, v => v / length);
        double[][] others = [.. rows.Select(row => row.Zip(unit, (v, u) => v - Dot(row, unit) * u).ToArray())];
        (_, double[][] directions) = PlainEigen.Jacobi(PlainEigen.Scatter(others));
        return [.. directions[..Place], unit, .. directions[Place..^1]];
    }

    private static double[][] Rows(double shift)
    {
        var random = new Random(4);
        return
        [
            .. Enumerable.Range(0, Count).Select(_ =>
            {
                double[] row = [.. Enumerable.Range(0, Width).Select(k => Math.Pow(0.75, k) * Synthetic.Gaussian(random))];
                for (int k = 1; k < Width; k++)
                {
                    (row[k - 1], row[k]) = (0.8 * row[k - 1] - 0.6 * row[k], 0.6 * row[k - 1] + 0.8 * row[k]);
                }
                return row.Select((v, k) => (double)(float)(v + shift * (k % 3 - 0.5))).ToArray();
            }),
        ];
    }

    private static double Dot(double[] left, double[] right) => left.Zip(right, (a, b) => a * b).Sum();
}
