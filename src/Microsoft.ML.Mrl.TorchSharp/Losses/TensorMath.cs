using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.TorchSharp.Losses;

/// <summary>Arithmetic whose scalar operands outlive the native call.</summary>
/// <remarks>
/// TorchSharp wraps a number operand in an object that nothing refers to once its handle was read; even tensor + tensor has one, the factor
/// 1. A garbage collection during the native call may finalise it, and libtorch then reads freed memory: seen as a rare, senseless
/// exception after thousands of steps. Everything that runs once a step goes through here instead of through the operators.
/// </remarks>
internal static class TensorMath
{
    /// <summary>A score that softmax turns into exactly 0, and that unlike −∞ gives no NaN where a row has nothing else.</summary>
    public const double NeverChosen = -1e9;

    public static Tensor Plus(this Tensor left, Tensor right)
    {
        using Scalar one = 1;
        return left.add(right, one);
    }

    public static Tensor Plus(this Tensor left, double right)
    {
        using Scalar scalar = right;
        using Scalar one = 1;
        return left.add(scalar, one);
    }

    /// <summary>Adds in place.</summary>
    public static void Add(this Tensor sum, Tensor values)
    {
        using Scalar one = 1;
        sum.add_(values, one);
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

    /// <summary>Values from −largest to largest; what lies beyond becomes the nearer of the two.</summary>
    public static Tensor Within(this Tensor values, double largest)
    {
        using Scalar above = largest;
        using Scalar below = -largest;
        return values.clamp(below, above);
    }

    public static Tensor Fill(this Tensor values, Tensor mask, double value)
    {
        using Scalar scalar = value;
        return values.masked_fill(mask, scalar);
    }

    /// <summary>The mean of all values, a scalar; 0 of nothing.</summary>
    public static Tensor Mean(this Tensor values) => values.sum().Times(1.0 / Math.Max(1, values.numel()));

    /// <summary>The numbers of a contiguous tensor of single precision, where they are.</summary>
    public static Span<float> Values(this Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);

    /// <summary>True where a row meets itself, bool <c>[N, N]</c>.</summary>
    public static Tensor Selves(int rows) => eye(rows, rows, ScalarType.Bool);

    /// <summary>The squared length of every row, <c>[N]</c>.</summary>
    public static Tensor RowSquares(this Tensor rows) => rows.mul(rows).sum(1);
}
