using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Mrl.TorchSharp.Losses;

/// <summary>Represents four values of each of four rows, in registers.</summary>
internal readonly struct FourByFour
{
    private const int Count = 4;

    private readonly Vector128<float> _first;
    private readonly Vector128<float> _second;
    private readonly Vector128<float> _third;
    private readonly Vector128<float> _fourth;

    /// <summary>Reads them.</summary>
    /// <param name="source">Where from.</param>
    /// <param name="start">The place of the first value.</param>
    /// <param name="stride">How far the rows are apart.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public FourByFour(ReadOnlySpan<float> source, int start, int stride)
    {
        ref float place = ref MemoryMarshal.GetReference(source.Slice(start, ((Count - 1) * stride) + Count));
        _first = Vector128.LoadUnsafe(ref place);
        _second = Vector128.LoadUnsafe(ref place, (nuint)stride);
        _third = Vector128.LoadUnsafe(ref place, (nuint)(2 * stride));
        _fourth = Vector128.LoadUnsafe(ref place, (nuint)(3 * stride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private FourByFour(Vector128<float> first, Vector128<float> second, Vector128<float> third, Vector128<float> fourth) =>
        (_first, _second, _third, _fourth) = (first, second, third, fourth);

    /// <summary>Returns them with rows and columns exchanged. The processor must have <see cref="Sse"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public FourByFour Turned()
    {
        Vector128<float> left = Sse.UnpackLow(_first, _second), right = Sse.UnpackLow(_third, _fourth);
        Vector128<float> lastLeft = Sse.UnpackHigh(_first, _second), lastRight = Sse.UnpackHigh(_third, _fourth);
        return new FourByFour(
            Sse.MoveLowToHigh(left, right), Sse.MoveHighToLow(right, left),
            Sse.MoveLowToHigh(lastLeft, lastRight), Sse.MoveHighToLow(lastRight, lastLeft));
    }

    /// <summary>Returns the sums of two.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public FourByFour Plus(FourByFour other) =>
        new(_first + other._first, _second + other._second, _third + other._third, _fourth + other._fourth);

    /// <summary>Writes them.</summary>
    /// <param name="target">Where to.</param>
    /// <param name="start">The place of the first value.</param>
    /// <param name="stride">How far the rows are apart.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(Span<float> target, int start, int stride)
    {
        ref float place = ref MemoryMarshal.GetReference(target.Slice(start, ((Count - 1) * stride) + Count));
        _first.StoreUnsafe(ref place);
        _second.StoreUnsafe(ref place, (nuint)stride);
        _third.StoreUnsafe(ref place, (nuint)(2 * stride));
        _fourth.StoreUnsafe(ref place, (nuint)(3 * stride));
    }
}
