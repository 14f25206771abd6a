using CsCheck;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Tests.Vectors;

public sealed class TopNeighborsTests
{
    [Fact]
    public void Ranked_AnyCosinesWithTies_IsTheSortedListCutAtK()
        => Gen.Select(Gen.Int[-3, 3].Array[1, 200], Gen.Int[1, 20]).Sample((steps, k) =>
        {
            float[] cosines = [.. steps.Select(step => step / 4f)];
            int[] expected = [.. Enumerable.Range(0, cosines.Length).OrderByDescending(d => cosines[d]).ThenBy(d => d).Take(k)];
            var found = new TopNeighbors(1, 1, k);
            Feed(found, cosines);
            var ranked = new int[k];
            var values = new float[k];
            int count = found.Ranked(0, 0, ranked, values);
            Assert.Equal(expected, ranked[..count]);
            Assert.Equal(expected.Select(d => cosines[d]), values[..count]);
        });

    [Fact]
    public void Ranked_NegativeZero_TiesWithZero()
    {
        var found = new TopNeighbors(1, 1, 2);
        Feed(found, [-0f, 0f, -1f]);
        var ranked = new int[2];
        Assert.Equal(2, found.Ranked(0, 0, ranked));
        Assert.Equal([0, 1], ranked);
    }

    [Fact]
    public void Ranked_ExcludedDocument_IsNotFound()
    {
        var found = new TopNeighbors(1, 1, 2, [1]);
        Feed(found, [0.1f, 0.9f, 0.5f, 0.3f]);
        var ranked = new int[2];
        found.Ranked(0, 0, ranked);
        Assert.Equal([2, 3], ranked);
    }

    [Fact]
    public void Ranked_FewerDocumentsThanK_GivesThemAll()
    {
        var found = new TopNeighbors(1, 1, 5);
        Feed(found, [-0.5f, -0.25f]);
        var ranked = new int[5];
        Assert.Equal(2, found.Ranked(0, 0, ranked));
        Assert.Equal([1, 0], ranked[..2]);
    }

    private static void Feed(TopNeighbors found, float[] cosines)
    {
        var tile = new float[PrefixDotProducts.TileQueries * PrefixDotProducts.PanelDocuments];
        for (int first = 0; first < cosines.Length; first += PrefixDotProducts.PanelDocuments)
        {
            int count = Math.Min(PrefixDotProducts.PanelDocuments, cosines.Length - first);
            Array.Clear(tile);
            cosines.AsSpan(first, count).CopyTo(tile);
            found.Accept(0, 0, 1, first, count, tile);
        }
    }
}
