namespace Microsoft.ML.Mrl;

/// <summary>Row-major single-precision vectors in memory.</summary>
internal sealed class DenseRows(float[] values, int count, int width) : VectorRows(count, width)
{
    public float[] Values { get; } = values;

    public override void CopyPrefix(int row, Span<float> destination) => Row(row)[..destination.Length].CopyTo(destination);

    public override int HashOf(int row)
    {
        var hash = new StableHash();
        hash.Add(Row(row));
        return hash.Value;
    }

    public override bool RowEquals(int row, VectorRows other, int otherRow) => other is DenseRows dense && Row(row).SequenceEqual(dense.Row(otherRow));

    private ReadOnlySpan<float> Row(int row) => Values.AsSpan((int)((long)row * Width), Width);
}
