using System.Numerics.Tensors;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Σ_m w_m CE(W[:, :m] z + b, y) and its gradient, worked out together, row by row while the row is in cache: G_m = w/B (softmax − own), and block k..m of
/// ∂L/∂z is (Σ_{m' ≥ m} G_m') · W[:, k:m], of ∂L/∂W its transpose times z[:, k:m]; ∂L/∂b sums the columns of Σ G over all m.
/// </summary>
internal static class NestedSoftmax
{
    /// <summary>The loss, or <see langword="null"/> where only the general way will do.</summary>
    /// <param name="rows">z, <c>[B, D]</c>.</param>
    /// <param name="weight">W, <c>[C, D]</c>.</param>
    /// <param name="bias">b, <c>[C]</c>.</param>
    /// <param name="labels">y, int64 <c>[B]</c> in 0..C−1.</param>
    /// <param name="dimensions">The prefix lengths m.</param>
    /// <param name="weights">w_m.</param>
    public static Tensor? Loss(Tensor rows, Tensor weight, Tensor bias, Tensor labels, MatryoshkaDimensions dimensions, IReadOnlyList<float> weights)
    {
        if (!KnownGradient.Fits(rows, weight, bias) || rows.dim() != 2 || weight.shape[1] < dimensions.Largest
            || (long)dimensions.Count * rows.shape[0] * bias.shape[0] > int.MaxValue / sizeof(float) || LabelsOf(labels, rows.shape[0], bias.shape[0]) is not { } numbers)
        {
            return null;
        }
        rows = rows.narrow(1, 0, dimensions.Largest);
        weight = weight.narrow(1, 0, dimensions.Largest);
        (double value, Tensor rowGradient, Tensor weightGradient, Tensor biasGradient) =
            Differentiate(rows.detach().contiguous(), weight.detach().contiguous(), bias.detach().contiguous(), numbers, dimensions, weights);
        return KnownGradient.Scalar(value, (rows, rowGradient), (weight, weightGradient), (bias, biasGradient));
    }

    private static (double Value, Tensor RowGradient, Tensor WeightGradient, Tensor BiasGradient) Differentiate(
        Tensor rows, Tensor weight, Tensor bias, long[] labels, MatryoshkaDimensions dimensions, IReadOnlyList<float> weights)
    {
        using IDisposable noGradients = no_grad();
        int count = dimensions.Count;
        int classes = (int)bias.shape[0];

        // [M, B, C]: first the products of each block alone, then the logits at each dimension, then Σ_{m' ≥ m} G_m'.
        using Tensor matrices = PrefixBlocks.Products(rows, weight, dimensions);
        var values = new double[RowChunks.Count(labels.Length)];
        RowChunks.ForEach(labels.Length, (chunk, from, to) =>
        {
            Span<float> all = KnownGradient.Numbers(matrices);
            ReadOnlySpan<float> start = KnownGradient.Numbers(bias);
            Span<float> running = new float[classes];
            Span<float> exponentials = new float[classes];
            Span<float> zeros = new float[classes];
            Span<float> largest = stackalloc float[count];
            double value = 0;
            for (int row = from; row < to; row++)
            {
                int own = (int)labels[row];
                start.CopyTo(running);
                for (int m = 0; m < count; m++)
                {
                    largest[m] = SoftmaxRow.Accumulate(running, all.Slice((m * labels.Length + row) * classes, classes));
                }
                ReadOnlySpan<float> wider = zeros;
                for (int m = count - 1; m >= 0; m--)
                {
                    Span<float> logits = all.Slice((m * labels.Length + row) * classes, classes);
                    float sum = SoftmaxRow.Exponentials(logits, largest[m], exponentials);
                    float share = weights[m] / labels.Length;
                    value += (double)share * (Math.Log(sum) - (logits[own] - largest[m]));
                    exponentials[own] -= sum;
                    SoftmaxRow.Gradient(exponentials, share / sum, wider, logits);
                    wider = logits;
                }
                value += float.IsFinite(TensorPrimitives.Sum(running)) ? 0 : double.NaN;
            }
            values[chunk] = value;
        });

        Tensor rowGradient = zeros_like(rows);
        Tensor weightGradient = zeros_like(weight);
        PrefixBlocks.AddProducts(matrices, weight, rowGradient, dimensions, transposed: false);
        PrefixBlocks.AddProducts(matrices, rows, weightGradient, dimensions, transposed: true);
        return (values.Sum(), rowGradient, weightGradient, matrices.select(0, 0).sum([0L]));
    }

    /// <summary>The labels, or nothing where one of them is no class and libtorch knows best what to say.</summary>
    private static long[]? LabelsOf(Tensor labels, long rows, long classes)
    {
        if (labels.dtype != ScalarType.Int64 || labels.device_type != DeviceType.CPU || labels.dim() != 1 || labels.shape[0] != rows)
        {
            return null;
        }
        long[] numbers = labels.contiguous().data<long>().ToArray();
        return Array.TrueForAll(numbers, n => n >= 0 && n < classes) ? numbers : null;
    }
}
