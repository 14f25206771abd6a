using System.Buffers;

namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>Queries made ready for a layout.</summary>
internal sealed class FunnelQueries : IDisposable
{
    /// <param name="vectors">Finite vectors, <c>[Q, D]</c>.</param>
    /// <param name="layout">The layout.</param>
    public FunnelQueries(ReadOnlySpan<float> vectors, FunnelLayout layout)
    {
        Count = vectors.Length / layout.Dimensions;
        First = ArrayPool<float>.Shared.Rent(checked(Count * layout.Strides[0]));
        Rest = ArrayPool<float>.Shared.Rent(checked(Count * layout.RestLength));
        Array.Clear(Rest, 0, Count * layout.RestLength);
        Lengths = new float[Count];
        Inverses = new float[layout.Count][];
        for (int i = 0; i < layout.Count; i++)
        {
            Inverses[i] = new float[Count];
        }
        ReadOnlySpan<int> widths = layout.Widths;
        Span<double> lengths = stackalloc double[widths.Length];
        for (int q = 0; q < Count; q++)
        {
            ReadOnlySpan<float> vector = vectors.Slice(q * layout.Dimensions, layout.Dimensions);
            layout.Measure(vector, lengths);
            Span<float> first = First.AsSpan(q * widths[0], widths[0]);
            for (int c = 0; c < first.Length; c++)
            {
                first[c] = FunnelLayout.Quotient(vector[c], lengths[0]);
            }
            for (int i = 1; i < widths.Length; i++)
            {
                Span<float> block = Rest.AsSpan((q * layout.RestLength) + layout.Starts[i]);
                for (int c = widths[i - 1]; c < widths[i]; c++)
                {
                    block[c - widths[i - 1]] = FunnelLayout.Quotient(vector[c], lengths[^1]);
                }
                Inverses[i][q] = i < widths.Length - 1 ? FunnelLayout.Quotient(lengths[^1], lengths[i]) : 1;
            }
            Lengths[q] = FunnelLayout.Quotient(lengths[0], lengths[^1]);
        }
    }

    /// <summary>The number of queries Q.</summary>
    public int Count { get; }

    /// <summary>The first prefixes, of unit length, <c>[Q, w_0]</c> and more room.</summary>
    public float[] First { get; private set; }

    /// <summary>The further blocks of the vectors of unit length, <c>[Q, sum of strides]</c> and more room.</summary>
    public float[] Rest { get; private set; }

    /// <summary>The lengths of the first prefixes.</summary>
    public float[] Lengths { get; }

    /// <summary>The inverse lengths at each width after the first, <c>[M][Q]</c>; 1 at the last.</summary>
    public float[][] Inverses { get; }

    public void Dispose()
    {
        (float[] first, float[] rest) = (First, Rest);
        (First, Rest) = ([], []);
        if (first.Length > 0)
        {
            ArrayPool<float>.Shared.Return(first);
        }
        if (rest.Length > 0)
        {
            ArrayPool<float>.Shared.Return(rest);
        }
    }
}
