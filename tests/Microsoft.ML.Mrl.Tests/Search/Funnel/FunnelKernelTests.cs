using System.Runtime.Intrinsics;
using CsCheck;
using Microsoft.ML.Mrl.Search.Funnel;
using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.Transforms;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Tests.Search.Funnel;

public unsafe class FunnelKernelTests
{
    [Fact]
    public void RowKernel_SumsAPairWithTheSameBitsAloneAndInATile_ByEitherWidthOfVectors()
    {
        Assert.SkipUnless(Vector512.IsHardwareAccelerated, "This machine has no vectors of 512 bits to compare with.");
        int[] strides = [16, 48, 112];
        float[] queries = SampleMatrices.Random(1, 4, 176).Values.ToArray(), rows = SampleMatrices.Random(2, 4, 176).Values.ToArray();
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
    public void TopSelection_KeepsTheGreatestInTheirOrder()
        => Gen.Select(Gen.OneOf(Gen.ULong[0, 500], Gen.ULong).HashSet[1, 200], Gen.Int[1, 220]).Sample((set, count) =>
        {
            ulong[] keys = [.. set];
            HashSet<ulong> expected = [.. set.OrderDescending().Take(count)];
            if (count <= keys.Length)
            {
                ulong least = TopSelection.Least(keys, count);
                Assert.Equal(count, keys.Count(key => key >= least));
            }
            Assert.Equal(set.Where(expected.Contains), TopSelection.Keep(keys, count).ToArray());
        });

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(33)]
    [InlineData(128)]
    [InlineData(300)]
    public void PanelKernel_FindsWhatIsAboveTheFloor_WithTheBitsOfTheTile(int columns)
    {
        float[] queries = SampleMatrices.Random(1, columns, 8).Values.ToArray(), rows = SampleMatrices.Random(2, columns, 32).Values.ToArray();
        float* scores = stackalloc float[8 * 32], again = stackalloc float[8 * 32], one = stackalloc float[32], floors = stackalloc float[8];
        uint* above = stackalloc uint[8], aboveAgain = stackalloc uint[8];
        fixed (float* q = queries, r = rows)
        {
            PanelKernel.Multiply(q, r, columns, again);
            // One has all rows above its floor, one none, one none for a NaN, the others some; one floor is a score, which is not above itself.
            for (int i = 0; i < 8; i++)
            {
                floors[i] = i switch { 0 => float.NegativeInfinity, 1 => float.PositiveInfinity, 2 => float.NaN, 3 => again[(3 * 32) + 5], _ => i - 6f };
            }
            uint any = PanelKernel.Above(q, r, columns, floors, scores, above);
            Assert.Equal(any, PanelKernel.AboveInSteps(q, r, columns, floors, again, aboveAgain));
            Assert.Equal((uint.MaxValue, 0u, 0u), (above[0], above[1], above[2]));
            for (int i = 0; i < 8; i++)
            {
                Assert.Equal(above[i] != 0, (any & (1u << i)) != 0);
                Assert.Equal(aboveAgain[i], above[i]);
                float[] own = [.. Enumerable.Range(0, columns).Select(c => queries[(c * 8) + i])];
                fixed (float* start = own)
                {
                    FunnelScan.FirstBlock(start, r, columns, one);
                }
                for (int row = 0; row < 32; row++)
                {
                    double slow = Enumerable.Range(0, columns).Sum(c => (double)queries[(c * 8) + i] * rows[(c * 32) + row]);
                    Assert.Equal(slow, one[row], 1e-4);
                    Assert.Equal(one[row], again[(i * 32) + row]);
                    Assert.Equal(one[row] > floors[i], (above[i] & (1u << row)) != 0);
                    if (above[i] != 0)
                    {
                        Assert.Equal(one[row], scores[(i * 32) + row]);
                    }
                }
            }
        }
    }

    [Fact]
    public void RowKernel_SumsFourPairsWithTheBitsOfFourRows()
    {
        float[] queries = SampleMatrices.Random(1, 4, 48).Values.ToArray(), rows = SampleMatrices.Random(2, 4, 48).Values.ToArray();
        float* pairs = stackalloc float[64], narrow = stackalloc float[64], alone = stackalloc float[64];
        for (int i = 0; i < 64; i++)
        {
            pairs[i] = narrow[i] = i;
        }
        fixed (float* q = queries, r = rows)
        {
            float** four = stackalloc float*[4] { q, q + 48, q + 96, q + 144 };
            float** others = stackalloc float*[4] { r, r + 48, r + 96, r + 144 };
            RowKernel.AddPairs(four, others, 48, pairs);
            RowKernel.AddPairs256(four, others, 48, narrow);
            for (int i = 0; i < 4; i++)
            {
                for (int lane = 0; lane < 64; lane++)
                {
                    alone[lane] = lane;
                }
                RowKernel.Add(four[i], others[0], others[1], others[2], others[3], 48, alone);
                Assert.Equal(new Span<float>(alone + (i * 16), 16), new Span<float>(pairs + (i * 16), 16));
            }
            Assert.Equal(new Span<float>(pairs, 64), new Span<float>(narrow, 64));
        }
    }

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
