namespace Microsoft.ML.Mrl.TorchSharp.Data;

/// <summary>Row-major single-precision vectors, in memory or beyond it.</summary>
/// <param name="store">The rows.</param>
/// <param name="chosen">Those of them that these are, ascending; <see langword="null"/> for all.</param>
internal sealed class DenseRows(RowStore store, int[]? chosen = null) : VectorRows(chosen?.Length ?? store.Count, store.Width)
{
    /// <summary>Rows this wide or narrower are compared in memory of the stack.</summary>
    private const int Narrow = 1024;

    /// <summary>Some of the rows, where they lie; ends with these.</summary>
    /// <param name="rows">Their numbers, ascending.</param>
    public DenseRows Choose(int[] rows) => new(store, chosen is null ? rows : Array.ConvertAll(rows, row => chosen[row]));

    /// <summary>Reads neighbouring rows, as many as the destination holds.</summary>
    public void Read(int first, Span<float> destination)
    {
        if (chosen is null)
        {
            store.Read(first, destination);
            return;
        }
        int end = first + (destination.Length / Width);
        while (first < end)
        {
            int next = first + 1;
            while (next < end && chosen[next] == chosen[next - 1] + 1)
            {
                next++;
            }
            int numbers = (next - first) * Width;
            store.Read(chosen[first], destination[..numbers]);
            destination = destination[numbers..];
            first = next;
        }
    }

    public override void CopyPrefix(int row, Span<float> destination) => store.ReadPrefix(PlaceOf(row), destination);

    public override int HashOf(int row)
    {
        Span<float> room = Width <= Narrow ? stackalloc float[Narrow] : new float[Width];
        var hash = new StableHash();
        hash.Add(Row(row, room));
        return hash.Value;
    }

    public override bool RowEquals(int row, VectorRows other, int otherRow)
    {
        if (other is not DenseRows dense || dense.Width != Width)
        {
            return false;
        }
        Span<float> room = Width <= Narrow ? stackalloc float[2 * Narrow] : new float[2 * Width];
        return Row(row, room[..Width]).SequenceEqual(dense.Row(otherRow, room[Width..]));
    }

    public override void Dispose()
    {
        if (chosen is null)
        {
            store.Dispose();
        }
    }

    private int PlaceOf(int row) => chosen is null ? row : chosen[row];

    private ReadOnlySpan<float> Row(int row, Span<float> room) => store.Row(PlaceOf(row), room);
}
