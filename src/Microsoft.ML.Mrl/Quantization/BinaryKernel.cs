using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mrl.Quantization;

/// <summary>Computes products and distances of bits. The caller checks the widths.</summary>
internal static class BinaryKernel
{
    private const int Sign = int.MinValue;

    public static int Hamming(ReadOnlySpan<byte> x, ReadOnlySpan<byte> y)
    {
        ref byte a = ref MemoryMarshal.GetReference(x);
        ref byte b = ref MemoryMarshal.GetReference(y);
        nuint length = (nuint)x.Length, i = 0;
        int even = 0, odd = 0;
        for (; i + 16 <= length; i += 16)
        {
            even += BitOperations.PopCount(Word(ref a, i) ^ Word(ref b, i));
            odd += BitOperations.PopCount(Word(ref a, i + 8) ^ Word(ref b, i + 8));
        }
        if (i + 8 <= length)
        {
            even += BitOperations.PopCount(Word(ref a, i) ^ Word(ref b, i));
            i += 8;
        }
        for (; i < length; i++)
        {
            odd += BitOperations.PopCount((uint)(Unsafe.Add(ref a, i) ^ Unsafe.Add(ref b, i)));
        }
        return even + odd;
    }

    public static float DotSigns(ReadOnlySpan<float> query, ReadOnlySpan<byte> bits)
    {
        ref float a = ref MemoryMarshal.GetReference(query);
        nuint i = 0, bytes = (nuint)(query.Length / 8);
        float sum = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            ref byte b = ref MemoryMarshal.GetReference(bits);
            Vector512<int> places = Vector512.Create(
                0x80, 0x40, 0x20, 0x10, 8, 4, 2, 1, 0x8000, 0x4000, 0x2000, 0x1000, 0x800, 0x400, 0x200, 0x100);
            Vector512<float> s0 = default, s1 = default;
            for (; i + 4 <= bytes; i += 4)
            {
                s0 += Signed(Vector512.LoadUnsafe(ref a, 8 * i), Pair(ref b, i), places);
                s1 += Signed(Vector512.LoadUnsafe(ref a, (8 * i) + 16), Pair(ref b, i + 2), places);
            }
            sum = Vector512.Sum(s0 + s1);
        }
        if (Vector256.IsHardwareAccelerated)
        {
            Vector256<int> places = Vector256.Create(0x80, 0x40, 0x20, 0x10, 8, 4, 2, 1);
            Vector256<float> wide = default;
            for (; i < bytes; i++)
            {
                Vector256<int> clear = Vector256.Equals(
                    Vector256.Create((int)bits[(int)i]) & places, Vector256<int>.Zero) & Vector256.Create(Sign);
                wide += (Vector256.LoadUnsafe(ref a, 8 * i).AsInt32() ^ clear).AsSingle();
            }
            sum += Vector256.Sum(wide);
        }
        else
        {
            sum += DotSignsPortable(query, bits, ref i);
        }
        for (int j = 8 * (int)i; j < query.Length; j++)
        {
            sum += (bits[j >> 3] & (0x80 >> (j & 7))) != 0 ? query[j] : -query[j];
        }
        return sum;
    }

    /// <summary>Computes the same with registers that every processor has.</summary>
    internal static float DotSignsPortable(ReadOnlySpan<float> query, ReadOnlySpan<byte> bits, ref nuint i)
    {
        ref float a = ref MemoryMarshal.GetReference(query);
        Vector128<int> high = Vector128.Create(0x80, 0x40, 0x20, 0x10), low = Vector128.Create(8, 4, 2, 1);
        Vector128<float> s0 = default, s1 = default;
        for (nuint bytes = (nuint)(query.Length / 8); i < bytes; i++)
        {
            Vector128<int> word = Vector128.Create((int)bits[(int)i]);
            s0 += (
                Vector128.LoadUnsafe(ref a, 8 * i)
                    .AsInt32() ^ (Vector128.Equals(word & high, Vector128<int>.Zero) & Vector128.Create(Sign))).AsSingle();
            s1 += (
                Vector128.LoadUnsafe(ref a, (8 * i) + 4)
                    .AsInt32() ^ (Vector128.Equals(word & low, Vector128<int>.Zero) & Vector128.Create(Sign))).AsSingle();
        }
        return Vector128.Sum(s0 + s1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Signed(Vector512<float> values, int bits, Vector512<int> places)
    {
        Vector512<int> clear = Vector512.Equals(Vector512.Create(bits) & places, Vector512<int>.Zero) & Vector512.Create(Sign);
        return (values.AsInt32() ^ clear).AsSingle();
    }

    // Two bytes as a number whose lower half is the first, on every machine.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Pair(ref byte bytes, nuint at) => Unsafe.Add(ref bytes, at) | (Unsafe.Add(ref bytes, at + 1) << 8);

    // Which order the bytes of a word have makes no difference to a count of bits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Word(ref byte bytes, nuint at) => Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref bytes, at));
}
