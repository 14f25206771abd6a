using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
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
        var scales = Vector512.Create(scale);
        var largest = Vector512.Create(float.NegativeInfinity);
        int i = 0;
        for (; i <= running.Length - Vector512<float>.Count; i += Vector512<float>.Count)
        {
            Vector512<float> total = Vector512.LoadUnsafe(ref sum, (nuint)i) + Vector512.LoadUnsafe(ref value, (nuint)i);
            total.StoreUnsafe(ref sum, (nuint)i);
            Vector512<float> logit = total * (scales * Vector512.LoadUnsafe(ref factor, (nuint)i));
            logit.StoreUnsafe(ref value, (nuint)i);
            largest = Exponential.Larger(largest, logit);
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

    /// <summary>
    /// The same for two dimensions at once, of which the narrower comes first; where it is the first of all, the running sums are
    /// overwritten. They are read and written once, which is what such a row waits for.
    /// </summary>
    /// <returns>The largest logit of each.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static (float Narrower, float Wider) Accumulate(
        Span<float> running, bool isFirst, Span<float> narrower, ReadOnlySpan<float> narrowerFactors, float narrowerScale,
        Span<float> wider, ReadOnlySpan<float> widerFactors, float widerScale)
    {
        CheckLengths(running.Length, narrower.Length, narrowerFactors.Length);
        CheckLengths(running.Length, wider.Length, widerFactors.Length);
        ref float sum = ref MemoryMarshal.GetReference(running);
        ref float value = ref MemoryMarshal.GetReference(narrower);
        ref float factor = ref MemoryMarshal.GetReference(narrowerFactors);
        ref float widerValue = ref MemoryMarshal.GetReference(wider);
        ref float widerFactor = ref MemoryMarshal.GetReference(widerFactors);
        Vector512<float> scales = Vector512.Create(narrowerScale), widerScales = Vector512.Create(widerScale);
        Vector512<float> largest = Vector512.Create(float.NegativeInfinity), widerLargest = largest;
        int i = 0;
        for (; i <= running.Length - Vector512<float>.Count; i += Vector512<float>.Count)
        {
            Vector512<float> total = isFirst ? Vector512<float>.Zero : Vector512.LoadUnsafe(ref sum, (nuint)i);
            total += Vector512.LoadUnsafe(ref value, (nuint)i);
            Vector512<float> logit = total * (scales * Vector512.LoadUnsafe(ref factor, (nuint)i));
            logit.StoreUnsafe(ref value, (nuint)i);
            largest = Exponential.Larger(largest, logit);
            total += Vector512.LoadUnsafe(ref widerValue, (nuint)i);
            total.StoreUnsafe(ref sum, (nuint)i);
            logit = total * (widerScales * Vector512.LoadUnsafe(ref widerFactor, (nuint)i));
            logit.StoreUnsafe(ref widerValue, (nuint)i);
            widerLargest = Exponential.Larger(widerLargest, logit);
        }
        float most = LargestOf(largest), widerMost = LargestOf(widerLargest);
        for (; i < running.Length; i++)
        {
            float total = (isFirst ? 0 : running[i]) + narrower[i];
            narrower[i] = total * (narrowerScale * narrowerFactors[i]);
            most = Math.Max(most, narrower[i]);
            running[i] = total + wider[i];
            wider[i] = running[i] * (widerScale * widerFactors[i]);
            widerMost = Math.Max(widerMost, wider[i]);
        }
        return (most, widerMost);
    }

    /// <summary>running += product; product = running.</summary>
    /// <returns>The largest logit.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Accumulate(Span<float> running, Span<float> product)
    {
        CheckLengths(running.Length, product.Length, product.Length);
        ref float sum = ref MemoryMarshal.GetReference(running);
        ref float value = ref MemoryMarshal.GetReference(product);
        var largest = Vector512.Create(float.NegativeInfinity);
        int i = 0;
        for (; i <= running.Length - Vector512<float>.Count; i += Vector512<float>.Count)
        {
            Vector512<float> total = Vector512.LoadUnsafe(ref sum, (nuint)i) + Vector512.LoadUnsafe(ref value, (nuint)i);
            total.StoreUnsafe(ref sum, (nuint)i);
            total.StoreUnsafe(ref value, (nuint)i);
            largest = Exponential.Larger(largest, total);
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
        var shift = Vector512.Create(largest);
        Vector512<float> sums = Vector512<float>.Zero;
        int i = 0;
        for (; i <= logits.Length - Vector512<float>.Count; i += Vector512<float>.Count)
        {
            Vector512<float> e = Exponential.Of(Vector512.LoadUnsafe(ref logit, (nuint)i) - shift);
            e.StoreUnsafe(ref exponential, (nuint)i);
            sums += e;
        }
        float sum = Vector512.Sum(sums);
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
        var scales = Vector512.Create(scale);
        int i = 0;
        for (; i <= target.Length - Vector512<float>.Count; i += Vector512<float>.Count)
        {
            Vector512<float> gradient = Vector512.LoadUnsafe(ref above, (nuint)i)
                + Vector512.LoadUnsafe(ref exponential, (nuint)i) * scales;
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
        var scales = Vector512.Create(scale);
        var products = Vector512.Create(product);
        Vector512<float> sums = Vector512<float>.Zero;
        int i = 0;
        for (; i <= logits.Length - Vector512<float>.Count; i += Vector512<float>.Count)
        {
            Vector512<float> d = Vector512.LoadUnsafe(ref exponential, (nuint)i) * scales;
            Vector512<float> part = d * Vector512.LoadUnsafe(ref logit, (nuint)i);
            sums += part;
            (Vector512.LoadUnsafe(ref column, (nuint)i) + part).StoreUnsafe(ref column, (nuint)i);
            Vector512<float> gradient = Vector512.LoadUnsafe(ref above, (nuint)i)
                + d * (products * Vector512.LoadUnsafe(ref factor, (nuint)i));
            gradient.StoreUnsafe(ref logit, (nuint)i);
        }
        float sum = Vector512.Sum(sums);
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

    private static float LargestOf(Vector512<float> values)
    {
        var eight = Vector256.Max(values.GetLower(), values.GetUpper());
        var four = Vector128.Max(eight.GetLower(), eight.GetUpper());
        four = Vector128.Max(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        return Vector128.Max(four, Vector128.Shuffle(four, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }

    private static void CheckLengths(int one, int two, int three)
    {
        if (one != two || one != three)
        {
            throw new ArgumentException($"Rows of {one}, {two} and {three} values do not go together.");
        }
    }
}
