using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Mrl.Quantization;

/// <summary>Computes products with half-precision values. The caller checks the widths.</summary>
/// <remarks>
/// .NET has no instruction for the conversion, so it is made of integer ones. Exponent and fraction, moved to where single precision has
/// them, are a number 2⁻¹¹² times too small, and a multiplication corrects that, for subnormal halves as well. The exponent of infinities
/// and NaN is set to all ones again.
/// </remarks>
internal static class HalfKernel
{
    // 2¹¹².
    private const float Magnify = 5192296858534827628530496329220096f;

    // The least magnitude after that multiplication which stood for an infinity or a NaN: 2¹⁶.
    private const float Special = 65536f;

    public static float Dot(ReadOnlySpan<float> x, ReadOnlySpan<short> y)
    {
        ref float a = ref MemoryMarshal.GetReference(x);
        ref short b = ref MemoryMarshal.GetReference(y);
        nuint length = (nuint)x.Length, i = 0;
        float sum = 0;
        if (Avx512F.IsSupported)
        {
            Vector512<float> s0 = default, s1 = default;
            for (; i + 32 <= length; i += 32)
            {
                s0 = Avx512F.FusedMultiplyAdd(
                    Vector512.LoadUnsafe(ref a, i), ToSingle(Avx512F.ConvertToVector512Int32(Vector256.LoadUnsafe(ref b, i))), s0);
                s1 = Avx512F.FusedMultiplyAdd(
                    Vector512.LoadUnsafe(ref a, i + 16),
                    ToSingle(Avx512F.ConvertToVector512Int32(Vector256.LoadUnsafe(ref b, i + 16))),
                    s1);
            }
            sum = Vector512.Sum(s0 + s1);
        }
        else if (Avx2.IsSupported && Fma.IsSupported)
        {
            Vector256<float> s0 = default, s1 = default;
            for (; i + 16 <= length; i += 16)
            {
                s0 = Fma.MultiplyAdd(
                    Vector256.LoadUnsafe(ref a, i), ToSingle(Avx2.ConvertToVector256Int32(Vector128.LoadUnsafe(ref b, i))), s0);
                s1 = Fma.MultiplyAdd(
                    Vector256.LoadUnsafe(ref a, i + 8), ToSingle(Avx2.ConvertToVector256Int32(Vector128.LoadUnsafe(ref b, i + 8))), s1);
            }
            sum = Vector256.Sum(s0 + s1);
        }
        else
        {
            sum = DotPortable(ref a, ref b, length, ref i);
        }
        for (; i < length; i++)
        {
            sum += Unsafe.Add(ref a, i) * (float)BitConverter.Int16BitsToHalf(Unsafe.Add(ref b, i));
        }
        return sum;
    }

    /// <summary>Computes the same with registers that every processor has.</summary>
    internal static float DotPortable(ref float a, ref short b, nuint length, ref nuint i)
    {
        Vector128<float> s0 = default, s1 = default;
        for (; i + 8 <= length; i += 8)
        {
            (Vector128<int> low, Vector128<int> high) = Vector128.Widen(Vector128.LoadUnsafe(ref b, i));
            s0 += Vector128.LoadUnsafe(ref a, i) * ToSingle(low);
            s1 += Vector128.LoadUnsafe(ref a, i + 4) * ToSingle(high);
        }
        return Vector128.Sum(s0 + s1);
    }

    // The bits were widened with their sign, which is why it stands in the highest bit already.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> ToSingle(Vector512<int> half)
    {
        Vector512<float> magnitude = Vector512.ShiftLeft(half & Vector512.Create(0x7FFF), 13).AsSingle() * Vector512.Create(Magnify);
        Vector512<int> special = Vector512.GreaterThanOrEqual(magnitude, Vector512.Create(Special))
            .AsInt32() & Vector512.Create(0x7F80_0000);
        return (magnitude.AsInt32() | special | (half & Vector512.Create(int.MinValue))).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<float> ToSingle(Vector256<int> half)
    {
        Vector256<float> magnitude = Vector256.ShiftLeft(half & Vector256.Create(0x7FFF), 13).AsSingle() * Vector256.Create(Magnify);
        Vector256<int> special = Vector256.GreaterThanOrEqual(magnitude, Vector256.Create(Special))
            .AsInt32() & Vector256.Create(0x7F80_0000);
        return (magnitude.AsInt32() | special | (half & Vector256.Create(int.MinValue))).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<float> ToSingle(Vector128<int> half)
    {
        Vector128<float> magnitude = Vector128.ShiftLeft(half & Vector128.Create(0x7FFF), 13).AsSingle() * Vector128.Create(Magnify);
        Vector128<int> special = Vector128.GreaterThanOrEqual(magnitude, Vector128.Create(Special))
            .AsInt32() & Vector128.Create(0x7F80_0000);
        return (magnitude.AsInt32() | special | (half & Vector128.Create(int.MinValue))).AsSingle();
    }
}
