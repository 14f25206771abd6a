using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Microsoft.ML.Mrl.TorchSharp.Losses;

/// <summary>
/// Products and gradients of the first, narrow blocks of columns. libtorch spends more time on writing and reading the <c>[B, R]</c> matrices of such blocks
/// than on multiplying; here those of a few rows at a time stay in cache, and no matrix is written.
/// </summary>
/// <remarks>
/// Documents lie as <c>[R / (2 vectors), columns, 2 vectors]</c> and anchors as <c>[B / 4, columns, 4]</c>, both filled up with zeros: the loops read from front
/// to back and have no remainder. Four rows times two vectors are eight sums: enough to hide the latency of multiply-add, and 16 registers hold them.
/// </remarks>
internal sealed class NarrowColumns : IDisposable
{
    /// <summary>The rows that are worked on together: they share one pass over the documents, and their products fit into the cache.</summary>
    public const int RowsAtOnce = 2 * Quad;

    /// <summary>Dimensions up to this one are faster here than as matrices, by measurement.</summary>
    private const int WidestDimension = 96;

    private const int Quad = 4;

    private readonly MatryoshkaDimensions _dimensions;
    private readonly int _columns;
    private readonly int _chunks;
    private readonly Tensor _anchors;
    private readonly Tensor _documents;
    private readonly Tensor _anchorGradient;
    private readonly Tensor _documentGradients;

    /// <summary>Packs the narrow columns.</summary>
    /// <param name="anchors"><c>[B, D]</c>.</param>
    /// <param name="documents"><c>[R, D]</c>.</param>
    /// <param name="dimensions">The prefix lengths, D the largest.</param>
    /// <param name="chunks">Into how many chunks the rows are divided.</param>
    public NarrowColumns(Tensor anchors, Tensor documents, MatryoshkaDimensions dimensions, int chunks)
    {
        _dimensions = dimensions;
        _chunks = chunks;
        int rows = (int)anchors.shape[0];
        int documentCount = (int)documents.shape[0];
        Stride = RoundedUp(documentCount, Lanes);
        // Never the largest, so that where there is only one dimension nothing is split off; and no more sums than a span of bytes can hold.
        Dimensions = Math.Min(dimensions.Count(m => m <= WidestDimension && (long)chunks * Stride * m <= int.MaxValue / sizeof(float)), dimensions.Count - 1);
        _columns = Dimensions == 0 ? 0 : dimensions[Dimensions - 1];
        _anchors = empty(RoundedUp(rows, RowsAtOnce), _columns);
        _documents = empty(Stride, _columns);
        _anchorGradient = empty(RoundedUp(rows, RowsAtOnce), _columns);
        _documentGradients = empty(chunks, Stride * _columns);
        if (Dimensions > 0)
        {
            Pack(anchors.Numbers(), _anchors.Numbers(), rows, Quad);
            Pack(documents.Numbers(), _documents.Numbers(), documentCount, Lanes);
        }
    }

    private static int Lanes => 2 * Vector<float>.Count;

    /// <summary>How many dimensions are narrow.</summary>
    public int Dimensions { get; }

    /// <summary>The length of a row of products: R, rounded up.</summary>
    public int Stride { get; }

    /// <summary>Makes the sums of a chunk ready.</summary>
    public void Begin(int chunk) => _documentGradients.Numbers().Slice(chunk * Stride * _columns, Stride * _columns).Clear();

    /// <summary>
    /// products <c>[8, Stride]</c> = the dot products of the rows from <paramref name="row"/> on in the block of columns that ends at dimension <paramref name="m"/>;
    /// zeros beyond the last row and document.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Products(int row, int m, Span<float> products)
    {
        CheckLength(products.Length);
        ref float anchors = ref _anchors.Numbers()[row * _columns];
        ref float documents = ref MemoryMarshal.GetReference(_documents.Numbers());
        ref float product = ref MemoryMarshal.GetReference(products);
        (int from, int to) = Block(m);
        for (int start = 0; start < Stride; start += Lanes)
        {
            for (int quad = 0; quad < RowsAtOnce; quad += Quad)
            {
                ref float document = ref Unsafe.Add(ref documents, start * _columns + from * Lanes);
                ref float anchor = ref Unsafe.Add(ref anchors, quad * _columns + from * Quad);
                Vector<float> sum0 = default, sum1 = default, sum2 = default, sum3 = default, sum4 = default, sum5 = default, sum6 = default, sum7 = default;
                for (int c = from; c < to; c++)
                {
                    Vector<float> left = At(ref document, 0);
                    Vector<float> right = At(ref document, Vector<float>.Count);
                    var factor = new Vector<float>(anchor);
                    sum0 = SoftmaxRow.MultiplyAdd(factor, left, sum0);
                    sum1 = SoftmaxRow.MultiplyAdd(factor, right, sum1);
                    factor = new Vector<float>(Unsafe.Add(ref anchor, 1));
                    sum2 = SoftmaxRow.MultiplyAdd(factor, left, sum2);
                    sum3 = SoftmaxRow.MultiplyAdd(factor, right, sum3);
                    factor = new Vector<float>(Unsafe.Add(ref anchor, 2));
                    sum4 = SoftmaxRow.MultiplyAdd(factor, left, sum4);
                    sum5 = SoftmaxRow.MultiplyAdd(factor, right, sum5);
                    factor = new Vector<float>(Unsafe.Add(ref anchor, 3));
                    sum6 = SoftmaxRow.MultiplyAdd(factor, left, sum6);
                    sum7 = SoftmaxRow.MultiplyAdd(factor, right, sum7);
                    document = ref Unsafe.Add(ref document, Lanes);
                    anchor = ref Unsafe.Add(ref anchor, Quad);
                }
                ref float target = ref Unsafe.Add(ref product, quad * Stride + start);
                Put(ref target, 0, sum0, sum1);
                Put(ref target, Stride, sum2, sum3);
                Put(ref target, 2 * Stride, sum4, sum5);
                Put(ref target, 3 * Stride, sum6, sum7);
            }
        }
    }

    /// <summary>Adds up what the rows' gradients <c>[8, Stride]</c> mean for anchors and documents in the block of columns that ends at dimension <paramref name="m"/>.</summary>
    /// <param name="row">The first row.</param>
    /// <param name="m">The number of the dimension.</param>
    /// <param name="gradients">∂L/∂products, with zeros beyond the last row and document.</param>
    /// <param name="chunk">The chunk of the row.</param>
    public void Differentiate(int row, int m, ReadOnlySpan<float> gradients, int chunk)
    {
        CheckLength(gradients.Length);
        DocumentGradient(row, m, ref MemoryMarshal.GetReference(gradients), ref _documentGradients.Numbers()[chunk * Stride * _columns]);
        Span<float> results = _anchorGradient.Numbers();
        for (int quad = 0; quad < RowsAtOnce; quad += Quad)
        {
            AnchorGradient(m, gradients.Slice(quad * Stride, Quad * Stride), results.Slice((row + quad) * _columns, Quad * _columns));
        }
    }

    /// <summary>Adds the gradients of all rows to <c>[B, D]</c> and <c>[R, D]</c>.</summary>
    public void AddGradients(Tensor anchorGradient, Tensor documentGradient)
    {
        if (Dimensions == 0)
        {
            return;
        }
        Span<float> all = _documentGradients.Numbers();
        Span<float> sum = all[..(Stride * _columns)];
        for (int chunk = 1; chunk < _chunks; chunk++)
        {
            TensorPrimitives.Add(sum, all.Slice(chunk * sum.Length, sum.Length), sum);
        }
        AddUnpacked(_anchorGradient.Numbers(), anchorGradient, Quad);
        AddUnpacked(sum, documentGradient, Lanes);
    }

    public void Dispose()
    {
        _anchors.Dispose();
        _documents.Dispose();
        _anchorGradient.Dispose();
        _documentGradients.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void DocumentGradient(int row, int m, ref float gradients, ref float sums)
    {
        ref float anchors = ref _anchors.Numbers()[row * _columns];
        (int from, int to) = Block(m);
        for (int start = 0; start < Stride; start += Lanes)
        {
            for (int quad = 0; quad < RowsAtOnce; quad += Quad)
            {
                ref float sum = ref Unsafe.Add(ref sums, start * _columns + from * Lanes);
                ref float anchor = ref Unsafe.Add(ref anchors, quad * _columns + from * Quad);
                ref float gradient = ref Unsafe.Add(ref gradients, quad * Stride + start);
                Vector<float> left0 = At(ref gradient, 0), right0 = At(ref gradient, Vector<float>.Count);
                Vector<float> left1 = At(ref gradient, Stride), right1 = At(ref gradient, Stride + Vector<float>.Count);
                Vector<float> left2 = At(ref gradient, 2 * Stride), right2 = At(ref gradient, 2 * Stride + Vector<float>.Count);
                Vector<float> left3 = At(ref gradient, 3 * Stride), right3 = At(ref gradient, 3 * Stride + Vector<float>.Count);
                for (int c = from; c < to; c++)
                {
                    var factor = new Vector<float>(anchor);
                    Vector<float> left = SoftmaxRow.MultiplyAdd(factor, left0, At(ref sum, 0));
                    Vector<float> right = SoftmaxRow.MultiplyAdd(factor, right0, At(ref sum, Vector<float>.Count));
                    factor = new Vector<float>(Unsafe.Add(ref anchor, 1));
                    left = SoftmaxRow.MultiplyAdd(factor, left1, left);
                    right = SoftmaxRow.MultiplyAdd(factor, right1, right);
                    factor = new Vector<float>(Unsafe.Add(ref anchor, 2));
                    left = SoftmaxRow.MultiplyAdd(factor, left2, left);
                    right = SoftmaxRow.MultiplyAdd(factor, right2, right);
                    factor = new Vector<float>(Unsafe.Add(ref anchor, 3));
                    left = SoftmaxRow.MultiplyAdd(factor, left3, left);
                    right = SoftmaxRow.MultiplyAdd(factor, right3, right);
                    Put(ref sum, 0, left, right);
                    sum = ref Unsafe.Add(ref sum, Lanes);
                    anchor = ref Unsafe.Add(ref anchor, Quad);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AnchorGradient(int m, ReadOnlySpan<float> gradients, Span<float> results)
    {
        ref float gradient = ref MemoryMarshal.GetReference(gradients);
        ref float document = ref MemoryMarshal.GetReference(_documents.Numbers());
        (int from, int to) = Block(m);
        for (int c = from; c < to; c += 2)
        {
            // Where the number of columns is odd, the last one is worked out twice.
            int next = Math.Min(c + 1, to - 1);
            Vector<float> sum0 = default, sum1 = default, sum2 = default, sum3 = default, sum4 = default, sum5 = default, sum6 = default, sum7 = default;
            for (int start = 0; start < Stride; start += Lanes)
            {
                for (int half = 0; half < Lanes; half += Vector<float>.Count)
                {
                    Vector<float> one = At(ref document, start * _columns + c * Lanes + half);
                    Vector<float> other = At(ref document, start * _columns + next * Lanes + half);
                    Vector<float> row = At(ref gradient, start + half);
                    sum0 = SoftmaxRow.MultiplyAdd(row, one, sum0);
                    sum1 = SoftmaxRow.MultiplyAdd(row, other, sum1);
                    row = At(ref gradient, start + half + Stride);
                    sum2 = SoftmaxRow.MultiplyAdd(row, one, sum2);
                    sum3 = SoftmaxRow.MultiplyAdd(row, other, sum3);
                    row = At(ref gradient, start + half + 2 * Stride);
                    sum4 = SoftmaxRow.MultiplyAdd(row, one, sum4);
                    sum5 = SoftmaxRow.MultiplyAdd(row, other, sum5);
                    row = At(ref gradient, start + half + 3 * Stride);
                    sum6 = SoftmaxRow.MultiplyAdd(row, one, sum6);
                    sum7 = SoftmaxRow.MultiplyAdd(row, other, sum7);
                }
            }
            Span<float> first = results.Slice(c * Quad, Quad);
            Span<float> second = results.Slice(next * Quad, Quad);
            (first[0], first[1], first[2], first[3]) = (Vector.Sum(sum0), Vector.Sum(sum2), Vector.Sum(sum4), Vector.Sum(sum6));
            (second[0], second[1], second[2], second[3]) = (Vector.Sum(sum1), Vector.Sum(sum3), Vector.Sum(sum5), Vector.Sum(sum7));
        }
    }

    /// <summary>The columns of the block that ends at dimension m.</summary>
    private (int From, int To) Block(int m) => (m == 0 ? 0 : _dimensions[m - 1], _dimensions[m]);

    private void Pack(ReadOnlySpan<float> rows, Span<float> packed, int count, int together)
    {
        packed[(count / together * together * _columns)..].Clear();
        for (int i = 0; i < count; i++)
        {
            Span<float> target = packed[Place(i, together)..];
            ReadOnlySpan<float> row = rows.Slice(i * _dimensions.Largest, _columns);
            for (int c = 0; c < row.Length; c++)
            {
                target[c * together] = row[c];
            }
        }
    }

    private void AddUnpacked(ReadOnlySpan<float> packed, Tensor target, int together)
    {
        Span<float> rows = target.Numbers();
        for (int i = 0; i < rows.Length / _dimensions.Largest; i++)
        {
            ReadOnlySpan<float> source = packed[Place(i, together)..];
            Span<float> row = rows.Slice(i * _dimensions.Largest, _columns);
            for (int c = 0; c < row.Length; c++)
            {
                row[c] += source[c * together];
            }
        }
    }

    /// <summary>Where the first column of a row lies, of rows that are packed so many together.</summary>
    private int Place(int row, int together) => row / together * together * _columns + row % together;

    private static int RoundedUp(int count, int unit) => (count + unit - 1) / unit * unit;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> At(ref float source, int place) => Vector.LoadUnsafe(ref source, (nuint)place);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(ref float target, int place, Vector<float> left, Vector<float> right)
    {
        left.StoreUnsafe(ref target, (nuint)place);
        right.StoreUnsafe(ref target, (nuint)(place + Vector<float>.Count));
    }

    private void CheckLength(int length)
    {
        if (length != RowsAtOnce * Stride)
        {
            throw new ArgumentException($"{length} products are not those of {RowsAtOnce} rows of {Stride}.");
        }
    }
}
