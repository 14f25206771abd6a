using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl.TorchSharp.Data;

/// <summary>
/// Gathers the rows of one vector column. Wide rows that come sparse stay sparse, and in memory whatever the budget; all others become
/// dense.
/// </summary>
/// <param name="columnName">The column, for messages.</param>
/// <param name="width">Its width D.</param>
/// <param name="storage">Where dense rows lie.</param>
/// <param name="announce">Called before the first dense row.</param>
internal sealed class VectorRowsBuilder(string columnName, int width, RowStorage storage, Action? announce = null) : IDisposable
{
    /// <summary>Narrower vectors are kept dense even if they come sparse.</summary>
    public const int SparseAbove = 1024;

    /// <summary>Squares of larger values, summed over a vector, may not fit single precision.</summary>
    private const float LargestValue = 1e15f;

    private readonly GrowingArray<float> _values = new();
    private readonly GrowingArray<int> _indices = new();
    private readonly GrowingArray<int> _starts = new();
    private RowStore? _dense;
    private bool? _sparse;

    /// <summary>Adds a row.</summary>
    /// <param name="row">Its values.</param>
    /// <param name="rowNumber">Its number, for messages.</param>
    /// <param name="place">What the number counts in, for messages: empty, or <c> of validation</c>.</param>
    /// <exception cref="InvalidOperationException">A value is NaN, infinite, or larger than 1e15.</exception>
    public void Add(in VBuffer<float> row, long rowNumber, string place = "")
    {
        Check(row, rowNumber, place);
        _sparse ??= width > SparseAbove && !row.IsDense;
        if (_sparse.Value)
        {
            _starts.Add(_values.Count);
            foreach (KeyValuePair<int, float> item in row.Items())
            {
                if (item.Value != 0)
                {
                    _indices.Add(item.Key);
                    _values.Add(item.Value);
                }
            }
        }
        else
        {
            if (_dense is null)
            {
                announce?.Invoke();
                _dense = NewStore();
            }
            row.CopyTo(_dense.NextRow());
        }
    }

    public VectorRows Build()
    {
        if (_sparse != true)
        {
            RowStore rows = _dense ?? NewStore();
            rows.Complete();
            return new DenseRows(rows);
        }
        _starts.Add(_values.Count);
        return new SparseRows(_starts.ToArray(), _indices.ToArray(), _values.ToArray(), width);
    }

    /// <summary>Gives the rows up, for when they will not be built after all.</summary>
    public void Dispose() => _dense?.Dispose();

    private RowStore NewStore() => new(width, storage, RowStorage.Purpose.Vectors);

    private void Check(in VBuffer<float> row, long rowNumber, string place)
    {
        ReadOnlySpan<float> values = row.GetValues();
        for (int i = 0; i < values.Length; i++)
        {
            if (!(MathF.Abs(values[i]) <= LargestValue))
            {
                int slot = row.IsDense ? i : row.GetIndices()[i];
                throw new InvalidOperationException(
                    $"Column '{columnName}' has the value {values[i]} at row {rowNumber}{place} (counted from 0), slot {slot}. "
                    + $"Training needs finite numbers of at most {LargestValue} in size: remove or repair that row.");
            }
        }
    }
}
