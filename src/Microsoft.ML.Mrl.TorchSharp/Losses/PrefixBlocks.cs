using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.TorchSharp.Losses;

/// <summary>
/// Products of the blocks of columns between one nested dimension and the next. Every column takes part in one product of each kind.
/// </summary>
/// <remarks>With <c>skip</c>, so many of the first dimensions are passed over, and the matrices begin with the one after.</remarks>
internal static class PrefixBlocks
{
    /// <summary>L[:, k:m] · R[:, k:m]ᵀ of each block: <c>[M, L, R]</c>.</summary>
    public static Tensor Products(Tensor left, Tensor right, MatryoshkaDimensions dimensions, int skip = 0)
    {
        Tensor products = empty(dimensions.Count - skip, left.shape[0], right.shape[0]);
        for (int i = skip; i < dimensions.Count; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            products.select(0, i - skip).addmm_(Block(left, dimensions, i), Block(right, dimensions, i).t(), 0, 1);
        }
        return products;
    }

    /// <summary>target[:, k:m] = add · target[:, k:m] + H_m · right[:, k:m], with H <c>[M, L, R]</c>.</summary>
    public static void Multiply(Tensor matrices, Tensor right, Tensor target, MatryoshkaDimensions dimensions, float add = 0, int skip = 0)
    {
        for (int i = skip; i < dimensions.Count; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            Block(target, dimensions, i).addmm_(matrices.select(0, i - skip), Block(right, dimensions, i), add, 1);
        }
    }

    /// <summary>target[:, k:m] = add · target[:, k:m] + H_mᵀ · left[:, k:m], with H <c>[M, L, R]</c>.</summary>
    public static void MultiplyTransposed(
        Tensor matrices, Tensor left, Tensor target, MatryoshkaDimensions dimensions, float add = 0, int skip = 0)
    {
        for (int i = skip; i < dimensions.Count; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            Block(target, dimensions, i).addmm_(matrices.select(0, i - skip).t(), Block(left, dimensions, i), add, 1);
        }
    }

    private static Tensor Block(Tensor rows, MatryoshkaDimensions dimensions, int i)
    {
        int start = i == 0 ? 0 : dimensions[i - 1];
        return rows.narrow(1, start, dimensions[i] - start);
    }
}
