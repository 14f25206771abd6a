using System.Numerics.Tensors;

namespace Microsoft.ML.Mrl.Quantization;

/// <summary>Finds the lowest and highest value of each dimension, row by row.</summary>
internal sealed class RangeCounter
{
    private readonly float[] _minimum;
    private readonly float[] _maximum;

    /// <param name="dimensions">The width m of a row.</param>
    public RangeCounter(int dimensions)
    {
        _minimum = new float[dimensions];
        _maximum = new float[dimensions];
        Array.Fill(_minimum, float.PositiveInfinity);
        Array.Fill(_maximum, float.NegativeInfinity);
    }

    /// <summary>Gets the rows added.</summary>
    public long Rows { get; private set; }

    /// <summary>Adds a row, <c>[m]</c>. One with a NaN or an infinity makes <see cref="ToRanges"/> fail.</summary>
    public void Add(ReadOnlySpan<float> row)
    {
        TensorPrimitives.Min(row, _minimum, _minimum);
        TensorPrimitives.Max(row, _maximum, _maximum);
        Rows++;
    }

    public Int8Ranges ToRanges() => new(_minimum, _maximum);
}
