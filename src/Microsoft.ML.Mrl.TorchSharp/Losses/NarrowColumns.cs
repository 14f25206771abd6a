using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Microsoft.ML.Mrl.TorchSharp.Losses;

/// <summary>
/// Products and gradients of the first, narrow blocks of columns. libtorch spends more time on writing and reading the <c>[B, R]</c>
/// matrices of such blocks than on multiplying; here those of a few rows at a time stay in cache, and no matrix is written.
/// </summary>
/// <remarks>
/// Documents lie as <c>[R / (2 vectors), columns, 2 vectors]</c> and anchors as <c>[B / 4, columns, 4]</c>, both filled up with zeros: the
/// loops read from front to back and have no remainder.
/// </remarks>
internal sealed class NarrowColumns : IDisposable
{
    /// <summary>
    /// The rows that are worked on together: they share one pass over the documents, and their products fit into the cache.
    /// </summary>
    public const int RowsAtOnce = NarrowKernel.RowsAtOnce;

    /// <summary>
    /// Dimensions up to this one are faster here than as matrices, by measurement: with vectors of 512 bits more, which not every library of
    /// products uses.
    /// </summary>
    private const int WidestDimension = 96, WidestOf512 = 192;

    private const int Quad = NarrowKernel.Quad;

    private readonly MatryoshkaDimensions _dimensions;
    private readonly int _columns;
    private readonly int _chunks;
    private readonly bool _is512;
    private readonly Tensor _anchors;
    private readonly Tensor _documents;
    private readonly Tensor _anchorGradient;
    private readonly Tensor _documentGradients;

    /// <summary>Packs the narrow columns.</summary>
    /// <param name="anchors"><c>[B, D]</c>.</param>
    /// <param name="documents"><c>[R, D]</c>.</param>
    /// <param name="dimensions">The prefix lengths, D the largest.</param>
    /// <param name="chunks">Into how many chunks the rows are divided.</param>
    /// <param name="is512">Whether to use vectors of 512 bits; null where the processor has them.</param>
    public NarrowColumns(Tensor anchors, Tensor documents, MatryoshkaDimensions dimensions, int chunks, bool? is512 = null)
    {
        _is512 = is512 ?? Vector512.IsHardwareAccelerated;
        _dimensions = dimensions;
        _chunks = chunks;
        int rows = (int)anchors.shape[0];
        int documentCount = (int)documents.shape[0];
        Stride = RoundedUp(documentCount, Lanes);
        // Never the largest, so that a single dimension is not split off; and no more sums than a span of bytes can hold.
        int narrow = dimensions.Count(m => m <= (_is512 ? WidestOf512 : WidestDimension) && (long)chunks * Stride * m <= int.MaxValue / sizeof(float));
        Dimensions = Math.Min(narrow, dimensions.Count - 1);
        _columns = Dimensions == 0 ? 0 : dimensions[Dimensions - 1];
        _anchors = empty(RoundedUp(rows, RowsAtOnce), _columns);
        _documents = empty(Stride, _columns);
        _anchorGradient = empty(RoundedUp(rows, RowsAtOnce), _columns);
        _documentGradients = empty(chunks, Stride * _columns);
        if (Dimensions > 0)
        {
            Pack(anchors.Values(), _anchors.Values(), rows, Quad);
            Pack(documents.Values(), _documents.Values(), documentCount, Lanes);
        }
    }

    private int Lanes => _is512 ? NarrowKernel512.Lanes : NarrowKernel.Lanes;

    private NarrowKernel.Shape Shape => new(Stride, _columns);

    /// <summary>How many dimensions are narrow.</summary>
    public int Dimensions { get; }

    /// <summary>The length of a row of products: R, rounded up.</summary>
    public int Stride { get; }

    /// <summary>Makes the sums of a chunk ready.</summary>
    public void Begin(int chunk) => _documentGradients.Values().Slice(chunk * Stride * _columns, Stride * _columns).Clear();

    /// <summary>
    /// Writes products <c>[8, Stride]</c>: the dot products of the rows from <paramref name="row"/> on, in the block of columns that ends
    /// at dimension number <paramref name="m"/>. They are 0 beyond the last row and document.
    /// </summary>
    public void Products(int row, int m, Span<float> products)
    {
        CheckLength(products.Length);
        (int from, int to) = Block(m);
        ref float anchor = ref _anchors.Values()[row * _columns];
        ref float document = ref MemoryMarshal.GetReference(_documents.Values());
        ref float product = ref MemoryMarshal.GetReference(products);
        if (_is512)
        {
            NarrowKernel512.Products(ref anchor, ref document, ref product, Shape, from, to);
        }
        else
        {
            NarrowKernel.Products(ref anchor, ref document, ref product, Shape, from, to);
        }
    }

    /// <summary>
    /// Adds what the rows' gradients <c>[8, Stride]</c> mean for anchors and documents in the block of columns that ends at dimension
    /// number <paramref name="m"/>.
    /// </summary>
    /// <param name="row">The first row.</param>
    /// <param name="m">The number of the dimension.</param>
    /// <param name="gradients">∂L/∂products, with zeros beyond the last row and document.</param>
    /// <param name="chunk">The chunk of the row.</param>
    public void Differentiate(int row, int m, ReadOnlySpan<float> gradients, int chunk)
    {
        CheckLength(gradients.Length);
        (int from, int to) = Block(m);
        ref float gradient = ref MemoryMarshal.GetReference(gradients);
        ref float sums = ref _documentGradients.Values()[chunk * Stride * _columns];
        ref float anchor = ref _anchors.Values()[row * _columns];
        ref float document = ref MemoryMarshal.GetReference(_documents.Values());
        Span<float> results = _anchorGradient.Values().Slice(row * _columns, RowsAtOnce * _columns);
        if (_is512)
        {
            NarrowKernel512.DocumentGradient(ref anchor, ref gradient, ref sums, Shape, from, to);
            NarrowKernel512.AnchorGradient(ref document, ref gradient, results, Shape, from, to);
        }
        else
        {
            NarrowKernel.DocumentGradient(ref anchor, ref gradient, ref sums, Shape, from, to);
            NarrowKernel.AnchorGradient(ref document, ref gradient, results, Shape, from, to);
        }
    }

    /// <summary>Adds the gradients of all rows to <c>[B, D]</c> and <c>[R, D]</c>.</summary>
    public void AddGradients(Tensor anchorGradient, Tensor documentGradient)
    {
        if (Dimensions == 0)
        {
            return;
        }
        Span<float> all = _documentGradients.Values();
        Span<float> sum = all[..(Stride * _columns)];
        for (int chunk = 1; chunk < _chunks; chunk++)
        {
            TensorPrimitives.Add(sum, all.Slice(chunk * sum.Length, sum.Length), sum);
        }
        AddUnpacked(_anchorGradient.Values(), anchorGradient, Quad);
        AddUnpacked(sum, documentGradient, Lanes);
    }

    public void Dispose()
    {
        _anchors.Dispose();
        _documents.Dispose();
        _anchorGradient.Dispose();
        _documentGradients.Dispose();
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
        Span<float> rows = target.Values();
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

    private void CheckLength(int length)
    {
        if (length != RowsAtOnce * Stride)
        {
            throw new ArgumentException($"{length} products are not those of {RowsAtOnce} rows of {Stride}.");
        }
    }
}
