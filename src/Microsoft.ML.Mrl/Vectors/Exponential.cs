using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Mrl.Vectors;

/// <summary>
/// e^x for x ≤ 0 to about 2e-7 of its value: 2^n · e^r with |r| ≤ ln 2 / 2, and e^r by 1 + r + r² p(r), p of degree 3 with the least
/// relative error, 1.05e-7. Below −87, also for −∞, e^−87.
/// </summary>
internal static class Exponential
{
    private const float Min = -87f;

    // Adding 1.5 · 2²³ rounds to a whole number and leaves that number in the lowest bits.
    private const float Round = 12582912f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Of(Vector512<float> x)
    {
        x = Larger(x, Vector512.Create(Min));
        Vector512<float> shifted = Fused.MultiplyAdd(x, Vector512.Create(1.44269504088896341f), Vector512.Create(Round));
        Vector512<float> n = shifted - Vector512.Create(Round);
        // ln 2 in two parts, of which the first times n is exact.
        Vector512<float> r = Fused.MultiplyAdd(
            n, Vector512.Create(2.12194440e-4f), Fused.MultiplyAdd(n, Vector512.Create(-0.693359375f), x));
        Vector512<float> p = Fused.MultiplyAdd(Vector512.Create(0.008312503352262515f), r, Vector512.Create(0.04189033460949526f));
        p = Fused.MultiplyAdd(p, r, Vector512.Create(0.1666711537575766f));
        p = Fused.MultiplyAdd(p, r, Vector512.Create(0.49999230280135076f));
        p = Fused.MultiplyAdd(p, r * r, r + Vector512<float>.One);
        return (p.AsInt32() + Vector512.ShiftLeft(shifted.AsInt32(), 23)).AsSingle();
    }

    /// <summary>Returns the larger of each two; the second where one is not a number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Larger(Vector512<float> left, Vector512<float> right) => Avx512F.IsSupported
        ? Avx512F.Max(left, right)
        : Vector512.ConditionalSelect(Vector512.GreaterThan(left, right), left, right);
}
