namespace Microsoft.ML.Mrl.TorchSharp.Data;

/// <summary>
/// The rows of an encoder's table that any text of a training uses, numbered in the order of their first use: no others can learn.
/// </summary>
internal sealed class TouchedRows
{
    private readonly Dictionary<int, int> _numbers = [];
    private readonly List<int> _rows = [];
    private readonly Lazy<float[]> _start;

    /// <param name="table">The encoder's table, <c>[R, D]</c>.</param>
    /// <param name="width">D.</param>
    public TouchedRows(float[] table, int width)
    {
        Width = width;
        _start = new Lazy<float[]>(() => Gather(table));
    }

    public int Width { get; }

    /// <summary>The rows' places in the encoder's table.</summary>
    public IReadOnlyList<int> Rows => _rows;

    /// <summary>The rows as the encoder came with them, <c>[T, D]</c>. Ask only when all texts were read.</summary>
    public float[] Start => _start.Value;

    /// <summary>The number of a row.</summary>
    public int NumberOf(int row)
    {
        if (!_numbers.TryGetValue(row, out int number))
        {
            _numbers.Add(row, number = _rows.Count);
            _rows.Add(row);
        }
        return number;
    }

    private float[] Gather(float[] table)
    {
        var start = new float[(long)_rows.Count * Width];
        for (int i = 0; i < _rows.Count; i++)
        {
            table.AsSpan(_rows[i] * Width, Width).CopyTo(start.AsSpan(i * Width));
        }
        return start;
    }
}
