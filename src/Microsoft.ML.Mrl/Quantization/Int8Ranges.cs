using System.Globalization;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Microsoft.ML.Mrl.Files;
using Microsoft.ML.Mrl.Quantization;

namespace Microsoft.ML.Mrl;

/// <summary>The range of each dimension that signed bytes are spread over, and the way there and back.</summary>
/// <remarks>
/// <para>
/// With a the lowest and b the highest value of a dimension, x has the code q = round((x − a) / (b − a) · 255) − 128, kept within −128..127, and q stands for
/// a + (q + 128) · (b − a) / 255. What lies within the range comes back wrong by at most half a step, (b − a) / 510; what lies outside comes back as the range's end. A dimension whose
/// range has no width (or one below 10⁻³⁶) has the code 0 whatever the value, and comes back as a: it tells nothing apart, and 0 adds nothing to a product of codes.
/// </para>
/// <para>
/// The formula is that of <c>quantize_embeddings</c> in sentence-transformers (quantization.py), with three differences. It cuts off the fraction after taking away 128, so that
/// values fall towards the code 0 and two steps share that code; here a value goes to the nearest code (halves to the even one). What lies outside the range wraps around
/// there; here it is kept at the end. A dimension without width divides 0 by 0 there, and the code is whatever the processor makes of NaN. So codes may differ from its codes by 1 in range.
/// </para>
/// <para>Immutable and safe for concurrent use.</para>
/// </remarks>
public sealed class Int8Ranges
{
    // Adding this to a number of 0..255 leaves its nearest whole number, halves to even, in the lowest bits.
    private const float Rounder = 12582912f;
    private const int RounderBits = 0x4B400000;

    // Beyond it the width of a range, or what a code stands for, would overflow single precision.
    private const float LargestValue = 1e38f;

    private readonly float[] _minimum;
    private readonly float[] _maximum;
    private readonly float[] _scale;
    private readonly float[] _step;
    private readonly int[] _constant;

    /// <summary>Creates ranges.</summary>
    /// <param name="minimum">The lowest value of each of the m dimensions, within ±1e38.</param>
    /// <param name="maximum">The highest value of each, within ±1e38 and no lower.</param>
    /// <exception cref="ArgumentException">There are none, their numbers differ, one is NaN or beyond ±1e38, or a lowest value is above the highest.</exception>
    public Int8Ranges(ReadOnlySpan<float> minimum, ReadOnlySpan<float> maximum)
    {
        if (minimum.IsEmpty || minimum.Length != maximum.Length)
        {
            throw new ArgumentException($"Ranges need a lowest and a highest value for each dimension: got {minimum.Length} lowest and {maximum.Length} highest.", nameof(maximum));
        }
        _minimum = minimum.ToArray();
        _maximum = maximum.ToArray();
        _scale = new float[minimum.Length];
        _step = new float[minimum.Length];
        var constant = new List<int>();
        for (int i = 0; i < minimum.Length; i++)
        {
            if (!(Math.Abs(minimum[i]) <= LargestValue && Math.Abs(maximum[i]) <= LargestValue && minimum[i] <= maximum[i]))
            {
                throw new ArgumentException(
                    string.Create(CultureInfo.InvariantCulture, $"The range of dimension {i} (counted from 0) is {minimum[i]}..{maximum[i]}. Give two numbers within ±1e38, the lower first."), nameof(minimum));
            }
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

    /// <summary>The number of dimensions m.</summary>
    public int Dimensions => _minimum.Length;

    /// <summary>The lowest value of each dimension, <c>[m]</c>.</summary>
    public ReadOnlySpan<float> Minimum => _minimum;

    /// <summary>The highest value of each dimension, <c>[m]</c>.</summary>
    public ReadOnlySpan<float> Maximum => _maximum;

    /// <summary>What one code is worth in each dimension, <c>[m]</c>: the range's width / 255, 0 where it has none.</summary>
    public ReadOnlySpan<float> Step => _step;

    /// <summary>The lowest and highest values of rows.</summary>
    /// <param name="rows">The rows one after the other, <c>[N, m]</c>, finite. At least one.</param>
    /// <param name="dimensions">The width m of a row, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="dimensions"/> is below 1.</exception>
    /// <exception cref="ArgumentException">There are no rows, or no whole number of them, or a value is NaN or beyond ±1e38.</exception>
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

    /// <summary>Turns a vector into codes.</summary>
    /// <param name="values">The vector, <c>[m]</c>, finite.</param>
    /// <param name="codes">Room for m codes.</param>
    /// <exception cref="ArgumentException">A width is not m, or a value is NaN or infinite.</exception>
    public void Quantize(ReadOnlySpan<float> values, Span<sbyte> codes)
    {
        CheckWidths(values.Length, codes.Length);
        if (FiniteValues.FirstNotFinite(values) is var slot and >= 0)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"The vector has {values[slot]} in slot {slot} (counted from 0), which no code stands for."), nameof(values));
        }
        QuantizeFinite(values, codes);
    }

    /// <summary>Turns codes into the vector that they stand for.</summary>
    /// <param name="codes">The codes, <c>[m]</c>.</param>
    /// <param name="values">Room for m values.</param>
    /// <exception cref="ArgumentException">A width is not m.</exception>
    public void Dequantize(ReadOnlySpan<sbyte> codes, Span<float> values)
    {
        CheckWidths(values.Length, codes.Length);
        for (int i = 0; i < codes.Length; i++)
        {
            values[i] = _minimum[i] + ((codes[i] + 128) * _step[i]);
        }
    }

    /// <summary>
    /// Turns a query into signed bytes of its own, so that a product of integers ranks codes nearly as the query itself would: the query's product with what codes c stand for is, but for
    /// rounding, <c>offset + scale · Σ weights[j] · c[j]</c>.
    /// </summary>
    /// <remarks>
    /// A plain product of two vectors' codes forgets that a code is worth less in a narrow dimension than in a wide one. Here each dimension's step is multiplied into the query before that is
    /// rounded: weights[j] = round(query[j] · step[j] / scale), scale = max |query[j] · step[j]| / 127, offset = Σ query[j] · (a[j] + 128 · step[j]).
    /// </remarks>
    /// <param name="query">The query, <c>[m]</c>, finite.</param>
    /// <param name="weights">Room for m weights.</param>
    /// <returns>Offset and scale; the scale is 0 where no code matters, as for a query of zeros.</returns>
    /// <exception cref="ArgumentException">A width is not m, or a value is NaN or infinite.</exception>
    public (float Offset, float Scale) FoldQuery(ReadOnlySpan<float> query, Span<sbyte> weights)
    {
        CheckWidths(query.Length, weights.Length);
        float[] folded = new float[query.Length];
        float offset = Fold(query, folded);
        float largest = MathF.Abs(TensorPrimitives.MaxMagnitude<float>(folded));
        if (!float.IsFinite(largest))
        {
            throw new ArgumentException("The query has a NaN, an infinity or values too large to be multiplied. Rescale it to unit length.", nameof(query));
        }
        if (largest == 0)
        {
            weights.Clear();
            return (offset, 0);
        }
        float scale = largest / 127;
        for (int i = 0; i < folded.Length; i++)
        {
            weights[i] = (sbyte)Math.Clamp(Math.Round((double)folded[i] / scale), -127, 127);
        }
        return (offset, scale);
    }

    /// <summary>The query times each dimension's step, and the query's product with what the code 0 stands for: their sum with the codes is the product with the vector.</summary>
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
        try
        {
            return new Int8Ranges(ChecksummedFrame.ReadFloats(reader, dimensions), ChecksummedFrame.ReadFloats(reader, dimensions));
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"The ranges are damaged: {e.Message}", e);
        }
    }

    /// <summary>The same for as many values as fill whole registers, whose number is returned.</summary>
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
            Vector512<float> steps = (Vector512.LoadUnsafe(ref value, i) - Vector512.LoadUnsafe(ref minimum, i)) * Vector512.LoadUnsafe(ref scale, i);
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
