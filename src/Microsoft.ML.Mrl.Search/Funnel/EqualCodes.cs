namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>Takes rows for equal whose prefixes are the same in signed bytes, as those of vectors mostly are that differ by rounding
/// alone.</summary>
internal sealed class EqualCodes(RowStore rows, int dimensions) : IEqualityComparer<int>
{
    private readonly PrefixCodec _codec = new(dimensions, EmbeddingType.Int8);

    /// <summary>The rows. More may be there later.</summary>
    public RowStore Rows { get; set; } = rows;

    /// <summary>Whether the prefix of a row is too short to have a direction.</summary>
    public bool IsNothing(int row)
    {
        Span<byte> codes = stackalloc byte[dimensions];
        return !Write(row, codes);
    }

    public bool Equals(int x, int y)
    {
        if (x == y)
        {
            return true;
        }
        Span<byte> left = stackalloc byte[dimensions], right = stackalloc byte[dimensions];
        Write(x, left);
        Write(y, right);
        return left.SequenceEqual(right);
    }

    public int GetHashCode(int row)
    {
        Span<byte> codes = stackalloc byte[dimensions];
        Write(row, codes);
        var hash = default(HashCode);
        hash.AddBytes(codes);
        return hash.ToHashCode();
    }

    private bool Write(int row, Span<byte> codes)
    {
        Span<float> prefix = stackalloc float[dimensions];
        Rows.CopyPrefix(row, prefix);
        return _codec.Write(prefix, codes);
    }
}
