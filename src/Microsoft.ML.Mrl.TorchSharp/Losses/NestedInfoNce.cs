using System.Buffers;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.Mrl.Vectors;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Microsoft.ML.Mrl.TorchSharp.Losses;

/// <summary>
/// Σ_m w_m InfoNCE_m and its gradient, worked out together: once a row's dot products at every dimension are there, softmax and gradient of
/// all dimensions follow while the row is in cache, and no matrix of cosines, logits or probabilities is ever written.
/// </summary>
/// <remarks>
/// With S_m the dot products, r and q the inverse lengths of anchors and documents, c = S r q, d = ∂L/∂(s c) = w/B (softmax − own): ∂L/∂S_m
/// = s d r q =: G_m, ∂L/∂|a|²_m = −½ r² Σ_j d s c, and since S_m holds the blocks up to m, the block k..m of ∂L/∂A is (Σ_{m' ≥ m} G_m') ·
/// P[:, k:m] + 2 (Σ_{m' ≥ m} ∂L/∂|a|²_m') A[:, k:m]; for P likewise, transposed.
/// </remarks>
internal static class NestedInfoNce
{
    private const int RowsAtOnce = 32;

    // Each chunk keeps sums for all documents, so larger batches get larger chunks, not more of them.
    private const int MaxChunks = 8;

    // Rows whose softmaxes are worked out together: few enough that what they share stays in the nearest cache.
    private const int Together = 8;

    private const float SmallestSquare = 1e-24f;

    // Far below every logit that can be, and still a number, so that 0 times it is 0.
    private const float LeftOut = -1e30f;

    /// <summary>The loss, or <see langword="null"/> where only the general way will do.</summary>
    /// <param name="anchors"><c>[B, D]</c>.</param>
    /// <param name="documents"><c>[R, D]</c>, the positives of all rows and then any negatives, or what the targets say.</param>
    /// <param name="dimensions">The prefix lengths m.</param>
    /// <param name="weights">w_m.</param>
    /// <param name="scale">s, one over the temperature.</param>
    /// <param name="leftOut">Which documents a row's softmax leaves out, bool <c>[B, R]</c>, never its own; or null.</param>
    /// <param name="targets">The document that each row must find, <c>[B]</c>; null for the one of its own number.</param>
    public static Tensor? Loss(
        Tensor anchors, Tensor documents, MatryoshkaDimensions dimensions, IReadOnlyList<float> weights, double scale,
        Tensor? leftOut = null, int[]? targets = null)
    {
        if (!KnownGradient.Fits(anchors, documents) || anchors.dim() != 2 || documents.dim() != 2
            || (targets is null && documents.shape[0] < anchors.shape[0]) || documents.shape[1] != anchors.shape[1]
            || (long)dimensions.Count * anchors.shape[0] * documents.shape[0] > int.MaxValue / sizeof(float))
        {
            return null;
        }
        if (anchors.shape[1] > dimensions.Largest)
        {
            anchors = anchors.narrow(1, 0, dimensions.Largest);
            documents = documents.narrow(1, 0, dimensions.Largest);
        }
        (double value, Tensor anchorGradient, Tensor documentGradient) = Differentiate(
            anchors.detach().contiguous(), documents.detach().contiguous(), dimensions, weights, (float)scale, leftOut?.contiguous(),
            targets);
        return KnownGradient.Scalar(value, (anchors, anchorGradient), (documents, documentGradient));
    }

    private static (double Value, Tensor AnchorGradient, Tensor DocumentGradient) Differentiate(
        Tensor anchors, Tensor documents, MatryoshkaDimensions dimensions, IReadOnlyList<float> weights, float scale, Tensor? leftOut,
        int[]? targets)
    {
        using IDisposable noGradients = no_grad();
        int rows = (int)anchors.shape[0];
        int columns = (int)documents.shape[0];
        int count = dimensions.Count;
        int rowsAtOnce = RowsAtOnce * FixedChunks.Count(rows, MaxChunks * RowsAtOnce);
        int chunks = FixedChunks.Count(rows, rowsAtOnce);

        // Lent, since what the garbage collector hands out anew is not in the cache.
        var lent = new List<float[]>();
        float[] Lend(int length)
        {
            lent.Add(ArrayPool<float>.Shared.Rent(length));
            return lent[^1];
        }
        float[] anchorSquares = Lend(count * rows), anchorInverses = Lend(count * rows), anchorSums = Lend(count * rows);
        float[] documentSquares = Lend(count * columns), documentInverses = Lend(count * columns);
        float[] chunkSums = Lend(chunks * count * columns);
        WriteLengths(anchors, dimensions, anchorSquares, anchorInverses);
        WriteLengths(documents, dimensions, documentSquares, documentInverses);
        using var narrow = new NarrowColumns(anchors, documents, dimensions, chunks);
        // [M', B, R] of the dimensions that are not narrow: first the products of each block alone, then the logits, then Σ_{m' ≥ m} G_m'.
        using Tensor matrices = PrefixBlocks.Products(anchors, documents, dimensions, skip: narrow.Dimensions);
        var values = new double[chunks];
        FixedChunks.ForEach(rows, rowsAtOnce, (chunk, from, to) =>
        {
            Span<float> all = matrices.Values();
            int size = NarrowColumns.RowsAtOnce * narrow.Stride;
            float[] scratch = ArrayPool<float>.Shared.Rent(narrow.Dimensions * size + (Together + 2) * columns);
            // The same as the matrices for the narrow dimensions, of a few rows at a time.
            Span<float> few = scratch.AsSpan(0, narrow.Dimensions * size);
            Span<float> columnSums = chunkSums.AsSpan(chunk * count * columns, count * columns);
            columnSums.Clear();
            Span<float> running = scratch.AsSpan(few.Length, Together * columns);
            Span<float> exponentials = scratch.AsSpan(few.Length + running.Length, columns);
            Span<float> zeros = scratch.AsSpan(few.Length + running.Length + columns, columns);
            zeros.Clear();
            Span<float> largest = stackalloc float[count * Together];
            var absent = new List<int>();
            double value = 0;
            int block = from, blockEnd = from;
            for (int first = from; first < to; first += Together)
            {
                if (first == blockEnd)
                {
                    (block, blockEnd) = (first, Math.Min(first + NarrowColumns.RowsAtOnce, to));
                    for (int m = 0; m < narrow.Dimensions; m++)
                    {
                        narrow.Products(block, blockEnd - block, m, few.Slice(m * size, size));
                    }
                }
                int end = Math.Min(first + Together, to);
                // Row after row of two dimensions, as they lie in memory; an odd one comes first.
                if (count % 2 == 1)
                {
                    running.Clear();
                    for (int row = first; row < end; row++)
                    {
                        largest[row - first] = SoftmaxRow.Accumulate(
                            Running(row, running), Logits(0, row, all, few), InversesOf(0), ScaleOf(0, row));
                    }
                }
                for (int m = count % 2; m < count; m += 2)
                {
                    for (int row = first; row < end; row++)
                    {
                        (largest[m * Together + row - first], largest[(m + 1) * Together + row - first]) = SoftmaxRow.Accumulate(
                            Running(row, running), isFirst: m == 0, Logits(m, row, all, few), InversesOf(m), ScaleOf(m, row),
                            Logits(m + 1, row, all, few), InversesOf(m + 1), ScaleOf(m + 1, row));
                    }
                }
                for (int row = first; row < end; row++)
                {
                    int target = targets is null ? row : targets[row];
                    Collect(leftOut, row, columns, absent);
                    ReadOnlySpan<float> wider = zeros;
                    for (int m = count - 1; m >= 0; m--)
                    {
                        Span<float> logits = Logits(m, row, all, few);
                        float most = largest[m * Together + row - first];
                        if (absent.Count > 0)
                        {
                            Fill(logits, absent, LeftOut);
                            most = TensorPrimitives.Max(logits);
                        }
                        float sum = SoftmaxRow.Exponentials(logits, most, exponentials);
                        float own = logits[target] - most;
                        Fill(exponentials, absent, 0);
                        // softmax − own, at the row's own place in one rounding.
                        exponentials[target] -= sum;
                        float share = weights[m] / rows;
                        float total = SoftmaxRow.Gradient(
                            exponentials, share / sum, ScaleOf(m, row), InversesOf(m), wider, logits,
                            columnSums.Slice(m * columns, columns));
                        anchorSums[m * rows + row] = total;
                        value += float.IsFinite(total) ? (double)share * (Math.Log(sum) - own) : double.NaN;
                        wider = logits;
                    }
                }
                for (int m = 0; m < narrow.Dimensions && end == blockEnd; m++)
                {
                    narrow.Differentiate(block, blockEnd - block, m, few.Slice(m * size, size), chunk, isFirst: block == from);
                }

                Span<float> Running(int row, Span<float> running) => running.Slice((row - first) * columns, columns);

                ReadOnlySpan<float> InversesOf(int m) => documentInverses.AsSpan(m * columns, columns);

                float ScaleOf(int m, int row) => scale * anchorInverses[m * rows + row];

                Span<float> Logits(int m, int row, Span<float> all, Span<float> few) => m < narrow.Dimensions
                    ? few.Slice(m * size + (row - block) * narrow.Stride, columns)
                    : all.Slice(((m - narrow.Dimensions) * rows + row) * columns, columns);
            }
            values[chunk] = value;
            ArrayPool<float>.Shared.Return(scratch);
        });

        Tensor anchorGradient = LengthGradient(anchors, dimensions, anchorSums, anchorSquares);
        Span<float> documentSums = chunkSums.AsSpan(0, count * columns);
        for (int chunk = 1; chunk < chunks; chunk++)
        {
            TensorPrimitives.Add(documentSums, chunkSums.AsSpan(chunk * documentSums.Length, documentSums.Length), documentSums);
        }
        Tensor documentGradient = LengthGradient(documents, dimensions, chunkSums, documentSquares);
        lent.ForEach(array => ArrayPool<float>.Shared.Return(array));
        PrefixBlocks.Multiply(matrices, documents, anchorGradient, dimensions, add: 1, skip: narrow.Dimensions);
        PrefixBlocks.MultiplyTransposed(matrices, anchors, documentGradient, dimensions, add: 1, skip: narrow.Dimensions);
        narrow.AddGradients(anchorGradient, documentGradient);
        return (values.Sum(), anchorGradient, documentGradient);
    }

    /// <summary>The documents that a row leaves out.</summary>
    private static void Collect(Tensor? leftOut, int row, int columns, List<int> absent)
    {
        absent.Clear();
        if (leftOut is null)
        {
            return;
        }
        ReadOnlySpan<byte> marks = leftOut.bytes.Slice(row * columns, columns);
        for (int start = 0, next; (next = marks[start..].IndexOfAnyExcept((byte)0)) >= 0; start += next + 1)
        {
            absent.Add(start + next);
        }
    }

    private static void Fill(Span<float> values, List<int> places, float value)
    {
        foreach (int place in places)
        {
            values[place] = value;
        }
    }

    /// <summary>Writes |x|²_m and 1 / max(|x|_m, 1e-12), dimension after dimension.</summary>
    private static void WriteLengths(Tensor vectors, MatryoshkaDimensions dimensions, float[] squares, float[] inverses)
    {
        int rows = (int)vectors.shape[0];
        FixedChunks.ForEach(rows, RowsAtOnce, (_, from, to) =>
        {
            for (int row = from; row < to; row++)
            {
                ReadOnlySpan<float> vector = vectors.Values().Slice(row * dimensions.Largest, dimensions.Largest);
                float square = 0;
                int start = 0;
                for (int m = 0; m < dimensions.Count; m++)
                {
                    square += UnitLength.SumOfSquares(vector[start..dimensions[m]]);
                    squares[m * rows + row] = square;
                    inverses[m * rows + row] = 1 / MathF.Sqrt(Math.Max(square, SmallestSquare));
                    start = dimensions[m];
                }
            }
        });
    }

    /// <summary>
    /// What the gradient owes to the lengths: block k..m of x times −Σ_{m' ≥ m} (Σ d s c)_m' / |x|²_m', where a length is not held at its
    /// least.
    /// </summary>
    private static Tensor LengthGradient(Tensor vectors, MatryoshkaDimensions dimensions, float[] sums, float[] squares)
    {
        int rows = (int)vectors.shape[0];
        Tensor gradient = empty_like(vectors);
        FixedChunks.ForEach(rows, RowsAtOnce, (_, from, to) =>
        {
            ReadOnlySpan<float> source = vectors.Values();
            Span<float> target = gradient.Values();
            for (int row = from; row < to; row++)
            {
                float factor = 0;
                for (int m = dimensions.Count - 1; m >= 0; m--)
                {
                    // Divided by the square itself, not multiplied by the inverse twice: what cancels in exact arithmetic then cancels
                    // here too.
                    float square = squares[m * rows + row];
                    factor -= square >= SmallestSquare ? sums[m * rows + row] / square : 0;
                    int start = m == 0 ? 0 : dimensions[m - 1];
                    int first = row * dimensions.Largest + start;
                    Scale(source.Slice(first, dimensions[m] - start), factor, target.Slice(first, dimensions[m] - start));
                }
            }
        });
        return gradient;
    }

    // Most blocks are so short that a call into a library would take longer.
    private static void Scale(ReadOnlySpan<float> source, float factor, Span<float> target)
    {
        ref float from = ref MemoryMarshal.GetReference(source);
        ref float to = ref MemoryMarshal.GetReference(target[..source.Length]);
        int i = 0;
        for (; i + Vector256<float>.Count <= source.Length; i += Vector256<float>.Count)
        {
            (Vector256.LoadUnsafe(ref from, (nuint)i) * factor).StoreUnsafe(ref to, (nuint)i);
        }
        for (; i < source.Length; i++)
        {
            target[i] = source[i] * factor;
        }
    }
}
