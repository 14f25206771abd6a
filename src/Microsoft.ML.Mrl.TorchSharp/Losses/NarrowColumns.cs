using System.Buffers;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
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
    /// The most rows that are worked on together: they share one pass over the documents, and their products fit into the cache.
    /// </summary>
    public const int RowsAtOnce = 4 * Tile;

    private const int Tile = NarrowKernel.RowsInTile;

    /// <summary>Dimensions up to this one are faster here than as matrices, by measurement.</summary>
    private const int WidestDimension = 96;

    private const int Quad = NarrowKernel.Quad;

    // A whole number of vectors, as are the sums of a chunk.
    private const int ValuesAtOnce = 8192;

    private readonly MatryoshkaDimensions _dimensions;
    private readonly int _columns;
    private readonly int _chunks;
    private readonly bool _is512;

    // All lent, since so much memory would be handed out anew at every step, and would not be in the cache.
    private readonly float[] _anchors;
    private readonly float[] _documents;
    private readonly float[] _anchorGradient;
    private readonly float[] _documentGradients;

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
        int narrow = dimensions.Count(m => m <= WidestDimension && (long)chunks * Stride * m <= int.MaxValue / sizeof(float));
        Dimensions = Math.Min(narrow, dimensions.Count - 1);
        _columns = Dimensions == 0 ? 0 : dimensions[Dimensions - 1];
        _anchors = ArrayPool<float>.Shared.Rent(RoundedUp(rows, Tile) * _columns);
        _documents = ArrayPool<float>.Shared.Rent(Stride * _columns);
        _anchorGradient = ArrayPool<float>.Shared.Rent(RoundedUp(rows, Tile) * _columns);
        _documentGradients = ArrayPool<float>.Shared.Rent(chunks * Stride * _columns);
        if (Dimensions > 0)
        {
            Pack(anchors.Values(), _anchors.AsSpan(0, RoundedUp(rows, Tile) * _columns), rows, Quad);
            Pack(documents.Values(), _documents.AsSpan(0, Stride * _columns), documentCount, Lanes);
        }
    }

    private int Lanes => _is512 ? NarrowKernel512.Lanes : NarrowKernel.Lanes;

    private NarrowKernel.Shape Shape => new(Stride, _columns);

    /// <summary>How many dimensions are narrow.</summary>
    public int Dimensions { get; }

    /// <summary>The length of a row of products: R, rounded up.</summary>
    public int Stride { get; }

    /// <summary>
    /// Writes products <c>[32, Stride]</c>: the dot products of some rows in the block of columns that ends at dimension number
    /// <paramref name="m"/>. They are 0 beyond the last document, and beyond the last row up to a multiple of 8.
    /// </summary>
    public void Products(int row, int count, int m, Span<float> products)
    {
        CheckLength(products.Length);
        (int from, int to) = Block(m);
        int tiles = RoundedUp(count, Tile) / Tile;
        ref float anchor = ref _anchors[row * _columns];
        ref float document = ref MemoryMarshal.GetArrayDataReference(_documents);
        ref float product = ref MemoryMarshal.GetReference(products);
        if (_is512)
        {
            NarrowKernel512.Products(ref anchor, ref document, ref product, Shape, from, to, tiles);
        }
        else
        {
            NarrowKernel.Products(ref anchor, ref document, ref product, Shape, from, to, tiles);
        }
    }

    /// <summary>
    /// Adds what the gradients of some rows, <c>[32, Stride]</c>, mean for anchors and documents in the block of columns that ends at
    /// dimension number <paramref name="m"/>.
    /// </summary>
    /// <param name="row">The first row, a multiple of 8.</param>
    /// <param name="count">The number of rows, up to 32.</param>
    /// <param name="m">The number of the dimension.</param>
    /// <param name="gradients">∂L/∂products, with zeros beyond the last row and document.</param>
    /// <param name="chunk">The chunk of the row.</param>
    /// <param name="isFirst">Whether these are the first rows of the chunk at this dimension.</param>
    public void Differentiate(int row, int count, int m, ReadOnlySpan<float> gradients, int chunk, bool isFirst)
    {
        CheckLength(gradients.Length);
        (int from, int to) = Block(m);
        int tiles = RoundedUp(count, Tile) / Tile;
        ref float gradient = ref MemoryMarshal.GetReference(gradients);
        ref float sums = ref _documentGradients[chunk * Stride * _columns];
        ref float anchor = ref _anchors[row * _columns];
        ref float document = ref MemoryMarshal.GetArrayDataReference(_documents);
        Span<float> results = _anchorGradient.AsSpan(row * _columns, tiles * Tile * _columns);
        if (_is512)
        {
            NarrowKernel512.DocumentGradient(ref anchor, ref gradient, ref sums, Shape, from, to, tiles, isFirst);
            NarrowKernel512.AnchorGradient(ref document, ref gradient, results, Shape, from, to, tiles);
        }
        else
        {
            NarrowKernel.DocumentGradient(ref anchor, ref gradient, ref sums, Shape, from, to, tiles, isFirst);
            NarrowKernel.AnchorGradient(ref document, ref gradient, results, Shape, from, to, tiles);
        }
    }

    /// <summary>Adds the gradients of all rows to <c>[B, D]</c> and <c>[R, D]</c>.</summary>
    public void AddGradients(Tensor anchorGradient, Tensor documentGradient)
    {
        if (Dimensions == 0)
        {
            return;
        }
        SumChunks();
        AddUnpacked(_anchorGradient, anchorGradient, Quad);
        AddUnpacked(_documentGradients, documentGradient, Lanes);
    }

    public void Dispose()
    {
        ArrayPool<float>.Shared.Return(_anchors);
        ArrayPool<float>.Shared.Return(_documents);
        ArrayPool<float>.Shared.Return(_anchorGradient);
        ArrayPool<float>.Shared.Return(_documentGradients);
    }

    /// <summary>The columns of the block that ends at dimension m.</summary>
    private (int From, int To) Block(int m) => (m == 0 ? 0 : _dimensions[m - 1], _dimensions[m]);

    private void Pack(ReadOnlySpan<float> rows, Span<float> packed, int count, int together)
    {
        packed[(count / together * together * _columns)..].Clear();
        int width = _dimensions.Largest, quads = Sse.IsSupported ? count / Quad * Quad : 0;
        for (int i = 0; i < quads; i += Quad)
        {
            ReadOnlySpan<float> source = rows.Slice(i * width, Quad * width);
            Span<float> target = packed.Slice(Place(i, together), ((_columns - 1) * together) + Quad);
            int c = 0;
            for (; c + Quad <= _columns; c += Quad)
            {
                var four = new FourByFour(source, c, width);
                four.Turned().Store(target, c * together, together);
            }
            PackOneByOne(source, target, Quad, c, together);
        }
        for (int i = quads; i < count; i++)
        {
            PackOneByOne(rows.Slice(i * width, width), packed[Place(i, together)..], 1, 0, together);
        }
    }

    private void PackOneByOne(ReadOnlySpan<float> rows, Span<float> packed, int count, int firstColumn, int together)
    {
        for (int c = firstColumn; c < _columns; c++)
        {
            for (int row = 0; row < count; row++)
            {
                packed[(c * together) + row] = rows[(row * _dimensions.Largest) + c];
            }
        }
    }

    /// <summary>Adds the sums of all chunks to those of the first, in their order.</summary>
    private void SumChunks()
    {
        int length = Stride * _columns;
        FixedChunks.ForEach(length, ValuesAtOnce, (_, from, to) =>
        {
            ref float sums = ref MemoryMarshal.GetArrayDataReference(_documentGradients);
            for (int i = from; i < to; i += Vector256<float>.Count)
            {
                var sum = Vector256.LoadUnsafe(ref sums, (nuint)i);
                for (int chunk = 1; chunk < _chunks; chunk++)
                {
                    sum += Vector256.LoadUnsafe(ref sums, (nuint)((chunk * length) + i));
                }
                sum.StoreUnsafe(ref sums, (nuint)i);
            }
        });
    }

    private void AddUnpacked(ReadOnlySpan<float> packed, Tensor target, int together)
    {
        Span<float> all = target.Values();
        int width = _dimensions.Largest, rows = all.Length / width;
        for (int i = 0; i < rows; i += Quad)
        {
            ReadOnlySpan<float> source = packed[Place(i, together)..];
            Span<float> own = all[(i * width)..];
            int c = 0;
            for (; Sse.IsSupported && i + Quad <= rows && c + Quad <= _columns; c += Quad)
            {
                FourByFour turned = new FourByFour(source, c * together, together).Turned();
                turned.Plus(new FourByFour(own, c, width)).Store(own, c, width);
            }
            for (; c < _columns; c++)
            {
                for (int row = 0; row < Math.Min(Quad, rows - i); row++)
                {
                    own[(row * width) + c] += source[(c * together) + row];
                }
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
