using CsCheck;
using Microsoft.ML.Mrl.Search.Mining;
using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;
using Microsoft.ML.Mrl.Tests.Transforms;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Tests.Search.Mining;

public sealed class HardNegativeSearchTests
{
    [Fact]
    public void Find_AwkwardVectors_EqualsAPlainLoop()
        => Gen.Select(SampleMatrices.Sizes(70), Gen.Int[1, 4], Gen.Int[0, 60], Gen.Double[0, 0.3], Gen.Double[0, 0.3]).Sample(
            (sizes, count, more, relative, absolute) =>
            {
                EmbeddingMatrix anchors = SampleMatrices.Awkward(sizes.Seed, sizes.Rows, sizes.Width);
                EmbeddingMatrix positives = SampleMatrices.Awkward(sizes.Seed + 1, sizes.Rows, sizes.Width);
                var options = new HardNegativeOptions
                {
                    NegativesPerAnchor = count,
                    SearchDepth = more == 60 ? null : count + more,
                    RelativeMargin = relative,
                    AbsoluteMargin = absolute,
                    Dimensions = sizes.Others % sizes.Width + 1,
                };
                AssertSame(SlowMining.Find(anchors, positives, options), Find(anchors, positives, options));
            },
            iter: 200);

    [Fact]
    public void Find_ManyRepeatedAnchors_NeverGivesAnyOfTheirPositives()
    {
        // 40 anchors, 5 positives each, spread over several panels of documents.
        EmbeddingMatrix few = SampleMatrices.Random(3, 40, 16);
        EmbeddingMatrix anchors = few.Pick([.. Enumerable.Range(0, 200).Select(i => i % 40)]);
        EmbeddingMatrix positives = SampleMatrices.Random(4, 200, 16);
        var options = new HardNegativeOptions { NegativesPerAnchor = 200, SearchDepth = 200, RelativeMargin = 0 };

        int[][] found = Find(anchors, positives, options);

        AssertSame(SlowMining.Find(anchors, positives, options), found);
        Assert.Contains(found, list => list.Length > 0);
        for (int pair = 0; pair < found.Length; pair++)
        {
            Assert.DoesNotContain(found[pair], document => document % 40 == pair % 40);
        }
    }

    [Fact]
    public void Find_AnyNumberOfThreads_GivesTheSame()
    {
        EmbeddingMatrix anchors = SampleMatrices.Awkward(5, 5000, 8), positives = SampleMatrices.Awkward(6, 5000, 8);
        var options = new HardNegativeOptions { NegativesPerAnchor = 3 };
        AssertSame(Find(anchors, positives, options, threads: 1), Find(anchors, positives, options, threads: 4));
    }

    [Fact]
    public void Find_MarginAsAShare_PassesOverWhatIsTooNear()
    {
        EmbeddingMatrix anchors = SampleMatrices.Of([1, 0], [0, 1], [0, 1], [0, 1]);
        EmbeddingMatrix positives = SampleMatrices.Of(At(0.80), At(0.77), At(0.75), At(0.20));
        Assert.Equal([2], Find(anchors, positives, new HardNegativeOptions())[0]);
        Assert.Equal([1], Find(anchors, positives, new HardNegativeOptions { RelativeMargin = 0 })[0]);
        Assert.Equal([3], Find(anchors, positives, new HardNegativeOptions { AbsoluteMargin = 0.1 })[0]);
        Assert.Equal([2, 3], Find(anchors, positives, new HardNegativeOptions { NegativesPerAnchor = 2 })[0]);
        Assert.Equal([], Find(anchors, positives, new HardNegativeOptions { SearchDepth = 1 })[0]);
    }

    [Fact]
    public void Find_PositiveFartherThanARightAngle_StillAsksForMoreDistance()
    {
        EmbeddingMatrix anchors = SampleMatrices.Of([1, 0], [0, 1], [0, 1]);
        EmbeddingMatrix positives = SampleMatrices.Of(At(-0.50), At(-0.51), At(-0.60));
        // -0.51 is farther than the positive, yet within 5 % of it.
        Assert.Equal([2], Find(anchors, positives, new HardNegativeOptions())[0]);
    }

    [Fact]
    public void Find_DocumentEqualToTheAnchor_IsNoNegative()
    {
        EmbeddingMatrix anchors = SampleMatrices.Of([1, 0], [0, 1], [0, 1]);
        EmbeddingMatrix positives = SampleMatrices.Of([2, 0], [1, 0], At(0.5));
        Assert.Equal([2], Find(anchors, positives, new HardNegativeOptions { RelativeMargin = 0 })[0]);
    }

    [Fact]
    public void Find_RepeatedPositives_AreOneDocument()
    {
        EmbeddingMatrix anchors = SampleMatrices.Of([1, 0], [0.9f, 0.1f], [0, 1], [0.1f, 1]);
        EmbeddingMatrix positives = SampleMatrices.Of([1, 0.1f], [1, 0.1f], [0.5f, 1], [0.5f, 1]);
        int[][] found = Find(anchors, positives, new HardNegativeOptions { NegativesPerAnchor = 4 });
        Assert.Equal([[2], [2], [0], [0]], found);
    }

    [Fact]
    public void Find_Zeros_GetNoNegativeAndAreNone()
    {
        EmbeddingMatrix anchors = SampleMatrices.Of([1, 0], [0, 0], [0, 1]);
        EmbeddingMatrix positives = SampleMatrices.Of([1, 0.5f], [1, 1], [0, -0f]);
        int[][] found = Find(anchors, positives, new HardNegativeOptions { NegativesPerAnchor = 3 });
        Assert.Equal([[1], [], []], found);
    }

    [Fact]
    public void Find_AtAPrefix_SeesNothingBeyondIt()
    {
        EmbeddingMatrix anchors = SampleMatrices.Of([1, 0, 9], [0, 1, 0], [0, 1, 0]);
        EmbeddingMatrix positives = SampleMatrices.Of([1, 0.1f, 9], [1, 1, -9], [0.2f, 5, 9]);
        Assert.Equal([2], Find(anchors, positives, new HardNegativeOptions())[0]);
        Assert.Equal([1], Find(anchors, positives, new HardNegativeOptions { Dimensions = 2 })[0]);
    }

    private static float[] At(double cosine) => [(float)cosine, (float)Math.Sqrt(1 - cosine * cosine)];

    /// <summary>Negatives by the first row that has them as its positive.</summary>
    private static int[][] Find(EmbeddingMatrix anchors, EmbeddingMatrix positives, HardNegativeOptions options, int threads = -1)
    {
        DistinctRows documents = DistinctRows.Of(positives);
        int[][] found = HardNegativeSearch.Find(anchors, documents, options, threads);
        return [.. found.Select(list => Array.ConvertAll(list, number => documents.Firsts[number]))];
    }

    private static void AssertSame(int[][] expected, int[][] found)
    {
        Assert.Equal(expected.Length, found.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], found[i]);
        }
    }
}
