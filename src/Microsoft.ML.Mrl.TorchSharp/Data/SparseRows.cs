namespace Microsoft.ML.Mrl.TorchSharp.Data;

/// <summary>Wide vectors of few values in compressed rows.</summary>
/// <param name="starts">Where each row starts in the two that follow, and where the last one ends.</param>
/// <param name="indices">The positions of the values.</param>
/// <param name="values">The values.</param>
/// <param name="width">The width D.</param>
/// <param name="chosen">Those of the rows that these are, ascending; <see langword="null"/> for all.</param>
internal sealed class SparseRows(int[] starts, int[] indices, float[] values, int width, int[]? chosen = null)
    : VectorRows(chosen?.Length ?? (starts.Length - 1), width)
{
    public ReadOnlySpan<int> RowIndices(int row) => indices.AsSpan(RangeOf(row));

    public ReadOnlySpan<float> RowValues(int row) => values.AsSpan(RangeOf(row));

    /// <summary>Some of the rows, where they lie.</summary>
    /// <param name="rows">Their numbers, ascending.</param>
    public SparseRows Choose(int[] rows) =>
        new(starts, indices, values, Width, chosen is null ? rows : Array.ConvertAll(rows, row => chosen[row]));

    public override void CopyPrefix(int row, Span<float> destination)
    {
        destination.Clear();
        ReadOnlySpan<int> places = RowIndices(row);
        ReadOnlySpan<float> numbers = RowValues(row);
        for (int i = 0; i < places.Length && places[i] < destination.Length; i++)
        {
            destination[places[i]] = numbers[i];
        }
    }

    public override int HashOf(int row)
    {
        var hash = new StableHash();
        hash.Add(RowIndices(row));
        hash.Add(RowValues(row));
        return hash.Value;
    }

    public override bool RowEquals(int row, VectorRows other, int otherRow) =>
        other is SparseRows sparse && RowIndices(row).SequenceEqual(sparse.RowIndices(otherRow))
            && RowValues(row).SequenceEqual(sparse.RowValues(otherRow));

    public override void Dispose()
    {
    }

    private Range RangeOf(int row)
    {
        int place = chosen is null ? row : chosen[row];
        return starts[place]..starts[place + 1];
    }
}
