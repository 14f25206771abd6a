namespace Microsoft.ML.Mrl.Text.Encoders.Static;

/// <summary>
/// Represents the tokens of one text as rows of a table and their weights; its embedding is Σ weight · row / <see cref="Count"/>. It is
/// reused for many texts.
/// </summary>
internal sealed class TokenBag
{
    private int[] _rows = new int[64];
    private float[] _weights = new float[64];

    // Where each token's rows end.
    private int[] _ends = new int[64];
    private int _length;

    /// <summary>Gets the number of tokens; one that has several rows counts once.</summary>
    public int Count { get; private set; }

    public ReadOnlySpan<int> Rows => _rows.AsSpan(0, _length);

    public ReadOnlySpan<float> Weights => _weights.AsSpan(0, _length);

    public void Clear() => (_length, Count) = (0, 0);

    /// <summary>Adds a row to the token that is being added.</summary>
    public void AddRow(int row, float weight)
    {
        if (_length == _rows.Length)
        {
            Array.Resize(ref _rows, 2 * _length);
            Array.Resize(ref _weights, 2 * _length);
        }
        _rows[_length] = row;
        _weights[_length++] = weight;
    }

    /// <summary>Ends a token.</summary>
    public void EndToken()
    {
        if (Count == _ends.Length)
        {
            Array.Resize(ref _ends, 2 * Count);
        }
        _ends[Count++] = _length;
    }

    /// <summary>Ends a token whose rows share a weight of 1: as many as were added since the last token ended.</summary>
    public void EndTokenOfEqualRows()
    {
        int start = Count == 0 ? 0 : _ends[Count - 1];
        _weights.AsSpan(start, _length - start).Fill(1f / (_length - start));
        EndToken();
    }
}
