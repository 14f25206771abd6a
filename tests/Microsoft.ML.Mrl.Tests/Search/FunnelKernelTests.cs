using System.Runtime.Intrinsics;
using CsCheck;
using Microsoft.ML.Mrl.Tests.Evaluation;

namespace Microsoft.ML.Mrl.Tests.Search;

public unsafe class FunnelKernelTests
{
    [Fact]
    public void RowKernel_SumsAPairWithTheSameBitsAloneAndInATile_ByEitherWidthOfVectors()
    {
        Assert.SkipUnless(Vector512.IsHardwareAccelerated, "This machine has no vectors of 512 bits to compare with.");
        int[] strides = [16, 48, 112];
        float[] queries = Vectors.Random(1, 4, 176).Values.ToArray(), rows = Vectors.Random(2, 4, 176).Values.ToArray();
        float* tile = stackalloc float[4 * 32], narrow = stackalloc float[4 * 32];
        float* lanes = stackalloc float[64], sums = stackalloc float[4];
        fixed (float* q = queries, r = rows)
        fixed (int* s = strides)
        {
            // The first block of the four rows comes first, then the second.
            float** blocks = stackalloc float*[3] { r, r + (4 * 16), r + (4 * 64) };
            float** four = stackalloc float*[4] { q, q + 176, q + 352, q + 528 };
            RowKernel.Tile512(four[0], four[1], four[2], four[3], blocks, s, 3, tile);
            RowKernel.Tile256(four, blocks, s, 3, narrow);
            for (int query = 0; query < 4; query++)
            {
                new Span<float>(lanes, 64).Clear();
                float* at = four[query];
                for (int b = 0; b < 3; b++)
                {
                    RowKernel.Add512(at, blocks[b], blocks[b] + strides[b], blocks[b] + (2 * strides[b]), blocks[b] + (3 * strides[b]), strides[b], lanes);
                    at += strides[b];
                }
                RowKernel.Sum(lanes, sums);
                for (int row = 0; row < 4; row++)
                {
                    Assert.Equal(sums[row], tile[(query * 32) + row]);
                    Assert.Equal(sums[row], narrow[(query * 32) + row]);
                    double slow = 0;
                    for (int b = 0, start = 0; b < 3; start += strides[b], b++)
                    {
                        for (int c = 0; c < strides[b]; c++)
                        {
                            slow += (double)four[query][start + c] * blocks[b][(row * strides[b]) + c];
                        }
                    }
                    Assert.Equal(slow, sums[row], 1e-4);
                }
            }
        }
    }

    [Fact]
    public void TopSelection_MovesTheGreatestToTheFront()
        => Gen.Select(Gen.ULong[0, 500].HashSet[1, 200], Gen.Int[1, 200]).Sample((set, wanted) =>
        {
            ulong[] keys = [.. set];
            int count = Math.Min(wanted, keys.Length);
            TopSelection.MoveToFront(keys, count);
            Assert.Equal(set.OrderDescending().Take(count), keys.Take(count).OrderDescending());
            Assert.Equal(set.Order(), keys.Order());
        });

    [Fact]
    public void ShortList_KeepsTheBestAndTheEarlierOfEqualOnes()
        => Gen.Select(Gen.Int[0, 30], Gen.Int[1, 90], Gen.Int[0, int.MaxValue]).Sample((panels, limit, seed) =>
        {
            var random = new Random(seed);
            float[] scores = [.. Enumerable.Range(0, panels * 32).Select(_ => random.Next(40) / 8f - 2)];
            uint[] alive = [.. Enumerable.Range(0, panels).Select(_ => (uint)random.NextInt64())];
            using var list = new ShortList(limit, panels * 32);
            fixed (float* start = scores)
            {
                for (int panel = 0; panel < panels; panel++)
                {
                    list.Accept(start + (panel * 32), panel * 32, alive[panel]);
                }
            }
            IEnumerable<int> expected = Enumerable.Range(0, scores.Length).Where(i => (alive[i / 32] >> (i % 32) & 1) != 0).OrderByDescending(i => scores[i]).ThenBy(i => i).Take(limit);
            Assert.Equal(expected, list.Best().ToArray().OrderDescending().Select(ScoreKey.Position));
        });
}
