using System.Globalization;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Quantization;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents the range of values of each dimension over which signed bytes are spread, and converts vectors to codes and back.
/// </summary>
/// <remarks>
/// <para>
/// Let a be the lowest and b the highest value of a dimension. A value x has the code q = round((x − a) / (b − a) · 255) − 128, clamped to
/// −128..127, and q stands for a + (q + 128) · (b − a) / 255. A value within the range is restored with an error of at most half a step, (b
/// − a) / 510; a value outside is restored as the nearer end of the range. If the range of a dimension has no width (or one below 10⁻³⁶),
/// every value has the code 0 and is restored as a: such a dimension distinguishes nothing, and 0 adds nothing to a product of codes.
/// </para>
/// <para>
/// The formula is that of <c>quantize_embeddings</c> in sentence-transformers (quantization.py), with three differences. That function cuts
/// off the fraction after subtracting 128, so that values move towards the code 0 and two steps share that code; here a value gets the
/// nearest code (ties to even). There, values outside the range wrap around; here they are clamped. There, a dimension without width
/// divides 0 by 0 and its code is undefined. Within the range, codes may therefore differ from its codes by 1.
/// </para>
/// <para>This type is immutable and safe for concurrent use.</para>
/// </remarks>
public sealed class Int8Ranges
{
    // Adding this to a number of 0..255 leaves its nearest whole number, halves to even, in the lowest bits.
    private const float Rounder = 12582912f;
    private const int RounderBits = 0x4B400000;

    // Beyond it what a code stands for could overflow on the way, though it lies within the range.
    private const float LargestSafeValue = 1e38f;

    // The ranges of 16 million dimensions.
    internal const int MaxBytes = 1 << 27;

    private readonly float[] _minimum;
    private readonly float[] _maximum;
    private readonly float[] _scale;
    private readonly float[] _step;
    private readonly int[] _constant;
    private readonly bool _hasHugeValues;

    /// <summary>Initializes a new instance of the <see cref="Int8Ranges"/> class.</summary>
    /// <param name="minimum">The lowest value of each of the m dimensions, finite.</param>
    /// <param name="maximum">The highest value of each dimension, finite and not below the lowest.</param>
    /// <exception cref="ArgumentException">
    /// There are no dimensions, the lengths differ, a value is NaN or infinite, or a lowest value is above the highest.
    /// </exception>
    public Int8Ranges(ReadOnlySpan<float> minimum, ReadOnlySpan<float> maximum)
    {
        if (minimum.IsEmpty || minimum.Length != maximum.Length)
        {
            throw new ArgumentException(
                $"Ranges need a lowest and a highest value for each dimension: got {minimum.Length} lowest and {maximum.Length} highest.",
                nameof(maximum));
        }
        _minimum = minimum.ToArray();
        _maximum = maximum.ToArray();
        _scale = new float[minimum.Length];
        _step = new float[minimum.Length];
        var constant = new List<int>();
        for (int i = 0; i < minimum.Length; i++)
        {
            if (!float.IsFinite(minimum[i]) || !float.IsFinite(maximum[i]) || minimum[i] > maximum[i])
            {
                throw new ArgumentException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"The range of dimension {i} (counted from 0) is {minimum[i]}..{maximum[i]}. " +
                        $"Give two finite numbers, the lower first."),
                    nameof(minimum));
            }
            _hasHugeValues |= Math.Max(-minimum[i], maximum[i]) > LargestSafeValue;
            double width = (double)maximum[i] - minimum[i];
            if (width < 1e-36)
            {
                constant.Add(i);
                continue;
            }
            _scale[i] = (float)(255 / width);
            _step[i] = (float)(width / 255);
        }
        _constant = [.. constant];
    }

    /// <summary>Gets the number of dimensions m.</summary>
    public int Dimensions => _minimum.Length;

    /// <summary>Gets the lowest value of each dimension, <c>[m]</c>.</summary>
    public ReadOnlySpan<float> Minimum => _minimum;

    /// <summary>Gets the highest value of each dimension, <c>[m]</c>.</summary>
    public ReadOnlySpan<float> Maximum => _maximum;

    /// <summary>Gets the codes for one unit of each dimension, <c>[m]</c>, which are 0 if the range has no width.</summary>
    internal ReadOnlySpan<float> Scale => _scale;

    /// <summary>Gets the value of one code step in each dimension, <c>[m]</c>.</summary>
    internal ReadOnlySpan<float> Step => _step;

    /// <summary>Gets a value indicating whether differences of values may be beyond single precision.</summary>
    internal bool HasHugeValues => _hasHugeValues;

    /// <summary>Returns the ranges between the lowest and highest values of rows.</summary>
    /// <param name="rows">The rows one after the other, <c>[N, m]</c>, finite. At least one.</param>
    /// <param name="dimensions">The width m of a row, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="dimensions"/> is below 1.</exception>
    /// <exception cref="ArgumentException">There are no rows, the values are not whole rows, or a value is NaN or infinite.</exception>
    public static Int8Ranges FromRows(ReadOnlySpan<float> rows, int dimensions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        if (rows.IsEmpty || rows.Length % dimensions != 0)
        {
            throw new ArgumentException($"{rows.Length} values are not rows of {dimensions}. Give at least one whole row.", nameof(rows));
        }
        var ranges = new RangeCounter(dimensions);
        for (int i = 0; i < rows.Length; i += dimensions)
        {
            ranges.Add(rows.Slice(i, dimensions));
        }
        return ranges.ToRanges();
    }

    /// <summary>Converts a vector to codes.</summary>
    /// <param name="values">The vector, <c>[m]</c>, finite.</param>
    /// <param name="codes">Room for m codes.</param>
    /// <exception cref="ArgumentException">A length is not m, or a value is NaN or infinite.</exception>
    public void Quantize(ReadOnlySpan<float> values, Span<sbyte> codes)
    {
        CheckWidths(values.Length, codes.Length);
        if (FiniteValues.FirstNotFinite(values) is var slot and >= 0)
        {
            throw new ArgumentException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The vector has {values[slot]} in slot {slot} (counted from 0), " +
                    $"which cannot be stored as a signed byte. Repair or leave out such vectors."),
                nameof(values));
        }
        QuantizeFinite(values, codes);
    }

    /// <summary>Converts codes to the vector that they stand for.</summary>
    /// <param name="codes">The codes, <c>[m]</c>.</param>
    /// <param name="values">Room for m values.</param>
    /// <exception cref="ArgumentException">A length is not m.</exception>
    public void Dequantize(ReadOnlySpan<sbyte> codes, Span<float> values)
    {
        CheckWidths(values.Length, codes.Length);
        if (_hasHugeValues)
        {
            for (int i = 0; i < codes.Length; i++)
            {
                values[i] = (float)Math.Min(_minimum[i] + ((codes[i] + 128) * (double)_step[i]), _maximum[i]);
            }
            return;
        }
        for (int i = 0; i < codes.Length; i++)
        {
            values[i] = _minimum[i] + ((codes[i] + 128) * _step[i]);
        }
    }

    /// <summary>
    /// Multiplies a query by each dimension's step and returns the query's product with the vector of all codes 0. The product with any
    /// vector is that offset plus the sum of the folded query times its codes.
    /// </summary>
    internal float Fold(ReadOnlySpan<float> query, Span<float> folded)
    {
        double offset = 0;
        for (int i = 0; i < query.Length; i++)
        {
            offset += query[i] * (_minimum[i] + (128.0 * _step[i]));
        }
        TensorPrimitives.Multiply(query, _step, folded);
        return (float)offset;
    }

    /// <summary>As <see cref="Quantize"/>, for values known to be finite and of the right width.</summary>
    internal void QuantizeFinite(ReadOnlySpan<float> values, Span<sbyte> codes)
    {
        if (_hasHugeValues)
        {
            QuantizeHuge(values, codes);
            return;
        }
        int width = Vector<float>.Count;
        int i = Avx512F.IsSupported ? Quantize512(values, codes) : 0;
        for (; i <= values.Length - (4 * width); i += 4 * width)
        {
            Vector<short> low = Vector.Narrow(Codes(values, i), Codes(values, i + width));
            Vector<short> high = Vector.Narrow(Codes(values, i + (2 * width)), Codes(values, i + (3 * width)));
            Vector.Narrow(low, high).CopyTo(codes[i..]);
        }
        for (; i < values.Length; i++)
        {
            float step = Math.Min(Math.Max((values[i] - _minimum[i]) * _scale[i], 0f), 255f);
            codes[i] = (sbyte)(BitConverter.SingleToInt32Bits(step + Rounder) - RounderBits - 128);
        }
        foreach (int constant in _constant)
        {
            codes[constant] = 0;
        }
    }

    // A difference of two such values may be beyond single precision.
    private void QuantizeHuge(ReadOnlySpan<float> values, Span<sbyte> codes)
    {
        for (int i = 0; i < values.Length; i++)
        {
            codes[i] = (sbyte)(Math.Round(Math.Clamp(((double)values[i] - _minimum[i]) * _scale[i], 0, 255)) - 128);
        }
        foreach (int constant in _constant)
        {
            codes[constant] = 0;
        }
    }

    internal void Write(BinaryWriter writer)
    {
        writer.Write(Dimensions);
        ChecksummedFrame.WriteFloats(writer, _minimum);
        ChecksummedFrame.WriteFloats(writer, _maximum);
    }

    /// <exception cref="InvalidDataException">What is read cannot be ranges.</exception>
    internal static Int8Ranges Read(BinaryReader reader)
    {
        int dimensions = ChecksummedFrame.ReadPositive(reader, "ranges' number of dimensions");
        return new Int8Ranges(ChecksummedFrame.ReadFloats(reader, dimensions), ChecksummedFrame.ReadFloats(reader, dimensions));
    }

    /// <summary>Quantizes as many values as fill whole registers, and returns their number.</summary>
    private int Quantize512(ReadOnlySpan<float> values, Span<sbyte> codes)
    {
        const int Lanes = 16;
        ref float value = ref MemoryMarshal.GetReference(values);
        ref float minimum = ref MemoryMarshal.GetArrayDataReference(_minimum);
        ref float scale = ref MemoryMarshal.GetArrayDataReference(_scale);
        ref sbyte code = ref MemoryMarshal.GetReference(codes);
        int whole = Math.Min(Math.Min(values.Length, codes.Length), _minimum.Length) / Lanes * Lanes;
        for (nuint i = 0; i < (nuint)whole; i += Lanes)
        {
            Vector512<float> steps = (
                Vector512.LoadUnsafe(ref value, i) - Vector512.LoadUnsafe(ref minimum, i)) * Vector512.LoadUnsafe(ref scale, i);
            steps = Avx512F.Min(Avx512F.Max(steps, Vector512<float>.Zero), Vector512.Create(255f));
            Vector512<int> wide = (steps + Vector512.Create(Rounder)).AsInt32() - Vector512.Create(RounderBits + 128);
            Avx512F.ConvertToVector128SByte(wide).StoreUnsafe(ref code, i);
        }
        return whole;
    }

    private Vector<int> Codes(ReadOnlySpan<float> values, int at)
    {
        Vector<float> steps = (new Vector<float>(values[at..]) - new Vector<float>(_minimum, at)) * new Vector<float>(_scale, at);
        steps = Vector.Min(Vector.Max(steps, Vector<float>.Zero), new Vector<float>(255f));
        return Vector.AsVectorInt32(steps + new Vector<float>(Rounder)) - new Vector<int>(RounderBits + 128);
    }

    private void CheckWidths(int values, int codes)
    {
        if (values != Dimensions || codes != Dimensions)
        {
            throw new ArgumentException($"The ranges are of {Dimensions} dimensions; got {values} values and {codes} codes.");
        }
    }
}
