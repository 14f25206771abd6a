using System.Globalization;
using System.Numerics.Tensors;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Quantization;

/// <summary>Cuts vectors, where asked to, and makes sure that they can be quantized.</summary>
/// <param name="column">The column's name, for errors.</param>
/// <param name="dimensions">The prefix length to keep and rescale to unit length, or null for all values as they are.</param>
/// <param name="width">The width D of the vectors.</param>
internal sealed class EmbeddingQuantizer(string column, int? dimensions, int width)
{
    // Halves of what is above round to infinity.
    private const float LargestHalf = 65519.996f;

    private readonly float[] _cut = new float[dimensions ?? width];
    private float[] _dense = [];

    /// <summary>Returns the values to quantize, <c>[m]</c>, finite; valid until the next call, and as long as the source.</summary>
    /// <param name="source">The vector, <c>[D]</c>.</param>
    /// <param name="row">Its position in the view, for errors.</param>
    /// <param name="type">The type to quantize to.</param>
    /// <exception cref="InvalidOperationException">A value of the prefix is NaN or infinite, or too large for the type.</exception>
    public ReadOnlySpan<float> Prepare(in VBuffer<float> source, long row, EmbeddingType type)
    {
        ReadOnlySpan<float> values = Dense(in source)[.._cut.Length];
        // A sum of squares is finite only where every value is.
        float square = UnitLength.SumOfSquares(values);
        if (!float.IsFinite(square) && FiniteValues.FirstNotFinite(values) is var slot and >= 0)
        {
            throw Unfit(values[slot], row, slot, type);
        }
        if (dimensions is not null)
        {
            UnitLength.Write(values, square, _cut);
            return _cut;
        }
        if (type == EmbeddingType.Half && square > LargestHalf && MathF.Abs(TensorPrimitives.MaxMagnitude<float>(values)) > LargestHalf)
        {
            int large = 0;
            while (MathF.Abs(values[large]) <= LargestHalf)
            {
                large++;
            }
            throw Unfit(values[large], row, large, type);
        }
        return values;
    }

    private ReadOnlySpan<float> Dense(in VBuffer<float> source)
    {
        if (source.IsDense)
        {
            return source.GetValues();
        }
        if (_dense.Length == 0)
        {
            _dense = new float[width];
        }
        source.CopyTo(_dense);
        return _dense;
    }

    private InvalidOperationException Unfit(float value, long row, int slot, EmbeddingType type) => new(string.Create(
        CultureInfo.InvariantCulture,
        $"The input column '{column}' has {value} in row {row}, slot {slot} (both counted from 0), " +
        $"which {EmbeddingTypes.Name(type)} cannot hold. Repair or filter out such rows."));
}
