using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl;

/// <summary>Products of the blocks of columns between one nested dimension and the next. Every column takes part in one product of each kind.</summary>
internal static class PrefixBlocks
{
    /// <summary>L[:, k:m] · R[:, k:m]ᵀ of each block: <c>[M, L, R]</c>.</summary>
    public static Tensor Products(Tensor left, Tensor right, MatryoshkaDimensions dimensions)
    {
        Tensor products = empty(dimensions.Count, left.shape[0], right.shape[0]);
        for (int i = 0; i < dimensions.Count; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            products.select(0, i).addmm_(Block(left, dimensions, i), Block(right, dimensions, i).t(), 0, 1);
        }
        return products;
    }

    /// <summary>target[:, k:m] = add · target[:, k:m] + H_m · right[:, k:m], with H <c>[M, L, R]</c>.</summary>
    public static void Multiply(Tensor matrices, Tensor right, Tensor target, MatryoshkaDimensions dimensions, float add = 0)
    {
        for (int i = 0; i < dimensions.Count; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            Block(target, dimensions, i).addmm_(matrices.select(0, i), Block(right, dimensions, i), add, 1);
        }
    }

    /// <summary>target[:, k:m] = add · target[:, k:m] + H_mᵀ · left[:, k:m], with H <c>[M, L, R]</c>.</summary>
    public static void MultiplyTransposed(Tensor matrices, Tensor left, Tensor target, MatryoshkaDimensions dimensions, float add = 0)
    {
        for (int i = 0; i < dimensions.Count; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            Block(target, dimensions, i).addmm_(matrices.select(0, i).t(), Block(left, dimensions, i), add, 1);
        }
    }

    private static Tensor Block(Tensor rows, MatryoshkaDimensions dimensions, int i)
    {
        int start = i == 0 ? 0 : dimensions[i - 1];
        return rows.narrow(1, start, dimensions[i] - start);
    }
}
