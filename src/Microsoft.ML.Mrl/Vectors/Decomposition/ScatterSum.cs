using System.Numerics.Tensors;

namespace Microsoft.ML.Mrl.Vectors.Decomposition;

/// <summary>Gathers the mean and the scatter matrix Σ (x − mean)(x − mean)ᵀ of rows in one pass over them.</summary>
/// <remarks>
/// Rows are taken from near their mean, found in the first block, before they are multiplied: what is far from zero but close together
/// would lose its digits otherwise.
/// </remarks>
internal sealed class ScatterSum
{
    private const int RowsAtOnce = 256;

    private readonly int _width;
    private readonly float[] _block;
    private readonly float[] _origin;
    private readonly double[] _sum;
    private readonly double[] _products;
    private int _rows;
    private bool _hasOrigin;

    /// <param name="width">The number of values D of a row.</param>
    public ScatterSum(int width)
    {
        _width = width;
        _block = new float[RowsAtOnce * width];
        _origin = new float[width];
        _sum = new double[width];
        _products = new double[checked(width * width)];
    }

    /// <summary>Gets the number of rows added.</summary>
    public long Count { get; private set; }

    /// <summary>Room for the next row, <c>[D]</c>, which counts as added.</summary>
    public Span<float> NextRow()
    {
        if (_rows == RowsAtOnce)
        {
            Flush();
        }
        Count++;
        return _block.AsSpan(_rows++ * _width, _width);
    }

    /// <summary>Returns the mean, <c>[D]</c>, and the scatter matrix, <c>[D, D]</c>, of at least one row. Ends the gathering.</summary>
    public (double[] Mean, double[] Scatter) Complete()
    {
        Flush();
        var mean = new double[_width];
        for (int i = 0; i < _width; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double value = _products[(i * _width) + j] - (_sum[i] * _sum[j] / Count);
                _products[(i * _width) + j] = value;
                _products[(j * _width) + i] = value;
            }
            mean[i] = _origin[i] + (_sum[i] / Count);
        }
        return (mean, _products);
    }

    private void Flush()
    {
        if (!_hasOrigin)
        {
            SetOrigin();
        }
        for (int row = 0; row < _rows; row++)
        {
            Span<float> own = _block.AsSpan(row * _width, _width);
            TensorPrimitives.Subtract(own, _origin, own);
            for (int c = 0; c < own.Length; c++)
            {
                _sum[c] += own[c];
            }
        }
        TransposedProducts.Add(_block, _width, _block, _width, _rows, _products, onlyLower: true);
        _rows = 0;
    }

    private void SetOrigin()
    {
        var sum = new double[_width];
        for (int row = 0; row < _rows; row++)
        {
            ReadOnlySpan<float> own = _block.AsSpan(row * _width, _width);
            for (int c = 0; c < own.Length; c++)
            {
                sum[c] += own[c];
            }
        }
        for (int c = 0; c < _width; c++)
        {
            _origin[c] = (float)(sum[c] / Math.Max(1, _rows));
        }
        _hasOrigin = true;
    }
}
