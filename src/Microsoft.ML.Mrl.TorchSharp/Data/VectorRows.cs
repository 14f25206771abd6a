namespace Microsoft.ML.Mrl.TorchSharp.Data;

/// <summary>The vectors of one column, read once and kept for the training. <c>[N, D]</c>.</summary>
internal abstract class VectorRows(int count, int width) : IDisposable
{
    /// <summary>The number of rows N.</summary>
    public int Count { get; } = count;

    /// <summary>The width D.</summary>
    public int Width { get; } = width;

    /// <summary>
    /// Says which rows are going to be read, for columns that compute them: many at once is quicker. Default: nothing is computed.
    /// </summary>
    public virtual void Prepare(ReadOnlySpan<int> rows)
    {
    }

    /// <summary>Writes the first values of a row.</summary>
    public abstract void CopyPrefix(int row, Span<float> destination);

    /// <summary>A hash of a row's values that is the same for equal rows.</summary>
    public abstract int HashOf(int row);

    /// <summary>
    /// Whether a row has the values of a row of another column; 0 and −0 are equal. Columns kept in different forms have no equal rows.
    /// </summary>
    public abstract bool RowEquals(int row, VectorRows other, int otherRow);

    /// <summary>Gives up what lies outside of managed memory.</summary>
    public abstract void Dispose();
}
