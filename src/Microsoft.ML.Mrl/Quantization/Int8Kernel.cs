using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Mrl.Quantization;

/// <summary>Computes products with signed bytes. The caller checks the widths.</summary>
internal static class Int8Kernel
{
    public static float Dot(ReadOnlySpan<float> x, ReadOnlySpan<sbyte> y)
    {
        ref float a = ref MemoryMarshal.GetReference(x);
        ref sbyte b = ref MemoryMarshal.GetReference(y);
        nuint length = (nuint)x.Length, i = 0;
        float sum = 0;
        if (Avx512F.IsSupported)
        {
            Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
            for (; i + 64 <= length; i += 64)
            {
                s0 = Avx512F.FusedMultiplyAdd(Vector512.LoadUnsafe(ref a, i), Wide(ref b, i), s0);
                s1 = Avx512F.FusedMultiplyAdd(Vector512.LoadUnsafe(ref a, i + 16), Wide(ref b, i + 16), s1);
                s2 = Avx512F.FusedMultiplyAdd(Vector512.LoadUnsafe(ref a, i + 32), Wide(ref b, i + 32), s2);
                s3 = Avx512F.FusedMultiplyAdd(Vector512.LoadUnsafe(ref a, i + 48), Wide(ref b, i + 48), s3);
            }
            for (; i + 16 <= length; i += 16)
            {
                s0 = Avx512F.FusedMultiplyAdd(Vector512.LoadUnsafe(ref a, i), Wide(ref b, i), s0);
            }
            sum = Vector512.Sum(s0 + s1 + (s2 + s3));
        }
        else if (Avx2.IsSupported && Fma.IsSupported)
        {
            Vector256<float> s0 = default, s1 = default;
            for (; i + 16 <= length; i += 16)
            {
                Vector128<sbyte> codes = Vector128.LoadUnsafe(ref b, i);
                s0 = Fma.MultiplyAdd(Vector256.LoadUnsafe(ref a, i), Avx.ConvertToVector256Single(Avx2.ConvertToVector256Int32(codes)), s0);
                s1 = Fma.MultiplyAdd(
                    Vector256.LoadUnsafe(ref a, i + 8),
                    Avx.ConvertToVector256Single(Avx2.ConvertToVector256Int32(Sse2.ShiftRightLogical128BitLane(codes, 8))),
                    s1);
            }
            sum = Vector256.Sum(s0 + s1);
        }
        else
        {
            sum = DotPortable(ref a, ref b, length, ref i);
        }
        for (; i < length; i++)
        {
            sum += Unsafe.Add(ref a, i) * Unsafe.Add(ref b, i);
        }
        return sum;
    }

    /// <summary>Computes the same with registers that every processor has.</summary>
    internal static float DotPortable(ref float a, ref sbyte b, nuint length, ref nuint i)
    {
        Vector128<float> s0 = default, s1 = default;
        for (; i + 16 <= length; i += 16)
        {
            (Vector128<short> low, Vector128<short> high) = Vector128.Widen(Vector128.LoadUnsafe(ref b, i));
            (Vector128<int> c0, Vector128<int> c1) = Vector128.Widen(low);
            (Vector128<int> c2, Vector128<int> c3) = Vector128.Widen(high);
            s0 += Vector128.LoadUnsafe(ref a, i) * Vector128.ConvertToSingle(c0);
            s1 += Vector128.LoadUnsafe(ref a, i + 4) * Vector128.ConvertToSingle(c1);
            s0 += Vector128.LoadUnsafe(ref a, i + 8) * Vector128.ConvertToSingle(c2);
            s1 += Vector128.LoadUnsafe(ref a, i + 12) * Vector128.ConvertToSingle(c3);
        }
        return Vector128.Sum(s0 + s1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Wide(ref sbyte codes, nuint at)
        => Avx512F.ConvertToVector512Single(Avx512F.ConvertToVector512Int32(Vector128.LoadUnsafe(ref codes, at)));
}
