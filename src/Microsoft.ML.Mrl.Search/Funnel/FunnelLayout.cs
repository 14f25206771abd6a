using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>
/// Where the numbers of a segment of rows lie. In this order, each part for all rows of the segment: the first block (the columns up to the first width, rows in panels of 32 with
/// the columns outermost, <c>[rows / 32, w_0, 32]</c>), each further block (the columns between two widths, <c>[rows, stride]</c> with zeros up to a multiple of 16), the lengths of the
/// first prefixes, the inverse lengths of those between the first and the last, and the ids.
/// </summary>
/// <remarks>
/// The first block holds prefixes of unit length, so that a scan is inner products alone. The further blocks are those of the vector of unit length: with n the length of its first prefix,
/// the dot product at a longer width is n · first + the dot products of the blocks up to there, and its cosine is that times the inverse length at that width.
/// </remarks>
internal sealed class FunnelLayout
{
    public const int Panel = PrefixDotProducts.PanelDocuments;

    private readonly int[] _widths;

    public FunnelLayout(MatryoshkaDimensions widths)
    {
        _widths = [.. widths];
        Strides = new int[_widths.Length];
        Starts = new int[_widths.Length + 1];
        for (int i = 1; i < _widths.Length; i++)
        {
            Strides[i] = (_widths[i] - _widths[i - 1] + RowKernel.Lanes - 1) / RowKernel.Lanes * RowKernel.Lanes;
            Starts[i + 1] = checked(Starts[i] + Strides[i]);
        }
        Strides[0] = _widths[0];
    }

    public ReadOnlySpan<int> Widths => _widths;

    /// <summary>The number of widths M.</summary>
    public int Count => _widths.Length;

    public int Dimensions => _widths[^1];

    /// <summary>The values of a row in each block, padding included.</summary>
    public int[] Strides { get; }

    /// <summary>Where each block after the first begins in a query's own row of all of them.</summary>
    public int[] Starts { get; }

    /// <summary>The values of a query in all blocks after the first.</summary>
    public int RestLength => Starts[^1];

    /// <summary>Rows rounded up to whole panels.</summary>
    public static long Rounded(long rows) => (rows + Panel - 1) / Panel * Panel;

    /// <summary>The bytes of a row in every part, in the order of the parts.</summary>
    public IEnumerable<int> RowBytes()
    {
        foreach (int stride in Strides)
        {
            yield return checked(stride * sizeof(float));
        }
        for (int i = 0; i < Math.Max(1, Count - 1); i++)
        {
            yield return sizeof(float);
        }
        yield return sizeof(long);
    }

    /// <summary>The bytes of a segment.</summary>
    /// <param name="capacity">Its rows, whole panels.</param>
    /// <exception cref="OverflowException">There is no such number.</exception>
    public long Bytes(long capacity)
    {
        long sum = 0;
        foreach (int bytes in RowBytes())
        {
            sum = checked(sum + (capacity * bytes));
        }
        return sum;
    }

    /// <summary>The position of a width, or -1.</summary>
    public int IndexOf(int width) => Array.BinarySearch(_widths, width) is >= 0 and var index ? index : -1;

    /// <summary>The length of every prefix of a vector, 0 where it has less than 1e-12 of the whole.</summary>
    public void Measure(ReadOnlySpan<float> vector, Span<double> lengths)
    {
        double squares = 0;
        int from = 0;
        for (int i = 0; i < _widths.Length; i++)
        {
            ReadOnlySpan<float> block = vector[from.._widths[i]];
            squares += PrefixNorms.Dot(block, block);
            lengths[i] = Math.Sqrt(squares);
            from = _widths[i];
        }
        for (int i = 0; i < _widths.Length; i++)
        {
            lengths[i] = lengths[i] < PrefixNorms.Smallest * lengths[^1] ? 0 : lengths[i];
        }
    }

    public static float Quotient(double value, double divisor) => divisor > 0 ? (float)(value / divisor) : 0;
}
