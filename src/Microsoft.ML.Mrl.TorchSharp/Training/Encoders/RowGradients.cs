using System.Numerics.Tensors;
using Microsoft.ML.Mrl.TorchSharp.Data;

namespace Microsoft.ML.Mrl.TorchSharp.Training.Encoders;

/// <summary>
/// Gathers the gradient of the rows of a table from that of the texts' means: a row of weight w in a text of n tokens gets w / n of the
/// text's. Only rows that occur are held.
/// </summary>
internal sealed class RowGradients
{
    private readonly int _width;
    private readonly int[] _placeOf;
    private readonly List<int> _rows = [];
    private float[] _values = [];

    /// <param name="rows">The number of rows T of the table.</param>
    /// <param name="width">Their width D.</param>
    public RowGradients(int rows, int width)
    {
        _width = width;
        _placeOf = new int[rows];
        Array.Fill(_placeOf, -1);
    }

    /// <summary>The rows that have a gradient, in the order in which they occurred.</summary>
    public IReadOnlyList<int> Rows => _rows;

    /// <summary>The gradient of the row at a place of <see cref="Rows"/>, <c>[D]</c>.</summary>
    public ReadOnlySpan<float> At(int place) => _values.AsSpan(place * _width, _width);

    public void Clear()
    {
        foreach (int row in _rows)
        {
            _placeOf[row] = -1;
        }
        _rows.Clear();
    }

    /// <summary>Adds the share of one text.</summary>
    public void Add(TokenRows texts, int text, ReadOnlySpan<float> gradient)
    {
        (ReadOnlyMemory<int> rows, ReadOnlyMemory<float> weights, int count) = texts.Tokens(text);
        for (int i = 0; i < rows.Length; i++)
        {
            Span<float> sum = SumOf(rows.Span[i]);
            TensorPrimitives.MultiplyAdd(gradient, weights.Span[i] / count, sum, sum);
        }
    }

    private Span<float> SumOf(int row)
    {
        int place = _placeOf[row];
        if (place >= 0)
        {
            return _values.AsSpan(place * _width, _width);
        }
        place = _placeOf[row] = _rows.Count;
        _rows.Add(row);
        if ((place + 1) * _width > _values.Length)
        {
            Array.Resize(ref _values, Math.Max((place + 1) * _width, 2 * _values.Length));
        }
        Span<float> sum = _values.AsSpan(place * _width, _width);
        sum.Clear();
        return sum;
    }
}
