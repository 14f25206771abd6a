using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.TorchSharp.Losses;

/// <summary>The steps of a softmax and of its gradient over one row of logits that is in cache, in vector registers.</summary>
internal static class SoftmaxRow
{
    /// <summary>
    /// running += product; product = running · scale · factors: the logits of a wider prefix from those of the shorter one.
    /// </summary>
    /// <returns>The largest logit.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Accumulate(Span<float> running, Span<float> product, ReadOnlySpan<float> factors, float scale)
    {
        CheckLengths(running.Length, product.Length, factors.Length);
        ref float sum = ref MemoryMarshal.GetReference(running);
        ref float value = ref MemoryMarshal.GetReference(product);
        ref float factor = ref MemoryMarshal.GetReference(factors);
        var scales = new Vector<float>(scale);
        var largest = new Vector<float>(float.NegativeInfinity);
        int i = 0;
        for (; i <= running.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> total = Vector.LoadUnsafe(ref sum, (nuint)i) + Vector.LoadUnsafe(ref value, (nuint)i);
            total.StoreUnsafe(ref sum, (nuint)i);
            Vector<float> logit = total * (scales * Vector.LoadUnsafe(ref factor, (nuint)i));
            logit.StoreUnsafe(ref value, (nuint)i);
            largest = Larger(largest, logit);
        }
        float most = LargestOf(largest);
        for (; i < running.Length; i++)
        {
            running[i] += product[i];
            product[i] = running[i] * (scale * factors[i]);
            most = Math.Max(most, product[i]);
        }
        return most;
    }

    /// <summary>running += product; product = running.</summary>
    /// <returns>The largest logit.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Accumulate(Span<float> running, Span<float> product)
    {
        CheckLengths(running.Length, product.Length, product.Length);
        ref float sum = ref MemoryMarshal.GetReference(running);
        ref float value = ref MemoryMarshal.GetReference(product);
        var largest = new Vector<float>(float.NegativeInfinity);
        int i = 0;
        for (; i <= running.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> total = Vector.LoadUnsafe(ref sum, (nuint)i) + Vector.LoadUnsafe(ref value, (nuint)i);
            total.StoreUnsafe(ref sum, (nuint)i);
            total.StoreUnsafe(ref value, (nuint)i);
            largest = Larger(largest, total);
        }
        float most = LargestOf(largest);
        for (; i < running.Length; i++)
        {
            running[i] += product[i];
            product[i] = running[i];
            most = Math.Max(most, product[i]);
        }
        return most;
    }

    /// <summary>exponentials = exp(logits − largest).</summary>
    /// <returns>Their sum.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Exponentials(ReadOnlySpan<float> logits, float largest, Span<float> exponentials)
    {
        CheckLengths(logits.Length, exponentials.Length, exponentials.Length);
        ref float logit = ref MemoryMarshal.GetReference(logits);
        ref float exponential = ref MemoryMarshal.GetReference(exponentials);
        var shift = new Vector<float>(largest);
        Vector<float> sums = Vector<float>.Zero;
        int i = 0;
        for (; i <= logits.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> e = Exponential(Vector.LoadUnsafe(ref logit, (nuint)i) - shift);
            e.StoreUnsafe(ref exponential, (nuint)i);
            sums += e;
        }
        float sum = Vector.Sum(sums);
        for (; i < logits.Length; i++)
        {
            exponentials[i] = MathF.Exp(logits[i] - largest);
            sum += exponentials[i];
        }
        return sum;
    }

    /// <summary>target = wider + exponentials · scale: the gradient of the logits, on top of that of the wider prefixes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gradient(ReadOnlySpan<float> exponentials, float scale, ReadOnlySpan<float> wider, Span<float> target)
    {
        CheckLengths(exponentials.Length, wider.Length, target.Length);
        ref float exponential = ref MemoryMarshal.GetReference(exponentials);
        ref float above = ref MemoryMarshal.GetReference(wider);
        ref float result = ref MemoryMarshal.GetReference(target);
        var scales = new Vector<float>(scale);
        int i = 0;
        for (; i <= target.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> gradient = Vector.LoadUnsafe(ref above, (nuint)i) + Vector.LoadUnsafe(ref exponential, (nuint)i) * scales;
            gradient.StoreUnsafe(ref result, (nuint)i);
        }
        for (; i < target.Length; i++)
        {
            target[i] = wider[i] + exponentials[i] * scale;
        }
    }

    /// <summary>
    /// With d = exponentials · scale, the gradient of the logits: logits = wider + d · product · factors, the gradient of the dot products
    /// on top of that of the wider prefixes, and columns += d · logits.
    /// </summary>
    /// <returns>Σ d · logits.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Gradient(
        ReadOnlySpan<float> exponentials, float scale, float product, ReadOnlySpan<float> factors, ReadOnlySpan<float> wider,
        Span<float> logits, Span<float> columns)
    {
        CheckLengths(exponentials.Length, factors.Length, wider.Length);
        CheckLengths(exponentials.Length, logits.Length, columns.Length);
        ref float exponential = ref MemoryMarshal.GetReference(exponentials);
        ref float factor = ref MemoryMarshal.GetReference(factors);
        ref float above = ref MemoryMarshal.GetReference(wider);
        ref float logit = ref MemoryMarshal.GetReference(logits);
        ref float column = ref MemoryMarshal.GetReference(columns);
        var scales = new Vector<float>(scale);
        var products = new Vector<float>(product);
        Vector<float> sums = Vector<float>.Zero;
        int i = 0;
        for (; i <= logits.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> d = Vector.LoadUnsafe(ref exponential, (nuint)i) * scales;
            Vector<float> part = d * Vector.LoadUnsafe(ref logit, (nuint)i);
            sums += part;
            (Vector.LoadUnsafe(ref column, (nuint)i) + part).StoreUnsafe(ref column, (nuint)i);
            Vector<float> gradient = Vector.LoadUnsafe(ref above, (nuint)i) + d * (products * Vector.LoadUnsafe(ref factor, (nuint)i));
            gradient.StoreUnsafe(ref logit, (nuint)i);
        }
        float sum = Vector.Sum(sums);
        for (; i < logits.Length; i++)
        {
            float d = exponentials[i] * scale;
            float part = d * logits[i];
            sum += part;
            columns[i] += part;
            logits[i] = wider[i] + d * (product * factors[i]);
        }
        return sum;
    }

    /// <summary>
    /// e^x for x ≤ 0 to about 1e-7 of its value: 2^n · e^r with |r| ≤ ln 2 / 2, e^r by the polynomial of the Cephes library. Below −87,
    /// e^−87.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Exponential(Vector<float> x)
    {
        // Adding 1.5 · 2²³ rounds to a whole number and leaves that number in the lowest bits.
        var round = new Vector<float>(12582912f);
        x = Larger(x, new Vector<float>(-87f));
        Vector<float> shifted = Fused.MultiplyAdd(x, new Vector<float>(1.44269504088896341f), round);
        Vector<float> n = shifted - round;
        Vector<float> r = Fused.MultiplyAdd(
            n, new Vector<float>(2.12194440e-4f), Fused.MultiplyAdd(n, new Vector<float>(-0.693359375f), x));
        var p = new Vector<float>(1.9875691500e-4f);
        p = Fused.MultiplyAdd(p, r, new Vector<float>(1.3981999507e-3f));
        p = Fused.MultiplyAdd(p, r, new Vector<float>(8.3334519073e-3f));
        p = Fused.MultiplyAdd(p, r, new Vector<float>(4.1665795894e-2f));
        p = Fused.MultiplyAdd(p, r, new Vector<float>(1.6666665459e-1f));
        p = Fused.MultiplyAdd(p, r, new Vector<float>(5.0000001201e-1f));
        p = Fused.MultiplyAdd(p, r * r, r + Vector<float>.One);
        return Vector.AsVectorSingle(Vector.AsVectorInt32(p) + Vector.ShiftLeft(Vector.AsVectorInt32(shifted), 23));
    }

    /// <summary>The larger of each two; the second where the first is not a number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Larger(Vector<float> left, Vector<float> right) =>
        Vector.ConditionalSelect(Vector.GreaterThan(left, right), left, right);

    private static float LargestOf(Vector<float> values)
    {
        float largest = values[0];
        for (int i = 1; i < Vector<float>.Count; i++)
        {
            largest = Math.Max(largest, values[i]);
        }
        return largest;
    }

    private static void CheckLengths(int one, int two, int three)
    {
        if (one != two || one != three)
        {
            throw new ArgumentException($"Rows of {one}, {two} and {three} values do not go together.");
        }
    }
}
