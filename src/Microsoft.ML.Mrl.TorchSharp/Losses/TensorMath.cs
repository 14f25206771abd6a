using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>Arithmetic whose scalar operands outlive the native call.</summary>
/// <remarks>
/// TorchSharp wraps a number operand in an object that nothing refers to once its handle was read; even tensor + tensor has one, the factor 1. A garbage
/// collection during the native call may finalise it, and libtorch then reads freed memory: seen as a rare, senseless exception after thousands
/// of steps. Everything that runs once a step goes through here instead of through the operators.
/// </remarks>
internal static class TensorMath
{
    public static Tensor Plus(this Tensor left, Tensor right)
    {
        using Scalar one = 1;
        return left.add(right, one);
    }

    public static Tensor Times(this Tensor left, double factor)
    {
        using Scalar scalar = factor;
        return left.mul(scalar);
    }

    public static Tensor AtLeast(this Tensor values, double smallest)
    {
        using Scalar scalar = smallest;
        return values.clamp_min(scalar);
    }

    public static Tensor Fill(this Tensor values, Tensor mask, double value)
    {
        using Scalar scalar = value;
        return values.masked_fill(mask, scalar);
    }

    public static Tensor AddInPlace(this Tensor left, Tensor right)
    {
        using Scalar one = 1;
        return left.add_(right, one);
    }

    /// <summary>The numbers of a contiguous tensor of single precision, where they are.</summary>
    public static Span<float> Numbers(this Tensor values) => MemoryMarshal.Cast<byte, float>(values.bytes);

    /// <summary>The squared length of every row, <c>[N]</c>.</summary>
    public static Tensor RowSquares(this Tensor rows) => rows.mul(rows).sum(1);
}
