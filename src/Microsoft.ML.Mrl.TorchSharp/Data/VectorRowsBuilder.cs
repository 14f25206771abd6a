using Microsoft.ML.Data;

namespace Microsoft.ML.Mrl;

/// <summary>Gathers the rows of one vector column. Wide rows that come sparse stay sparse; all others become dense.</summary>
internal sealed class VectorRowsBuilder(string columnName, int width)
{
    /// <summary>Narrower vectors are kept dense even if they come sparse.</summary>
    public const int SparseAbove = 1024;

    private readonly GrowingArray<float> _values = new();
    private readonly GrowingArray<int> _indices = new();
    private readonly GrowingArray<int> _starts = new();
    private bool? _sparse;
    private int _count;

    /// <summary>Adds a row.</summary>
    /// <exception cref="InvalidOperationException">A value is NaN or infinite.</exception>
    public void Add(in VBuffer<float> row, long rowNumber)
    {
        Check(row, rowNumber);
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
            row.CopyTo(_values.Append(width));
        }
        _count++;
    }

    public VectorRows Build()
    {
        if (_sparse != true)
        {
            return new DenseRows(_values.ToArray(), _count, width);
        }
        _starts.Add(_values.Count);
        return new SparseRows(_starts.ToArray(), _indices.ToArray(), _values.ToArray(), width);
    }

    private void Check(in VBuffer<float> row, long rowNumber)
    {
        ReadOnlySpan<float> values = row.GetValues();
        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
            {
                int slot = row.IsDense ? i : row.GetIndices()[i];
                throw new InvalidOperationException(
                    $"Column '{columnName}' has the value {values[i]} at row {rowNumber} (counted from 0), slot {slot}. Training needs finite numbers: remove or repair that row.");
            }
        }
    }
}
