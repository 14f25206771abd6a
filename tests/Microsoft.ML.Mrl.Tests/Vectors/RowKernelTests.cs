using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Tests.Vectors;

/// <summary>The kernels of processors without vectors of 512 bits give what the others give, to the bit.</summary>
public unsafe class RowKernelTests
{
    private const int Rows = 4;

    private static readonly int[] s_strides = [16, 48, 32];

    [Fact]
    public void Tile256_OverSeveralBlocks_AgreesWithPlainSums()
    {
        (float[][] queries, float[][] blocks) = Random();

        Assert.Equal(Plain(queries, blocks), Tile(queries, blocks, wide: false));
    }

    [Fact]
    public void Tile512_OverSeveralBlocks_AgreesWithPlainSums()
    {
        Assert.SkipUnless(System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated, "The processor has no vectors of 512 bits.");
        (float[][] queries, float[][] blocks) = Random();

        Assert.Equal(Plain(queries, blocks), Tile(queries, blocks, wide: true));
    }

    // Small whole numbers, so that sums are exact in whatever order.
    private static (float[][] Queries, float[][] Blocks) Random()
    {
        var random = new Random(4);
        return ([.. Enumerable.Range(0, Rows).Select(_ => Numbers(s_strides.Sum()))],
            [.. s_strides.Select(stride => Numbers(Rows * stride))]);

        float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)random.Next(-9, 10))];
    }

    private static float[] Plain(float[][] queries, float[][] blocks) =>
    [
        .. from query in queries
           from row in Enumerable.Range(0, Rows)
           select s_strides.Select(
               (stride, b) => Enumerable.Range(0, stride).Sum(c => query[s_strides[..b].Sum() + c] * blocks[b][(row * stride) + c])).Sum(),
    ];

    private static float[] Tile(float[][] queries, float[][] blocks, bool wide)
    {
        float** queryPointers = stackalloc float*[Rows], blockPointers = stackalloc float*[blocks.Length];
        var sums = new float[Rows * PrefixDotProducts.PanelDocuments];
        var pins = new List<System.Buffers.MemoryHandle>();
        for (int i = 0; i < Rows; i++)
        {
            pins.Add(queries[i].AsMemory().Pin());
            queryPointers[i] = (float*)pins[^1].Pointer;
        }
        for (int b = 0; b < blocks.Length; b++)
        {
            pins.Add(blocks[b].AsMemory().Pin());
            blockPointers[b] = (float*)pins[^1].Pointer;
        }
        fixed (int* strides = s_strides)
        fixed (float* target = sums)
        {
            if (wide)
            {
                RowKernel.Tile512(
                    queryPointers[0], queryPointers[1], queryPointers[2], queryPointers[3], blockPointers, strides, blocks.Length, target);
            }
            else
            {
                RowKernel.Tile256(queryPointers, blockPointers, strides, blocks.Length, target);
            }
        }
        pins.ForEach(pin => pin.Dispose());
        return [.. Enumerable.Range(0, Rows).SelectMany(q => sums[(q * PrefixDotProducts.PanelDocuments)..][..Rows])];
    }
}
