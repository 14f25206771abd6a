using Microsoft.ML.Mrl.Vectors;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Losses;

/// <summary>What holds for every loss.</summary>
[Collection(TorchCollection.Name)]
public class EveryLossTests
{
    public static TheoryData<LossKind> Kinds => [.. Enum.GetValues<LossKind>()];

    public static TheoryData<LossKind, int, int, int[]> Shapes
    {
        get
        {
            var data = new TheoryData<LossKind, int, int, int[]>();
            foreach (LossKind kind in Enum.GetValues<LossKind>())
            {
                data.Add(kind, 5, 16, [4, 8, 16]);
                data.Add(kind, 9, 13, [1, 2, 5, 13]);
                data.Add(kind, 4, 11, [3, 7]);
                data.Add(kind, 33, 70, [8, 65]);
                data.Add(kind, 1, 6, [2, 6]);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Forward_AtEveryCut_EqualsPlainLoops(LossKind kind, int rows, int width, int[] dimensions)
    {
        using DisposeScope scope = NewDisposeScope();
        var losses = new LossCase(kind, rows, width, dimensions.ToDimensions(), ScalarType.Float64, seed: 1);
        using EmbeddingLoss loss = losses.CreateLoss();
        EmbeddingBatch batch = loss.Prepare(losses.CreateBatch());

        foreach (int m in dimensions)
        {
            Assert.Equal(losses.PlainValue(m), loss.Forward(batch.Cut(m, loss.UnitLength)).item<double>(), 1e-10);
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void ForwardNested_ValuesAndGradients_EqualCuttingEachTime(LossKind kind, int rows, int width, int[] dimensions)
    {
        using DisposeScope scope = NewDisposeScope();
        var losses = new LossCase(kind, rows, width, dimensions.ToDimensions(), ScalarType.Float32, seed: 2);
        using EmbeddingLoss inner = losses.CreateLoss();
        var nested = new MatryoshkaLoss(inner, losses.Dimensions, [.. dimensions.Select((_, i) => 1f / (1 + i))]);

        (double value, double[][] gradients) = Differentiate(nested.Forward, losses, inner);
        (double expected, double[][] expectedGradients) = Differentiate(nested.ForwardByCutting, losses, inner);

        Assert.Equal(expected, value, 1e-5 * Math.Max(1, Math.Abs(expected)));
        AssertClose(expectedGradients, gradients, kind == LossKind.CosineSoftmax ? 1e-6 * Math.Max(10, 1 / losses.ShortestPrefix) : 1e-5);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Gradient_AtEveryDimension_EqualsFiniteDifferencesOfPlainLoops(LossKind kind)
    {
        using DisposeScope scope = NewDisposeScope();
        var losses = new LossCase(kind, 4, 7, [1, 2, 5, 7], ScalarType.Float64, seed: 3);
        using EmbeddingLoss inner = losses.CreateLoss();
        foreach (int m in losses.Dimensions)
        {
            var nested = new MatryoshkaLoss(inner, [m]);
            (_, double[][] gradients) = Differentiate(nested.Forward, losses, inner);
            for (int part = 0; part < losses.Inputs.Count; part++)
            {
                AssertClose(Slopes(losses.Inputs[part], m), gradients[part], 1e-4);
            }
        }

        double[] Slopes(double[] values, int m)
        {
            const double Step = 1e-6;
            var slopes = new double[values.Length];
            for (int i = 0; i < values.Length; i++)
            {
                double before = values[i];
                values[i] = before + Step;
                double above = losses.PlainValue(m);
                values[i] = before - Step;
                double below = losses.PlainValue(m);
                values[i] = before;
                slopes[i] = (above - below) / (2 * Step);
            }
            return slopes;
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Forward_RowsInAnotherOrder_SameValue(LossKind kind)
    {
        using DisposeScope scope = NewDisposeScope();
        var losses = new LossCase(kind, 8, 12, [3, 12], ScalarType.Float64, seed: 4);
        using EmbeddingLoss inner = losses.CreateLoss();
        var nested = new MatryoshkaLoss(inner, losses.Dimensions);
        EmbeddingBatch batch = losses.CreateBatch();
        long[] numbers = [5, 2, 7, 0, 1, 6, 4, 3];
        Tensor order = tensor(numbers);
        // Negatives come in two blocks, each in the order of the rows.
        Tensor candidates = tensor((long[])[.. numbers, .. numbers.Select(n => n + 8), .. numbers.Select(n => n + 16)]);
        EmbeddingBatch shuffled = new EmbeddingBatch(batch)
        {
            Anchors = batch.Anchors.index_select(0, order),
            Positives = batch.Positives?.index_select(0, order),
            Negatives = batch.Negatives?.index_select(0, tensor((long[])[.. numbers, .. numbers.Select(n => n + 8)])),
            Originals = batch.Originals!.index_select(0, order),
            Teachers = batch.Teachers!.index_select(0, order),
            FalseNegatives = batch.FalseNegatives?.index_select(0, order).index_select(1, candidates),
            Labels = batch.Labels!.index_select(0, order),
            Scores = batch.Scores!.index_select(0, order),
        };

        Assert.Equal(nested.Forward(batch).item<double>(), nested.Forward(shuffled).item<double>(), 1e-10);
    }

    [Theory]
    [InlineData(LossKind.InfoNce)]
    [InlineData(LossKind.InfoNceWithNegatives)]
    [InlineData(LossKind.InfoNceSymmetric)]
    [InlineData(LossKind.InfoNceExcluding)]
    [InlineData(LossKind.InfoNceExcludingOneWay)]
    [InlineData(LossKind.CoSent)]
    [InlineData(LossKind.AnglE)]
    [InlineData(LossKind.CosineMse)]
    [InlineData(LossKind.Triplet)]
    [InlineData(LossKind.SameLabel)]
    [InlineData(LossKind.CosineSoftmax)]
    [InlineData(LossKind.Unsupervised)]
    [InlineData(LossKind.Distillation)]
    public void Forward_CosineLossOfRescaledRows_SameValue(LossKind kind)
    {
        using DisposeScope scope = NewDisposeScope();
        var losses = new LossCase(kind, 6, 10, [2, 5, 10], ScalarType.Float64, seed: 5);
        using EmbeddingLoss inner = losses.CreateLoss();
        var nested = new MatryoshkaLoss(inner, losses.Dimensions);
        double before = nested.Forward(losses.CreateBatch()).item<double>();
        foreach (double[] input in losses.Inputs)
        {
            for (int i = 0; i < input.Length; i++)
            {
                input[i] *= Math.Pow(10, i / losses.Width - 3);
            }
        }

        Assert.Equal(before, nested.Forward(losses.CreateBatch()).item<double>(), 1e-9);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Forward_ZeroVectors_FiniteValueAndGradient(LossKind kind)
    {
        using DisposeScope scope = NewDisposeScope();
        var losses = new LossCase(kind, 5, 8, [1, 4, 8], ScalarType.Float32, seed: 6);
        // Row 0 is zero on one side, row 1 on both, row 2 is zero in its first values alone, and row 3 is so short that its square is no
        // longer a number above 0.
        losses.Anchors.AsSpan(0, 16).Clear();
        losses.Positives.AsSpan(8, 8).Clear();
        losses.Anchors.AsSpan(16, 4).Clear();
        losses.Anchors.AsSpan(24, 8).Fill(1e-30);
        losses.Negatives.AsSpan().Clear();
        using EmbeddingLoss inner = losses.CreateLoss();
        var nested = new MatryoshkaLoss(inner, losses.Dimensions);

        foreach (Func<EmbeddingBatch, Tensor> forward in new Func<EmbeddingBatch, Tensor>[] { nested.Forward, nested.ForwardByCutting })
        {
            (double value, double[][] gradients) = Differentiate(forward, losses, inner);

            Assert.True(double.IsFinite(value), $"The loss is {value}.");
            Assert.All(gradients, part => Assert.All(part, number => Assert.True(double.IsFinite(number), $"A gradient is {number}.")));
            Assert.Equal(losses.Dimensions.Sum(losses.PlainValue), value, 1e-4);
        }
    }

    [Theory]
    [InlineData(LossKind.InfoNce)]
    [InlineData(LossKind.CoSent)]
    [InlineData(LossKind.AnglE)]
    [InlineData(LossKind.SameLabel)]
    [InlineData(LossKind.Unsupervised)]
    [InlineData(LossKind.Distillation)]
    public void Forward_BatchOfOnePair_ZeroValueAndGradient(LossKind kind)
    {
        using DisposeScope scope = NewDisposeScope();
        var losses = new LossCase(kind, 1, 6, [2, 6], ScalarType.Float32, seed: 7);
        using EmbeddingLoss inner = losses.CreateLoss();

        (double value, double[][] gradients) = Differentiate(new MatryoshkaLoss(inner, losses.Dimensions).Forward, losses, inner);

        Assert.Equal(0, value, 1e-6);
        Assert.All(gradients, part => Assert.All(part, number => Assert.Equal(0, number, 1e-6)));
    }

    [Theory]
    [InlineData(LossKind.InfoNce, "Positives")]
    [InlineData(LossKind.CoSent, "Positives")]
    [InlineData(LossKind.CoSent, "Scores")]
    [InlineData(LossKind.AnglE, "Positives")]
    [InlineData(LossKind.AnglE, "Scores")]
    [InlineData(LossKind.CosineMse, "Positives")]
    [InlineData(LossKind.CosineMse, "Scores")]
    [InlineData(LossKind.Triplet, "Positives")]
    [InlineData(LossKind.Triplet, "Negatives")]
    [InlineData(LossKind.SameLabel, "Labels")]
    [InlineData(LossKind.Unsupervised, "Originals")]
    [InlineData(LossKind.Distillation, "Teachers")]
    [InlineData(LossKind.Softmax, "Labels")]
    [InlineData(LossKind.SharedSoftmax, "Labels")]
    [InlineData(LossKind.CosineSoftmax, "Labels")]
    public void Forward_BatchLacksAPart_ErrorNamesIt(LossKind kind, string part)
    {
        using DisposeScope scope = NewDisposeScope();
        var losses = new LossCase(kind, 3, 6, [2, 6], ScalarType.Float32, seed: 8);
        using EmbeddingLoss inner = losses.CreateLoss();
        EmbeddingBatch batch = losses.CreateBatch();
        batch = part switch
        {
            "Positives" => new EmbeddingBatch(batch) { Positives = null },
            "Negatives" => new EmbeddingBatch(batch) { Negatives = null },
            "Scores" => new EmbeddingBatch(batch) { Scores = null },
            "Originals" => new EmbeddingBatch(batch) { Originals = null },
            "Teachers" => new EmbeddingBatch(batch) { Teachers = null },
            _ => new EmbeddingBatch(batch) { Labels = null },
        };
        var nested = new MatryoshkaLoss(inner, losses.Dimensions);

        foreach (
            Func<EmbeddingBatch, Tensor> forward in new Func<EmbeddingBatch, Tensor>[] { nested.Forward, inner.Forward,
            nested.ForwardByCutting })
        {
            var e = Assert.Throws<ArgumentException>(() => forward(batch));

            Assert.Equal("batch", e.ParamName);
            Assert.Contains($"needs EmbeddingBatch.{part}", e.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>The value, and the gradients of the inputs and then of what the loss learns.</summary>
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
            .item<double>(),
            [.. LossCase.LeavesOf(batch).Concat(loss.Parameters)
            .Select(leaf => leaf.grad is { } gradient ? LossCase.Values(gradient) : [])]);
    }

    private static void AssertClose(double[][] expected, double[][] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int part = 0; part < expected.Length; part++)
        {
            AssertClose(expected[part], actual[part], tolerance);
        }
    }

    private static void AssertClose(double[] expected, double[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        double largest = expected.Select(Math.Abs).Append(1).Max();
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(
                Math.Abs(expected[i] - actual[i]) <= tolerance * largest,
                $"Number {i} is {actual[i]}, expected {expected[i]} (largest {largest}).");
        }
    }
}
