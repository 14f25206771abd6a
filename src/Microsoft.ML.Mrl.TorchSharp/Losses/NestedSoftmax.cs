using System.Numerics.Tensors;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Microsoft.ML.Mrl.TorchSharp.Losses;

/// <summary>
/// Σ_m w_m CE(W[:, :m] z + b, y) and its gradient, worked out together, row by row while the row is in cache: G_m = w/B (softmax − target),
/// and block k..m of ∂L/∂z is (Σ_{m' ≥ m} G_m') · W[:, k:m], of ∂L/∂W its transpose times z[:, k:m]; ∂L/∂b sums the columns of Σ G over all
/// m.
/// </summary>
internal static class NestedSoftmax
{
    private const int RowsAtOnce = 32;

    /// <summary>The loss, or <see langword="null"/> where only the general way will do.</summary>
    /// <param name="rows">z, <c>[B, D]</c>.</param>
    /// <param name="weight">W, <c>[C, D]</c>.</param>
    /// <param name="bias">b, <c>[C]</c>.</param>
    /// <param name="labels">y, int64 <c>[B]</c> in 0..C−1.</param>
    /// <param name="dimensions">The prefix lengths m.</param>
    /// <param name="weights">w_m.</param>
    /// <param name="smoothing">ε, the share of the target that is spread evenly over all classes.</param>
    public static Tensor? Loss(
        Tensor rows, Tensor weight, Tensor bias, Tensor labels, MatryoshkaDimensions dimensions, IReadOnlyList<float> weights,
        float smoothing = 0)
    {
        if (!KnownGradient.Fits(rows, weight, bias) || rows.dim() != 2 || weight.shape[1] < dimensions.Largest
            || (long)dimensions.Count * rows.shape[0] * bias.shape[0] > int.MaxValue / sizeof(float)
                || LabelsOf(labels, rows.shape[0], bias.shape[0]) is not { } numbers)
        {
            return null;
        }
        rows = rows.shape[1] > dimensions.Largest ? rows.narrow(1, 0, dimensions.Largest) : rows;
        weight = weight.shape[1] > dimensions.Largest ? weight.narrow(1, 0, dimensions.Largest) : weight;
        (double value, Tensor rowGradient, Tensor weightGradient, Tensor biasGradient) =
            Differentiate(
                rows.detach().contiguous(), weight.detach().contiguous(), bias.detach().contiguous(), numbers, dimensions, weights,
                smoothing);
        return KnownGradient.Scalar(value, (rows, rowGradient), (weight, weightGradient), (bias, biasGradient));
    }

    private static (double Value, Tensor RowGradient, Tensor WeightGradient, Tensor BiasGradient) Differentiate(
        Tensor rows, Tensor weight, Tensor bias, long[] labels, MatryoshkaDimensions dimensions, IReadOnlyList<float> weights,
        float smoothing)
    {
        using IDisposable noGradients = no_grad();
        int count = dimensions.Count;
        int classes = (int)bias.shape[0];

        // [M, B, C]: first the products of each block alone, then the logits at each dimension, then Σ_{m' ≥ m} G_m'.
        using Tensor matrices = PrefixBlocks.Products(rows, weight, dimensions);
        var values = new double[FixedChunks.Count(labels.Length, RowsAtOnce)];
        FixedChunks.ForEach(labels.Length, RowsAtOnce, (chunk, from, to) =>
        {
            Span<float> all = matrices.Values();
            ReadOnlySpan<float> start = bias.Values();
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
                    value += (double)share * (Math.Log(sum) - (1 - smoothing) * (logits[own] - largest[m]));
                    exponentials[own] -= (1 - smoothing) * sum;
                    if (smoothing > 0)
                    {
                        value -= (double)share * smoothing * (TensorPrimitives.Sum(logits) / classes - largest[m]);
                        TensorPrimitives.Subtract(exponentials, smoothing / classes * sum, exponentials);
                    }
                    SoftmaxRow.Gradient(exponentials, share / sum, wider, logits);
                    wider = logits;
                }
                value += float.IsFinite(TensorPrimitives.Sum(running)) ? 0 : double.NaN;
            }
            values[chunk] = value;
        });

        Tensor rowGradient = empty_like(rows);
        Tensor weightGradient = empty_like(weight);
        PrefixBlocks.Multiply(matrices, weight, rowGradient, dimensions);
        PrefixBlocks.MultiplyTransposed(matrices, rows, weightGradient, dimensions);
        return (values.Sum(), rowGradient, weightGradient, matrices.select(0, 0).sum([0L]));
    }

    /// <summary>The labels, or nothing where one of them is no class and libtorch knows best what to say.</summary>
    public static long[]? LabelsOf(Tensor labels, long rows, long classes)
    {
        if (labels.dtype != ScalarType.Int64 || labels.device_type != DeviceType.CPU || labels.dim() != 1 || labels.shape[0] != rows)
        {
            return null;
        }
        long[] numbers = labels.contiguous().data<long>().ToArray();
        return Array.TrueForAll(numbers, n => n >= 0 && n < classes) ? numbers : null;
    }
}
