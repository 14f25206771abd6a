using Microsoft.ML.Mrl.Tests.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Modules.Space;
using Microsoft.ML.Mrl.TorchSharp.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Objectives;

[Collection(TorchCollection.Name)]
public class PairDirectionsTests
{
    private const int Width = 7;
    private const int Pairs = 60;

    private static readonly int[] s_rows = [.. Enumerable.Range(0, Pairs).Where(i => i % 5 != 3)];

    /// <summary>
    /// X v = λ S v with vᵀ S u = 0 for any two, λ falling, by sums in plain loops over the pairs; with scores, X has half of the standard
    /// deviations added.
    /// </summary>
    [Theory]
    [InlineData(0.5, false)]
    [InlineData(0.9, true)]
    [InlineData(1, true)]
    public void Map_RandomPairs_SolvesTheProblemInPlainLoops(double shrinkage, bool haveScores)
    {
        using DisposeScope scope = NewDisposeScope();
        using TrainingSpace space = SpaceOf(RandomPairs(seed: 1));
        float[]? scores = haveScores ? [.. s_rows.Select(i => -2f + (i * 7 % 11))] : null;

        double[][] found = Columns(Map(space, s_rows, scores, Width, shrinkage));

        // The scores are -2 to 8.
        (double[,] together, double[,] spread) = scores is null
            ? Sums(space, [.. s_rows.Select(_ => 1.0)], [.. s_rows.Select(_ => 1.0)])
            : Sums(space, [.. scores.Select(s => (s + 2) / 10.0)], [.. scores.Select(s => (s - scores.Average()) / 10.0)]);
        if (scores is not null)
        {
            together = WithDeviations(together, space);
        }
        double trace = Enumerable.Range(0, Width).Sum(i => spread[i, i]);
        var shrunken = new double[Width, Width];
        for (int i = 0; i < Width; i++)
        {
            for (int j = 0; j < Width; j++)
            {
                shrunken[i, j] = (1 - shrinkage) * spread[i, j] + (i == j ? shrinkage * trace / Width : 0);
            }
        }
        double length = Product(found[0], shrunken, found[0]);
        double before = double.PositiveInfinity;
        for (int k = 0; k < Width; k++)
        {
            double ratio = Product(found[k], together, found[k]) / Product(found[k], shrunken, found[k]);
            Assert.True(ratio <= before + 1e-5, $"{ratio} comes after {before}.");
            before = ratio;
            for (int other = 0; other < Width; other++)
            {
                Assert.Equal(other == k ? 1 : 0, Product(found[k], shrunken, found[other]) / length, 1e-4);
                Assert.Equal(other == k ? ratio : 0, Product(found[k], together, found[other]) / length, 1e-4);
            }
        }
        Assert.Equal(1, MeanSquare(space, found), 1e-4);
    }

    [Fact]
    public void Map_FewerOutputs_AreTheFirst()
    {
        using DisposeScope scope = NewDisposeScope();
        using TrainingSpace space = SpaceOf(RandomPairs(seed: 2));

        double[][] all = Columns(Map(space, s_rows, null, Width, 0.5));
        double[][] first = Columns(Map(space, s_rows, null, 3, 0.5));

        double factor = first[0][0] / all[0][0];
        Assert.Equal(3, first.Length);
        Assert.All(Enumerable.Range(0, 3), k => Assert.Equal(all[k].Select(v => v * factor), first[k], (a, b) => Math.Abs(a - b) < 1e-4));
    }

    [Fact]
    public void Map_SidesFarApart_WhatTellsThemApartIsNotAmongTheFirst()
    {
        using DisposeScope scope = NewDisposeScope();
        (float[][] left, float[][] right) = RandomPairs(seed: 3);
        Array.ForEach(right, row => row[2] += 20);
        using TrainingSpace space = SpaceOf((left, right));
        float[] first = space.Coordinates(VectorRole.Positive, [0]).data<float>().ToArray();
        Assert.Equal(0, Array.IndexOf(first, first.MaxBy(Math.Abs)));

        double[][] found = Columns(Map(space, s_rows, null, Width, 0.5));

        Assert.All(found[..3], v => Assert.InRange(Math.Abs(v[0]), 0, 0.05 * v.Max(Math.Abs)));
    }

    [Fact]
    public void Map_SidesAreEqual_IsFiniteAndHasTheDirectionsOfMostVarianceFirst()
    {
        using DisposeScope scope = NewDisposeScope();
        (float[][] left, _) = RandomPairs(seed: 4);
        using TrainingSpace space = SpaceOf((left, left));

        double[][] found = Columns(Map(space, [.. Enumerable.Range(0, Pairs)], null, Width, 0.5));

        Assert.All(Enumerable.Range(0, Width), k =>
            Assert.Equal(k, Array.IndexOf(found[k], found[k].MaxBy(Math.Abs))));
    }

    [Fact]
    public void Map_ScoresThatSayNothing_HasTheDirectionsOfMostVarianceFirst()
    {
        using DisposeScope scope = NewDisposeScope();
        (float[][] left, float[][] right) = RandomPairs(seed: 5);
        // Every pair twice, once with each score: no product goes with the score.
        using TrainingSpace space = SpaceOf((left, right));
        int[] twice = [.. Enumerable.Range(0, Pairs), .. Enumerable.Range(0, Pairs)];
        float[] scores = [.. Enumerable.Repeat(0f, Pairs), .. Enumerable.Repeat(1f, Pairs)];

        double[][] found = Columns(Map(space, twice, scores, Width, 1));

        Assert.All(Enumerable.Range(0, 3), k => Assert.Equal(k, Array.IndexOf(found[k], found[k].MaxBy(Math.Abs))));
    }

    private static Tensor Map(TrainingSpace space, int[] rows, float[]? scores, int outputs, double shrinkage) => PairDirections.Map(
        space.Coordinates(VectorRole.Anchor, rows), space.Coordinates(VectorRole.Positive, rows), scores, outputs, shrinkage);

    private static (float[][] Left, float[][] Right) RandomPairs(int seed)
    {
        var random = new Random(seed);
        float[][] left = [.. Enumerable.Range(0, Pairs).Select(_ => Vector(i => (float)Math.Pow(0.7, i) * Noise()))];
        return (left, [.. left.Select(row => Vector(i => row[i] + 0.3f * (1 + (i % 3)) * Noise()))]);

        float Noise() => (float)(random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5);

        float[] Vector(Func<int, float> value) => [.. Enumerable.Range(0, Width).Select(value)];
    }

    private static TrainingSpace SpaceOf((float[][] Left, float[][] Right) pairs) => TrainingSpace.Of(
        new ExampleSet
        {
            Vectors = new Dictionary<VectorRole, VectorRows>
            {
                [VectorRole.Anchor] = RowsOf.Dense([.. pairs.Left.SelectMany(row => row)], Pairs, Width),
                [VectorRole.Positive] = RowsOf.Dense([.. pairs.Right.SelectMany(row => row)], Pairs, Width),
            },
        },
        Width, new Random(1));

    /// <summary>The cross-covariance of the sides, made symmetric, and the spread between them.</summary>
    private static (double[,] Together, double[,] Spread) Sums(TrainingSpace space, double[] weights, double[] signed)
    {
        double[][] left = Coordinates(space, VectorRole.Anchor), right = Coordinates(space, VectorRole.Positive);
        double total = weights.Sum();
        double[] leftMean = Mean(left), rightMean = Mean(right);
        var together = new double[Width, Width];
        var spread = new double[Width, Width];
        for (int row = 0; row < left.Length; row++)
        {
            for (int i = 0; i < Width; i++)
            {
                for (int j = 0; j < Width; j++)
                {
                    double share = weights[row] / total;
                    double a = left[row][i] - leftMean[i], b = right[row][i] - rightMean[i];
                    double c = left[row][j] - leftMean[j], d = right[row][j] - rightMean[j];
                    together[i, j] += signed[row] * ((a * d) + (b * c)) / 2;
                    // Half of the difference of the sides as they are, not less their means.
                    spread[i, j] += share * (left[row][i] - right[row][i]) * (left[row][j] - right[row][j]) / 4
                        + share * (a - b) * (c - d) / 4;
                }
            }
        }
        return (together, spread);

        double[] Mean(double[][] rows) =>
            [.. Enumerable.Range(0, Width).Select(i => rows.Select((row, k) => weights[k] * row[i]).Sum() / total)];
    }

    /// <summary>The matrix and half of the coordinates' standard deviations on its diagonal, both as long as 1 before.</summary>
    private static double[,] WithDeviations(double[,] together, TrainingSpace space)
    {
        double[][] rows = [.. Coordinates(space, VectorRole.Anchor), .. Coordinates(space, VectorRole.Positive)];
        double[] deviations = [.. Enumerable.Range(0, Width).Select(i => Math.Sqrt(rows.Average(row => row[i] * row[i])))];
        double norm = Math.Sqrt(together.Cast<double>().Sum(v => v * v)), normOfDeviations = Math.Sqrt(deviations.Sum(v => v * v));
        var sum = new double[Width, Width];
        for (int i = 0; i < Width; i++)
        {
            for (int j = 0; j < Width; j++)
            {
                sum[i, j] = together[i, j] / norm + (i == j ? 0.5 * deviations[i] / normOfDeviations : 0);
            }
        }
        return sum;
    }

    private static double[][] Coordinates(TrainingSpace space, VectorRole role) =>
        [.. space.Coordinates(role, s_rows).data<float>().ToArray().Chunk(Width).Select(row => Array.ConvertAll(row, v => (double)v))];

    /// <summary>The mean of the squared lengths that both sides have along the directions.</summary>
    private static double MeanSquare(TrainingSpace space, double[][] directions) =>
        Coordinates(space, VectorRole.Anchor).Concat(Coordinates(space, VectorRole.Positive))
            .Average(row => directions.Sum(v => Math.Pow(row.Zip(v, (a, b) => a * b).Sum(), 2)));

    private static double Product(double[] left, double[,] matrix, double[] right)
    {
        double sum = 0;
        for (int i = 0; i < Width; i++)
        {
            for (int j = 0; j < Width; j++)
            {
                sum += left[i] * matrix[i, j] * right[j];
            }
        }
        return sum;
    }

    private static double[][] Columns(Tensor map)
    {
        float[] values = map.contiguous().data<float>().ToArray();
        int columns = (int)map.shape[1];
        return
        [
            .. Enumerable.Range(0, columns).Select(k => Enumerable.Range(0, Width).Select(i => (double)values[(i * columns) + k]).ToArray()),
        ];
    }
}
