using Microsoft.ML.Mrl.TorchSharp.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Losses;

/// <summary>Losses that work out their value and gradient themselves, against libtorch's own differentiation.</summary>
[Collection(TorchCollection.Name)]
public class FusedLossTests
{
    public static TheoryData<LossKind> Kinds =>
        [LossKind.InfoNce, LossKind.InfoNceWithNegatives, LossKind.InfoNceExcludingOneWay, LossKind.SharedSoftmax,
        LossKind.SharedSoftmaxSmoothed, LossKind.CosineSoftmax];

    public static TheoryData<LossKind, int, int, int[], float[]> Shapes
    {
        get
        {
            var data = new TheoryData<LossKind, int, int, int[], float[]>();
            foreach (LossKind kind in Kinds)
            {
                data.Add(kind, 1, 5, [2, 5], [1, 1]);
                data.Add(kind, 32, 16, [16], [2]);
                data.Add(kind, 33, 37, [1, 2, 9, 37], [1, 0.5f, 0, 3]);
                data.Add(kind, 70, 96, [3, 6, 12, 24, 48], [1, 1, 1, 1, 1]);
                data.Add(kind, 130, 65, [7, 65], [0, 1]);
                // Dimensions that are and that are not worked on as narrow columns, and more rows than make 32 chunks of 32.
                data.Add(kind, 21, 150, [5, 95, 97, 150], [1, 2, 0.5f, 1]);
                data.Add(kind, 41, 250, [6, 191, 193, 250], [1, 2, 0.5f, 1]);
                data.Add(kind, 1030, 6, [3, 6], [1, 1]);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Forward_ValuesAndGradients_EqualTheGeneralWayAndCutting(
        LossKind kind, int rows, int width, int[] dimensions, float[] weights)
    {
        using DisposeScope scope = NewDisposeScope();
        var losses = new LossCase(kind, rows, width, dimensions.ToDimensions(), ScalarType.Float32, seed: 11);
        using EmbeddingLoss inner = losses.CreateLoss();
        var nested = new MatryoshkaLoss(inner, losses.Dimensions, weights);
        Assert.NotNull(inner.ForwardFused(losses.CreateBatch(), losses.Dimensions, weights));

        (double value, double[][] gradients) = Differentiate(nested.Forward, losses, inner);

        // The gradient of a cosine grows as a prefix gets shorter than 1, and its rounding with it.
        double rounding = 1e-6 * Math.Max(
            10, kind is LossKind.SharedSoftmax or LossKind.SharedSoftmaxSmoothed ? 1 : 1 / losses.ShortestPrefix);
        foreach (Func<EmbeddingBatch, Tensor> way in new Func<EmbeddingBatch, Tensor>[] { nested.ForwardGeneral, nested.ForwardByCutting })
        {
            (double expected, double[][] expectedGradients) = Differentiate(way, losses, inner);
            Assert.Equal(expected, value, 1e-5 * Math.Max(1, Math.Abs(expected)));
            for (int part = 0; part < gradients.Length; part++)
            {
                double largest = expectedGradients[part].Select(Math.Abs).Append(1).Max();
                Assert.All(expectedGradients[part].Zip(gradients[part]), g => Assert.Equal(g.First, g.Second, rounding * largest));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Forward_VectorsOfZeros_EqualsTheGeneralWay(LossKind kind, int rows, int width, int[] dimensions, float[] weights)
    {
        using DisposeScope scope = NewDisposeScope();
        var losses = new LossCase(kind, rows, width, dimensions.ToDimensions(), ScalarType.Float32, seed: 10);
        // A row of zeros, and one that is zero in all values but the last.
        losses.Anchors.AsSpan(0, width - 1).Clear();
        losses.Positives.AsSpan((rows - 1) * width, width).Clear();
        using EmbeddingLoss inner = losses.CreateLoss();
        var nested = new MatryoshkaLoss(inner, losses.Dimensions, weights);

        (double value, double[][] gradients) = Differentiate(nested.Forward, losses, inner);

        (double expected, double[][] expectedGradients) = Differentiate(nested.ForwardGeneral, losses, inner);
        Assert.Equal(expected, value, 1e-5 * Math.Max(1, Math.Abs(expected)));
        for (int part = 0; part < gradients.Length; part++)
        {
            AssertRowsClose(expectedGradients[part], gradients[part], width);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void ForwardFused_NotSinglePrecisionOrNoGradientWanted_LeftToTheGeneralWay(LossKind kind)
    {
        using DisposeScope scope = NewDisposeScope();
        var doubles = new LossCase(kind, 4, 6, [2, 6], ScalarType.Float64, seed: 12);
        var singles = new LossCase(kind, 4, 6, [2, 6], ScalarType.Float32, seed: 12);
        using EmbeddingLoss ofDoubles = doubles.CreateLoss();
        using EmbeddingLoss ofSingles = singles.CreateLoss();

        Assert.Null(ofDoubles.ForwardFused(doubles.CreateBatch(), doubles.Dimensions, [1, 1]));
        using (no_grad())
        {
            Assert.Null(ofSingles.ForwardFused(singles.CreateBatch(), singles.Dimensions, [1, 1]));
            Assert.Equal(
                singles.Dimensions.Sum(singles.PlainValue),
                new MatryoshkaLoss(ofSingles, [2, 6]).Forward(singles.CreateBatch()).item<float>(), 1e-4);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Forward_ResultTimesAFactor_GradientTimesThatFactor(LossKind kind)
    {
        using DisposeScope scope = NewDisposeScope();
        var losses = new LossCase(kind, 6, 8, [2, 8], ScalarType.Float32, seed: 13);
        using EmbeddingLoss inner = losses.CreateLoss();
        var nested = new MatryoshkaLoss(inner, losses.Dimensions);

        (double once, double[][] gradients) = Differentiate(nested.Forward, losses, inner);
        (double thrice, double[][] tripled) = Differentiate(batch => nested.Forward(batch).Times(3), losses, inner);

        Assert.Equal(3 * once, thrice, 1e-5 * Math.Abs(thrice));
        Assert.All(
            gradients.Zip(tripled), pair =>
                Assert.All(pair.First.Zip(pair.Second), g => Assert.Equal(3 * g.First, g.Second, 1e-5 * Math.Max(1, Math.Abs(g.Second)))));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Forward_AnEmbeddingIsNotANumber_NeitherIsTheLoss(LossKind kind)
    {
        foreach (double bad in new[] { double.NaN, double.PositiveInfinity })
        {
            using DisposeScope scope = NewDisposeScope();
            var losses = new LossCase(kind, 40, 19, [4, 19], ScalarType.Float32, seed: 14);
            losses.Anchors[^1] = bad;
            using EmbeddingLoss inner = losses.CreateLoss();

            (double value, _) = Differentiate(new MatryoshkaLoss(inner, losses.Dimensions).Forward, losses, inner);

            Assert.False(double.IsFinite(value), $"With {bad} the loss is {value}.");
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Forward_LogitsFarApart_ValueOfPlainLoops(LossKind kind)
    {
        using DisposeScope scope = NewDisposeScope();
        var losses = new LossCase(kind, 21, 16, [4, 16], ScalarType.Float32, seed: 15);
        foreach (double[] numbers in losses.Inputs)
        {
            for (int i = 0; i < numbers.Length; i++)
            {
                numbers[i] *= 300;
            }
        }
        using EmbeddingLoss inner = losses.CreateLoss();

        (double value, double[][] gradients) = Differentiate(new MatryoshkaLoss(inner, losses.Dimensions).Forward, losses, inner);

        double expected = losses.Dimensions.Sum(losses.PlainValue);
        Assert.Equal(expected, value, 1e-5 * Math.Max(1, expected));
        Assert.All(gradients, part => Assert.All(part, g => Assert.True(double.IsFinite(g))));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Forward_OneOrThreeThreads_SameBytesButForLibtorchsProducts(LossKind kind)
    {
        using DisposeScope scope = NewDisposeScope();
        // So small that libtorch does not share its products among threads.
        var losses = new LossCase(kind, 100, 12, [3, 12], ScalarType.Float32, seed: 16);
        using EmbeddingLoss inner = losses.CreateLoss();
        var nested = new MatryoshkaLoss(inner, losses.Dimensions);
        int before = get_num_threads();
        try
        {
            set_num_threads(1);
            (double value, double[][] gradients) = Differentiate(nested.Forward, losses, inner);
            set_num_threads(3);
            (double again, double[][] gradientsAgain) = Differentiate(nested.Forward, losses, inner);

            Assert.Equal(value, again);
            Assert.Equal(gradients, gradientsAgain);
        }
        finally
        {
            set_num_threads(before);
        }
    }

    [Theory]
    [InlineData(LossKind.SharedSoftmax, -1)]
    [InlineData(LossKind.SharedSoftmax, 3)]
    [InlineData(LossKind.CosineSoftmax, -1)]
    [InlineData(LossKind.CosineSoftmax, 3)]
    public void Softmax_LabelThatIsNoClass_LeftToTheGeneralWay(LossKind kind, long label)
    {
        using DisposeScope scope = NewDisposeScope();
        var losses = new LossCase(kind, 3, 4, [2, 4], ScalarType.Float32, seed: 17);
        using EmbeddingLoss inner = losses.CreateLoss();

        Assert.Null(
            inner.ForwardFused(
                new EmbeddingBatch(losses.CreateBatch()) { Labels = tensor(new[] { 0, label, 1 }) }, losses.Dimensions, [1, 1]));
    }

    [Fact]
    public void Forward_ManySteps_KeepsNoTensors()
    {
        var losses = new LossCase(LossKind.InfoNceWithNegatives, 8, 8, [2, 5, 8], ScalarType.Float32, seed: 18);
        using EmbeddingLoss inner = losses.CreateLoss();
        var nested = new MatryoshkaLoss(inner, losses.Dimensions);
        Step();
        long before = Tensor.TotalCount;
        for (int i = 0; i < 20; i++)
        {
            Step();
        }

        Assert.Equal(before, Tensor.TotalCount);

        void Step()
        {
            using DisposeScope scope = NewDisposeScope();
            nested.Forward(losses.CreateBatch()).backward();
        }
    }

    private static (double Value, double[][] Gradients) Differentiate(
        Func<EmbeddingBatch, Tensor> forward, LossCase losses, EmbeddingLoss loss)
    {
        EmbeddingBatch batch = losses.CreateBatch();
        foreach (Tensor parameter in loss.Parameters)
        {
            parameter.grad?.zero_();
        }
        Tensor value = forward(batch);
        value.backward();
        return (value.to(ScalarType.Float64)
            .item<double>(), [.. LossCase.LeavesOf(batch).Concat(loss.Parameters).Select(leaf => LossCase.Values(leaf.grad!))]);
    }

    /// <summary>Row by row, since the gradient of a row of zeros is 1e12 times as large as that of others. Where a softmax is all but sure,
    /// 1 − p rounds to about 1e-4 of itself in either way.</summary>
    private static void AssertRowsClose(double[] expected, double[] actual, int width)
    {
        Assert.Equal(expected.Length, actual.Length);
        double usual = expected.Select(Math.Abs).Where(e => e < 1e6).Append(1).Max();
        for (int i = 0; i < expected.Length; i++)
        {
            double largest = expected.Skip(i / width * width).Take(width).Select(Math.Abs).Append(usual).Max();
            Assert.True(
                Math.Abs(expected[i] - actual[i]) <= 1e-4 * largest,
                $"Number {i} is {actual[i]}, expected {expected[i]} (largest {largest}).");
        }
    }
}
