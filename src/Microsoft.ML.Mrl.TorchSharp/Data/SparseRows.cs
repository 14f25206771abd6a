namespace Microsoft.ML.Mrl;

/// <summary>Wide vectors of few values in compressed rows: row i has the values and positions from <c>Starts[i]</c> to <c>Starts[i + 1]</c>.</summary>
internal sealed class SparseRows(int[] starts, int[] indices, float[] values, int width) : VectorRows(starts.Length - 1, width)
{
    public int[] Starts { get; } = starts;

    public int[] Indices { get; } = indices;

    public float[] Values { get; } = values;

    public ReadOnlySpan<int> RowIndices(int row) => Indices.AsSpan(Starts[row]..Starts[row + 1]);

    public ReadOnlySpan<float> RowValues(int row) => Values.AsSpan(Starts[row]..Starts[row + 1]);

    public override void CopyPrefix(int row, Span<float> destination)
    {
        destination.Clear();
        ReadOnlySpan<int> indices = RowIndices(row);
        ReadOnlySpan<float> values = RowValues(row);
        for (int i = 0; i < indices.Length && indices[i] < destination.Length; i++)
        {
            destination[indices[i]] = values[i];
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
        other is SparseRows sparse && RowIndices(row).SequenceEqual(sparse.RowIndices(otherRow)) && RowValues(row).SequenceEqual(sparse.RowValues(otherRow));

    public override void Dispose()
    {
    }
}
