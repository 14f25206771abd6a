using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;
using Microsoft.ML.Mrl.Tests.TorchSharp.Objectives;
using Microsoft.ML.Mrl.Tests.TorchSharp.Training;
using Microsoft.ML.Mrl.Tests.Transforms;
using Microsoft.ML.Mrl.Tests.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Modules.Space;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Modules.Space;

[Collection(TorchCollection.Name)]
public class PrincipalComponentsTests
{
    [Fact]
    public void Exact_RowsOfTwoSets_EqualsJacobi()
    {
        using DisposeScope scope = NewDisposeScope();
        double[][] rows = DecayingRows(90, 12, 0.7, seed: 1);

        using var components = PrincipalComponents.Exact([Dense(rows[..60]), Dense(rows[60..])]);

        (_, double[][] expected) = PlainEigen.Jacobi(PlainEigen.Scatter(rows));
        double[][] found = Columns(components.Directions);
        for (int i = 0; i < 12; i++)
        {
            Assert.Equal(1, Math.Abs(Dot(expected[i], found[i])), 1e-4);
            Assert.True(found[i].MaxBy(Math.Abs) > 0, "The largest value of a direction is positive.");
        }
        AssertOrthonormal(found);
        float[] mean = RowProducts.ToArray(components.Mean);
        Assert.All(Enumerable.Range(0, 12), k => Assert.Equal(rows.Average(row => row[k]), mean[k], 1e-5));
    }

    [Fact]
    public void Exact_Projected_VariancesFallAndSumToTheWhole()
    {
        using DisposeScope scope = NewDisposeScope();
        double[][] rows = DecayingRows(80, 9, 0.8, seed: 2);
        DenseRows set = Dense(rows);
        using var components = PrincipalComponents.Exact([set]);

        double[] variances = Variances(Project(components, set));

        Assert.Equal(variances.OrderDescending(), variances);
        double[,] scatter = PlainEigen.Scatter(rows);
        Assert.Equal(Enumerable.Range(0, 9).Sum(i => scatter[i, i]), variances.Sum(), 1e-3);
    }

    [Fact]
    public void Exact_DecayingSpectrum_IsWhatPcaRotateFindsWithoutLibtorch()
    {
        using DisposeScope scope = NewDisposeScope();
        double[][] rows = DecayingRows(400, 48, 0.85, seed: 6);
        var ml = new MLContext(1);

        RotationTransformer managed = ml.Transforms.PcaRotate("Out", "Embedding", 20)
            .Fit(SampleVectors.View(ml, [.. rows.Select(row => Array.ConvertAll(row, value => (float)value))]));

        using var components = PrincipalComponents.Exact([Dense(rows)]);
        double[][] expected = Columns(components.Directions);
        for (int k = 0; k < 20; k++)
        {
            Assert.All(Enumerable.Range(0, 48), i => Assert.Equal(expected[k][i], managed.Loadings.Span[(i * 20) + k], 1e-5));
        }
    }

    [Fact]
    public void Exact_FewerRowsThanColumns_OrthonormalAllTheSame()
    {
        using DisposeScope scope = NewDisposeScope();

        using var components = PrincipalComponents.Exact([Dense(DecayingRows(3, 10, 0.9, seed: 3))]);

        AssertOrthonormal(Columns(components.Directions));
    }

    [Fact]
    public void Randomised_DecayingSpectrum_CapturesTheVarianceOfTheExact()
    {
        using DisposeScope scope = NewDisposeScope();
        double[][] rows = DecayingRows(150, 40, 0.9, seed: 4);
        DenseRows set = Dense(rows);

        using var components = PrincipalComponents.Randomised([set], 8, new Random(1));

        (double[] values, _) = PlainEigen.Jacobi(PlainEigen.Scatter(rows));
        double[] captured = Variances(Project(components, set));
        Assert.Equal(8, captured.Length);
        AssertOrthonormal(Columns(components.Directions));
        for (int m = 1; m <= 8; m++)
        {
            Assert.InRange(captured[..m].Sum() / values[..m].Sum(), 0.99, 1.0001);
        }
    }

    [Fact]
    public void Randomised_WideSparseRows_EqualsTheirDenseFormAndTheGramMatrix()
    {
        using DisposeScope scope = NewDisposeScope();
        const int Width = 1300;
        const int Count = 40;
        var random = new Random(5);
        var dense = new float[Count * Width];
        var starts = new List<int> { 0 };
        var indices = new List<int>();
        var values = new List<float>();
        for (int row = 0; row < Count; row++)
        {
            foreach (int column in Enumerable.Range(0, 25).Select(_ => (int)(Width * Math.Pow(random.NextDouble(), 3))).Distinct().Order())
            {
                float value = 1 + Synthetic.Gaussian(random);
                dense[row * Width + column] = value;
                indices.Add(column);
                values.Add(value);
            }
            starts.Add(values.Count);
        }
        var sparseRows = new SparseRows([.. starts], [.. indices], [.. values], Width);
        var denseRows = RowsOf.Dense(dense, Count, Width);

        using var fromSparse = PrincipalComponents.Randomised([sparseRows], 20, new Random(1));
        using var fromDense = PrincipalComponents.Randomised([denseRows], 20, new Random(1));

        double[] sparseVariances = Variances(Project(fromSparse, sparseRows));
        double[] denseVariances = Variances(Project(fromDense, denseRows));
        (double[] expected, _) = PlainEigen.Jacobi(CentredGram(dense, Count, Width));
        AssertOrthonormal(Columns(fromSparse.Directions));
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(denseVariances[i], sparseVariances[i], 1e-3 * denseVariances[0]);
        }
        foreach (int m in new[] { 1, 5, 20 })
        {
            Assert.InRange(sparseVariances[..m].Sum() / expected[..m].Sum(), 0.99, 1.0001);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Randomised_MoreRowsThanTheRowSideMayHave_CapturesTheVarianceOfTheExact(bool sparse)
    {
        using DisposeScope scope = NewDisposeScope();
        double[][] rows = DecayingRows(9_000, 40, 0.9, seed: 4);
        VectorRows set = Dense(rows);
        if (sparse)
        {
            set = new SparseRows(
                [.. Enumerable.Range(0, rows.Length + 1).Select(i => i * 40)], [.. rows.SelectMany(_ => Enumerable.Range(0, 40))],
                [.. rows.SelectMany(row => row.Select(v => (float)v))], 40);
        }

        using var components = PrincipalComponents.Randomised([set], 8, new Random(1), maxRowSideValues: 1);

        (double[] values, _) = PlainEigen.Jacobi(PlainEigen.Scatter(rows));
        double[] captured = Variances(Project(components, set));
        Assert.Equal([40L, 8L], components.Directions.shape);
        AssertOrthonormal(Columns(components.Directions));
        for (int m = 1; m <= 8; m++)
        {
            Assert.InRange(captured[..m].Sum() / values[..m].Sum(), 0.99, 1.0001);
        }
    }

    [Fact]
    public void Randomised_SetsOneBelowTheOther_SameAsOneSet()
    {
        using DisposeScope scope = NewDisposeScope();
        double[][] rows = DecayingRows(60, 20, 0.8, seed: 6);

        using var one = PrincipalComponents.Randomised([Dense(rows)], 5, new Random(1));
        using var two = PrincipalComponents.Randomised([Dense(rows[..25]), Dense(rows[25..])], 5, new Random(1));

        Assert.All(Columns(one.Directions).Zip(Columns(two.Directions)), pair => Assert.Equal(1, Dot(pair.First, pair.Second), 1e-3));
    }

    [Theory]
    [InlineData(5, 8)]
    [InlineData(1, 3)]
    public void Randomised_FewerRowsThanAskedFor_AsManyDirectionsAsRows(int count, int rank)
    {
        using DisposeScope scope = NewDisposeScope();

        using var components = PrincipalComponents.Randomised([Dense(DecayingRows(count, 30, 0.9, seed: 7))], rank, new Random(1));

        Assert.Equal([30L, count], components.Directions.shape);
        AssertOrthonormal(Columns(components.Directions));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void EitherWay_RowsAllZero_OrthonormalDirectionsAndNoVariance(bool exact)
    {
        using DisposeScope scope = NewDisposeScope();
        var set = RowsOf.Dense(new float[60], 6, 10);

        using PrincipalComponents components = exact ? PrincipalComponents.Exact([set])
            : PrincipalComponents.Randomised([set], 4, new Random(1));

        AssertOrthonormal(Columns(components.Directions));
        Assert.All(Variances(Project(components, set)), variance => Assert.Equal(0, variance));
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(5f)]
    public void ToHead_RandomMap_EqualsMappedCoordinates(float shift)
    {
        using DisposeScope scope = NewDisposeScope();
        const int Count = 30, Width = 9, Outputs = 4;
        double[][] rows = [.. DecayingRows(Count, Width, 0.9, seed: 8).Select(row => row.Select(v => v + shift).ToArray())];
        DenseRows set = Dense(rows);
        var examples = new ExampleSet { Vectors = new Dictionary<VectorRole, VectorRows> { [VectorRole.Anchor] = set } };
        using TrainingSpace space = TrainingSpace.Of(examples, Outputs, new Random(1));
        Tensor map = tensor([.. Enumerable.Range(0, Width * Outputs).Select(i => MathF.Sin(i))], [Width, Outputs]);
        Tensor bias = tensor(new float[] { 1, -2, 3, 0.5f });

        LinearHead head = space.ToHead(map, bias, [2, 4], null);

        float[] mapped = RowProducts.ToArray(space.Coordinates(VectorRole.Anchor, [.. Enumerable.Range(0, Count)]).mm(map) + bias);
        var output = new float[Outputs];
        for (int row = 0; row < Count; row++)
        {
            head.Apply(Synthetic.ValuesOf(set).AsSpan(row * Width, Width), output);
            for (int k = 0; k < Outputs; k++)
            {
                Assert.Equal(space.Scale * mapped[row * Outputs + k], output[k], 2e-4);
            }
        }
    }

    [Theory]
    [InlineData(1e-9)]
    [InlineData(1)]
    [InlineData(1e9)]
    public void Of_VectorsOfAnySize_CoordinatesOfMeanLengthOne(double size)
    {
        using DisposeScope scope = NewDisposeScope();
        double[][] rows = [.. DecayingRows(50, 6, 0.9, seed: 9).Select(row => row.Select(v => v * size).ToArray())];
        var examples = new ExampleSet
        {
            Vectors =
                new Dictionary<VectorRole, VectorRows> { [VectorRole.Anchor] = Dense(rows[..20]),
                [VectorRole.Positive] = Dense(rows[20..40]), [VectorRole.Negative] = Dense(rows[30..]) },
        };

        using TrainingSpace space = TrainingSpace.Of(examples, 6, new Random(1));

        Assert.Equal([VectorRole.Anchor, VectorRole.Positive, VectorRole.Negative], space.Roles);
        double squares = RowProducts.ToArray(space.Coordinates([.. Enumerable.Range(0, 20)])).Sum(v => (double)v * v);
        Assert.Equal(1, squares / 60, 1e-4);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Of_SomeRowsFitted_IsTheSpaceOfThoseRowsAlone(bool sparse)
    {
        using DisposeScope scope = NewDisposeScope();
        const int Count = 60, Outputs = 5;
        // Wide enough for the randomised decomposition where sparse; the rows that are left out lie far away.
        int width = sparse ? VectorRowsBuilder.SparseAbove + 100 : 12;
        int[] fitted = [.. Enumerable.Range(0, Count).Where(i => i % 7 is not (2 or 3))];
        float[][] left = Rows(1), right = Rows(2);

        using TrainingSpace space = TrainingSpace.Of(Set(left, right), Outputs, new Random(3), fitted: fitted);

        using TrainingSpace alone = TrainingSpace.Of(
            Set([.. fitted.Select(i => left[i])], [.. fitted.Select(i => right[i])]), Outputs, new Random(3));
        using TrainingSpace all = TrainingSpace.Of(Set(left, right), Outputs, new Random(3));
        Assert.Equal(alone.Scale, space.Scale, 1e-6 * alone.Scale);
        Assert.NotEqual(all.Scale, space.Scale, 0.1 * all.Scale);
        LinearHead head = Head(space), ofAlone = Head(alone);
        AssertClose(ofAlone.Weights.ToArray(), head.Weights.ToArray());
        AssertClose(ofAlone.Bias.ToArray(), head.Bias.ToArray());
        float[] coordinates = RowProducts.ToArray(
            space.Coordinates(VectorRole.Positive, [.. Enumerable.Range(0, Count)]).narrow(1, 0, Outputs).contiguous());
        AssertClose(
            [.. right.SelectMany(row => head.Apply(new Example { Input = Example.Dense(row) })).Select(v => (float)(v / space.Scale))],
            coordinates);

        LinearHead Head(TrainingSpace space)
        {
            (Tensor map, Tensor bias) = space.PcaMap(Outputs);
            return space.ToHead(map, bias, [Outputs], null);
        }

        ExampleSet Set(float[][] anchors, float[][] positives) =>
            new() { Vectors =
                new Dictionary<VectorRole, VectorRows> { [VectorRole.Anchor] = Of(anchors), [VectorRole.Positive] = Of(positives) } };

        VectorRows Of(float[][] rows)
        {
            if (!sparse)
            {
                return RowsOf.Dense([.. rows.SelectMany(row => row)], rows.Length, width);
            }
            int[][] places = [.. rows.Select(row => Enumerable.Range(0, width).Where(k => row[k] != 0).ToArray())];
            int[] starts = [0, .. places.Select((_, i) => places[..(i + 1)].Sum(p => p.Length))];
            return new SparseRows(
                starts, [.. places.SelectMany(p => p)], [.. places.SelectMany((p, i) => p.Select(k => rows[i][k]))], width);
        }

        float[][] Rows(int seed)
        {
            var random = new Random(seed);
            return
            [
                .. Enumerable.Range(0, Count).Select(i =>
                {
                    var row = new float[width];
                    for (int k = 0; k < 8; k++)
                    {
                        row[k] = (10 - k) * Synthetic.Gaussian(random) + (i % 7 is 2 or 3 ? 100 * (k - 5) : 0);
                    }
                    return row;
                }),
            ];
        }

        void AssertClose(float[] expected, float[] actual) =>
            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-3));
    }

    private static double[][] DecayingRows(int count, int width, double decay, int seed)
    {
        // Columns are mixed by a fixed turn, so that no direction lies along an axis.
        var random = new Random(seed);
        return
        [
            .. Enumerable.Range(0, count).Select(_ =>
            {
                double[] row = [.. Enumerable.Range(0, width).Select(k => Math.Pow(decay, k) * Synthetic.Gaussian(random))];
                for (int k = 1; k < width; k++)
                {
                    (row[k - 1], row[k]) = (0.8 * row[k - 1] - 0.6 * row[k], 0.6 * row[k - 1] + 0.8 * row[k]);
                }
                return row.Select(v => (double)(float)(v + 0.1)).ToArray();
            }),
        ];
    }

    private static DenseRows Dense(double[][] rows) =>
        RowsOf.Dense([.. rows.SelectMany(row => row.Select(v => (float)v))], rows.Length, rows[0].Length);

    private static Tensor Project(PrincipalComponents components, VectorRows rows)
    {
        var blocks = new List<Tensor>();
        components.Project(rows, block => blocks.Add(block.clone().MoveToOuterDisposeScope().MoveToOuterDisposeScope()));
        return cat(blocks, 0);
    }

    private static double[][] Columns(Tensor matrix)
    {
        float[] values = RowProducts.ToArray(matrix);
        int columns = (int)matrix.shape[1];
        return [.. Enumerable.Range(0, columns)
            .Select(c => Enumerable.Range(0, values.Length / columns).Select(r => (double)values[r * columns + c]).ToArray())];
    }

    private static double[] Variances(Tensor projected) => [.. Columns(projected).Select(column => column.Sum(v => v * v))];

    private static double Dot(double[] left, double[] right) => left.Zip(right, (a, b) => a * b).Sum();

    private static void AssertOrthonormal(double[][] columns)
    {
        for (int i = 0; i < columns.Length; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                Assert.Equal(i == j ? 1 : 0, Dot(columns[i], columns[j]), 1e-4);
            }
        }
    }

    /// <summary>The products of centred rows; its eigenvalues are those of the scatter matrix.</summary>
    private static double[,] CentredGram(float[] values, int count, int width)
    {
        double[] mean = [
            .. Enumerable.Range(0, width).Select(k => Enumerable.Range(0, count).Average(row => (double)values[row * width + k]))];
        var gram = new double[count, count];
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < count; j++)
            {
                for (int k = 0; k < width; k++)
                {
                    gram[i, j] += (values[i * width + k] - mean[k]) * (values[j * width + k] - mean[k]);
                }
            }
        }
        return gram;
    }
}
