using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mrl.Vectors;

/// <summary>
/// e^x for x ≤ 0 to about 1e-7 of its value: 2^n · e^r with |r| ≤ ln 2 / 2, e^r by the polynomial of the Cephes library. Below −87, also for
/// −∞, e^−87.
/// </summary>
internal static class Exponential
{
    private const float Least = -87f;

    // Adding 1.5 · 2²³ rounds to a whole number and leaves that number in the lowest bits.
    private const float Round = 12582912f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Of(Vector512<float> x)
    {
        x = Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512.Create(Least)), x, Vector512.Create(Least));
        Vector512<float> shifted = Fused.MultiplyAdd(x, Vector512.Create(1.44269504088896341f), Vector512.Create(Round));
        Vector512<float> n = shifted - Vector512.Create(Round);
        Vector512<float> r = Fused.MultiplyAdd(
            n, Vector512.Create(2.12194440e-4f), Fused.MultiplyAdd(n, Vector512.Create(-0.693359375f), x));
        Vector512<float> p = Fused.MultiplyAdd(Vector512.Create(1.9875691500e-4f), r, Vector512.Create(1.3981999507e-3f));
        p = Fused.MultiplyAdd(p, r, Vector512.Create(8.3334519073e-3f));
        p = Fused.MultiplyAdd(p, r, Vector512.Create(4.1665795894e-2f));
        p = Fused.MultiplyAdd(p, r, Vector512.Create(1.6666665459e-1f));
        p = Fused.MultiplyAdd(p, r, Vector512.Create(5.0000001201e-1f));
        p = Fused.MultiplyAdd(p, r * r, r + Vector512<float>.One);
        return (p.AsInt32() + Vector512.ShiftLeft(shifted.AsInt32(), 23)).AsSingle();
    }
}
