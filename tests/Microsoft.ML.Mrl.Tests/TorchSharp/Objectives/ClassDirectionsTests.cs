using Microsoft.ML.Mrl.Tests.TorchSharp.Training;
using Microsoft.ML.Mrl.TorchSharp.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Objectives;

[Collection(TorchCollection.Name)]
public class ClassDirectionsTests
{
    private const int Width = 7;
    private const int Rows = 60;
    private const int Classes = 4;

    private static readonly int[] s_labels = [.. Enumerable.Range(0, Rows).Select(i => i * 7 % 11 % Classes)];

    /// <summary>
    /// For A Aᵀ = I + 4 R, where R has a norm of 1: S R² S is a multiple of B, and values along the map vary independently, most first,
    /// with a mean length of 1; by sums in plain loops over the rows.
    /// </summary>
    [Theory]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void Map_RandomRows_SolvesTheProblemInPlainLoops(double shrinkage)
    {
        double[][] rows = RandomRows(seed: 1, apart: 0.7);
        (double[,] between, double[,] spread) = Sums(rows);
        double trace = Enumerable.Range(0, Width).Sum(i => spread[i, i]);
        double[,] shrunken = Matrix((i, j) => (1 - shrinkage) * spread[i, j] + (i == j ? shrinkage * trace / Width : 0));

        double[,] map = MapOf(rows, s_labels, shrinkage);

        // Fewer directions than there are tell classes apart, so the least of its lengths is that of what is left as it was.
        double[,] product = Matrix((i, j) => Enumerable.Range(0, Width).Sum(k => map[i, k] * map[j, k]));
        double[] lengths = PlainEigen.Jacobi(product).Values;
        Assert.Equal(5, lengths[0] / lengths[^1], 1e-3);
        Assert.All(lengths[(Classes - 1)..], length => Assert.Equal(1, length / lengths[^1], 1e-3));
        double[,] root = Matrix((i, j) => product[i, j] / lengths[^1] - (i == j ? 1 : 0));
        double[,] found = Times(Times(shrunken, Times(root, root)), shrunken);
        double factor = Norm(found) / Norm(between);
        Assert.All(Pairs(), at => Assert.Equal(between[at.I, at.J], found[at.I, at.J] / factor, 2e-3 * Norm(between)));
        double[][] mapped = [.. rows.Select(row => Enumerable.Range(0, Width)
            .Select(k => Enumerable.Range(0, Width).Sum(i => row[i] * map[i, k])).ToArray())];
        double[,] scatter = PlainEigen.Scatter(mapped);
        Assert.All(Pairs().Where(at => at.I != at.J), at => Assert.Equal(0, scatter[at.I, at.J] / scatter[0, 0], 1e-4));
        Assert.All(Enumerable.Range(1, Width - 1), k => Assert.True(scatter[k, k] <= scatter[k - 1, k - 1] * (1 + 1e-6)));
        Assert.Equal(1, mapped.Average(row => row.Sum(v => v * v)), 1e-4);
    }

    [Fact]
    public void Map_ClassesThatDifferInNothing_GivesThePrincipalComponents()
    {
        double[][] half = RandomRows(seed: 2, apart: 0)[..(Rows / 2)];
        double[][] rows = [.. half, .. half];
        int[] labels = [.. Enumerable.Range(0, Rows).Select(i => i / (Rows / 2))];

        double[,] map = MapOf(rows, labels, 0.5);

        double[] lengths = PlainEigen.Jacobi(Matrix((i, j) => Enumerable.Range(0, Width).Sum(k => map[i, k] * map[j, k]))).Values;
        Assert.Equal(1, lengths[0] / lengths[^1], 1e-3);
        double[][] components = PlainEigen.Jacobi(PlainEigen.Scatter(rows)).Vectors;
        Assert.All(Enumerable.Range(0, Width), k =>
            Assert.Equal(1, Math.Abs(components[k].Select((v, i) => v * map[i, k]).Sum()) / Math.Sqrt(lengths[0]), 1e-3));
    }

    [Theory]
    [InlineData("one row of each class")]
    [InlineData("all rows of a class equal")]
    [InlineData("all rows equal")]
    public void Map_NothingVariesWithinClasses_IsFinite(string rows)
    {
        double[][] all = RandomRows(seed: 3, apart: 1);
        int[] labels = rows == "one row of each class" ? [.. Enumerable.Range(0, Rows)] : s_labels;
        double[][] chosen = rows == "one row of each class" ? all
            : [.. s_labels.Select(label => all[rows == "all rows equal" ? 0 : Array.IndexOf(s_labels, label)])];

        double[,] map = MapOf(chosen, labels, 0.5);

        Assert.All(Pairs(), at => Assert.True(double.IsFinite(map[at.I, at.J])));
    }

    private static double[,] MapOf(double[][] rows, int[] labels, double shrinkage)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor coordinates = tensor([.. rows.SelectMany(row => row).Select(v => (float)v)], [rows.Length, Width]);
        float[] found = ClassDirections.Map(coordinates, labels, shrinkage).data<float>().ToArray();
        return Matrix((i, j) => found[i * Width + j]);
    }

    /// <summary>Rows with a mean of 0 and a mean length of 1, whose classes differ in other directions than those of most variance.
    /// </summary>
    private static double[][] RandomRows(int seed, double apart)
    {
        var random = new Random(seed);
        double[][] rows =
        [
            .. Enumerable.Range(0, Rows).Select(i => Enumerable.Range(0, Width)
                .Select(k => Synthetic.Gaussian(random) / (1 + k) + (k == 3 + s_labels[i] % 3 ? apart : 0)).ToArray()),
        ];
        double[] mean = [.. Enumerable.Range(0, Width).Select(k => rows.Average(row => row[k]))];
        double length = Math.Sqrt(rows.Average(row => row.Select((v, k) => (v - mean[k]) * (v - mean[k])).Sum()));
        return [.. rows.Select(row => row.Select((v, k) => (v - mean[k]) / length).ToArray())];
    }

    /// <summary>The covariance of the class means, and the spread of the rows around them.</summary>
    private static (double[,] Between, double[,] Spread) Sums(double[][] rows)
    {
        double[][] means =
        [
            .. Enumerable.Range(0, Classes).Select(label => Enumerable.Range(0, Width)
                .Select(k => rows.Where((_, i) => s_labels[i] == label).Average(row => row[k])).ToArray()),
        ];
        return (
            Matrix((i, j) => s_labels.Average(label => means[label][i] * means[label][j])),
            Matrix((i, j) => rows.Select((row, n) => (row[i] - means[s_labels[n]][i]) * (row[j] - means[s_labels[n]][j])).Average()));
    }

    private static double[,] Matrix(Func<int, int, double> value)
    {
        var matrix = new double[Width, Width];
        foreach ((int i, int j) in Pairs())
        {
            matrix[i, j] = value(i, j);
        }
        return matrix;
    }

    private static double[,] Times(double[,] a, double[,] b) =>
        Matrix((i, j) => Enumerable.Range(0, Width).Sum(k => a[i, k] * b[k, j]));

    private static double Norm(double[,] a) => Math.Sqrt(Pairs().Sum(at => a[at.I, at.J] * a[at.I, at.J]));

    private static IEnumerable<(int I, int J)> Pairs() =>
        Enumerable.Range(0, Width).SelectMany(i => Enumerable.Range(0, Width).Select(j => (i, j)));
}
