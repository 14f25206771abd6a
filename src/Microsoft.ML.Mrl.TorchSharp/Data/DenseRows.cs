namespace Microsoft.ML.Mrl;

/// <summary>Row-major single-precision vectors, in memory or beyond it.</summary>
internal sealed class DenseRows(RowStore store) : VectorRows(store.Count, store.Width)
{
    /// <summary>Rows this wide or narrower are compared in memory of the stack.</summary>
    private const int Narrow = 1024;

    /// <summary>Rows in memory, <c>[N, D]</c>.</summary>
    public DenseRows(float[] values, int count, int width)
        : this(StoreOf(values.AsSpan(0, count * width), width))
    {
    }

    /// <summary>Reads neighbouring rows, as many as the destination holds.</summary>
    public void Read(int first, Span<float> destination) => store.Read(first, destination);

    public override void CopyPrefix(int row, Span<float> destination) => store.ReadPrefix(row, destination);

    public override int HashOf(int row)
    {
        Span<float> room = Width <= Narrow ? stackalloc float[Narrow] : new float[Width];
        var hash = new StableHash();
        hash.Add(store.Row(row, room));
        return hash.Value;
    }

    public override bool RowEquals(int row, VectorRows other, int otherRow)
    {
        if (other is not DenseRows dense || dense.Width != Width)
        {
            return false;
        }
        Span<float> room = Width <= Narrow ? stackalloc float[2 * Narrow] : new float[2 * Width];
        return store.Row(row, room[..Width]).SequenceEqual(dense.Row(otherRow, room[Width..]));
    }

    public override void Dispose() => store.Dispose();

    private ReadOnlySpan<float> Row(int row, Span<float> room) => store.Row(row, room);

    private static RowStore StoreOf(ReadOnlySpan<float> values, int width)
    {
        var store = new RowStore(width, new RowStorage(long.MaxValue, Path.GetTempPath()), RowStorage.Purpose.Vectors);
        store.Append(values);
        store.Complete();
        return store;
    }
}
