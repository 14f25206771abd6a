using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mrl.Vectors;

/// <summary>
/// y = x W + b for row-major W <c>[D_in, D_out]</c>. Every output value is summed over the inputs in ascending order, starting at its bias,
/// with fused multiply-adds; so one row, many rows, sparse rows, a shorter prefix and any vector width give the same bits.
/// Adding 0 at the end makes a negative zero positive: an input of 0 would do that to a dense row alone.
/// </summary>
internal static class LinearKernel
{
    /// <summary>Output values that one pass over the inputs keeps in registers.</summary>
    private const int Tile = 64;

    public static void Dense(ReadOnlySpan<float> source, int count, int inputs, float[] weights, float[] bias,
        Span<float> destination, int width)
    {
        int row = 0;
        for (; row + 2 <= count; row += 2)
        {
            TwoRows(source.Slice(row * inputs, inputs), source.Slice((row + 1) * inputs, inputs), weights, bias,
                destination.Slice(row * width, width), destination.Slice((row + 1) * width, width));
        }
        if (row < count)
        {
            OneRow<EveryInput>(default, source.Slice(row * inputs, inputs), weights, bias, destination.Slice(row * width, width));
        }
    }

    public static void Sparse(ReadOnlySpan<int> indices, ReadOnlySpan<float> values, float[] weights, float[] bias,
        Span<float> destination) =>
        OneRow<ListedInput>(indices, values, weights, bias, destination);

    private static void OneRow<TInput>(ReadOnlySpan<int> indices, ReadOnlySpan<float> values, float[] weights, float[] bias,
        Span<float> destination)
        where TInput : struct, IInput
    {
        int stride = bias.Length;
        int tiled = destination.Length / Tile * Tile;
        ref float w = ref MemoryMarshal.GetArrayDataReference(weights);
        for (int start = 0; start < tiled; start += Tile)
        {
            var a = new Accumulators(bias, start);
            for (int i = 0; i < values.Length; i++)
            {
                nuint at = (nuint)((long)TInput.Position(indices, i) * stride + start);
                Vector512<float> x = Vector512.Create(values[i]);
                a.A = Fused.MultiplyAdd(x, Vector512.LoadUnsafe(ref w, at), a.A);
                a.B = Fused.MultiplyAdd(x, Vector512.LoadUnsafe(ref w, at + 16), a.B);
                a.C = Fused.MultiplyAdd(x, Vector512.LoadUnsafe(ref w, at + 32), a.C);
                a.D = Fused.MultiplyAdd(x, Vector512.LoadUnsafe(ref w, at + 48), a.D);
            }
            a.Store(destination, start);
        }
        Remainder<TInput>(indices, values, weights, bias, destination, tiled);
    }

    /// <summary>Two dense rows at once read each weight from memory once.</summary>
    private static void TwoRows(ReadOnlySpan<float> first, ReadOnlySpan<float> second, float[] weights, float[] bias, Span<float> firstOut,
        Span<float> secondOut)
    {
        int stride = bias.Length;
        int tiled = firstOut.Length / Tile * Tile;
        ref float w = ref MemoryMarshal.GetArrayDataReference(weights);
        for (int start = 0; start < tiled; start += Tile)
        {
            var a = new Accumulators(bias, start);
            Accumulators c = a;
            for (int i = 0; i < first.Length; i++)
            {
                nuint at = (nuint)((long)i * stride + start);
                Vector512<float> x = Vector512.Create(first[i]);
                Vector512<float> z = Vector512.Create(second[i]);
                Vector512<float> w0 = Vector512.LoadUnsafe(ref w, at);
                Vector512<float> w1 = Vector512.LoadUnsafe(ref w, at + 16);
                Vector512<float> w2 = Vector512.LoadUnsafe(ref w, at + 32);
                Vector512<float> w3 = Vector512.LoadUnsafe(ref w, at + 48);
                a.A = Fused.MultiplyAdd(x, w0, a.A);
                c.A = Fused.MultiplyAdd(z, w0, c.A);
                a.B = Fused.MultiplyAdd(x, w1, a.B);
                c.B = Fused.MultiplyAdd(z, w1, c.B);
                a.C = Fused.MultiplyAdd(x, w2, a.C);
                c.C = Fused.MultiplyAdd(z, w2, c.C);
                a.D = Fused.MultiplyAdd(x, w3, a.D);
                c.D = Fused.MultiplyAdd(z, w3, c.D);
            }
            a.Store(firstOut, start);
            c.Store(secondOut, start);
        }
        Remainder<EveryInput>(default, first, weights, bias, firstOut, tiled);
        Remainder<EveryInput>(default, second, weights, bias, secondOut, tiled);
    }

    private static void Remainder<TInput>(ReadOnlySpan<int> indices, ReadOnlySpan<float> values, float[] weights, float[] bias,
        Span<float> destination, int start)
        where TInput : struct, IInput
    {
        int stride = bias.Length;
        ref float w = ref MemoryMarshal.GetArrayDataReference(weights);
        for (; start + 8 <= destination.Length; start += 8)
        {
            Vector256<float> a = Vector256.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(bias), (nuint)start);
            for (int i = 0; i < values.Length; i++)
            {
                nuint at = (nuint)((long)TInput.Position(indices, i) * stride + start);
                a = Fused.MultiplyAdd(Vector256.Create(values[i]), Vector256.LoadUnsafe(ref w, at), a);
            }
            (a + Vector256<float>.Zero).StoreUnsafe(ref MemoryMarshal.GetReference(destination), (nuint)start);
        }
        for (; start < destination.Length; start++)
        {
            float a = bias[start];
            for (int i = 0; i < values.Length; i++)
            {
                a = MathF.FusedMultiplyAdd(values[i], weights[(long)TInput.Position(indices, i) * stride + start], a);
            }
            destination[start] = a + 0f;
        }
    }

    private interface IInput
    {
        static abstract int Position(ReadOnlySpan<int> indices, int i);
    }

    private readonly struct EveryInput : IInput
    {
        public static int Position(ReadOnlySpan<int> indices, int i) => i;
    }

    private readonly struct ListedInput : IInput
    {
        public static int Position(ReadOnlySpan<int> indices, int i) => indices[i];
    }

    private struct Accumulators(float[] bias, int start)
    {
        public Vector512<float> A = Vector512.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(bias), (nuint)start);
        public Vector512<float> B = Vector512.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(bias), (nuint)start + 16);
        public Vector512<float> C = Vector512.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(bias), (nuint)start + 32);
        public Vector512<float> D = Vector512.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(bias), (nuint)start + 48);

        public readonly void Store(Span<float> destination, int start)
        {
            ref float y = ref MemoryMarshal.GetReference(destination);
            (A + Vector512<float>.Zero).StoreUnsafe(ref y, (nuint)start);
            (B + Vector512<float>.Zero).StoreUnsafe(ref y, (nuint)start + 16);
            (C + Vector512<float>.Zero).StoreUnsafe(ref y, (nuint)start + 32);
            (D + Vector512<float>.Zero).StoreUnsafe(ref y, (nuint)start + 48);
        }
    }
}
