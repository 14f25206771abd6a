using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Tests.Search.Mining;

/// <summary>Hard negatives by the rules as they are written, one pair at a time; negatives are named by the first row that has them as its
/// positive.</summary>
internal static class SlowMining
{
    public static int[][] Find(EmbeddingMatrix anchors, EmbeddingMatrix positives, HardNegativeOptions options)
    {
        int m = options.Dimensions ?? anchors.Width;
        int[] firsts = [.. Enumerable.Range(0, positives.Count).Where(row => FirstLike(positives, row) == row)];
        return [.. Enumerable.Range(0, anchors.Count).Select(Negatives)];

        int[] Negatives(int pair)
        {
            if (IsZero(anchors, pair) || IsZero(positives, pair))
            {
                return [];
            }
            int[] own = [
                .. Enumerable.Range(0, anchors.Count).Where(row => Same(anchors, row, anchors, pair))
                .Select(row => FirstLike(positives, row))];
            float cosine = Cosine(pair, pair);
            double highest = cosine - Math.Max(options.RelativeMargin * Math.Abs(cosine), options.AbsoluteMargin);
            return [.. firsts
                .Where(document => !own.Contains(document) && !IsZero(positives, document))
                .OrderByDescending(document => Cosine(pair, document)).ThenBy(document => document)
                .Take(options.SearchDepth ?? int.MaxValue)
                .Where(document => Cosine(pair, document) <= highest && !Same(positives, document, anchors, pair))
                .Take(options.NegativesPerAnchor)];
        }

        // The product's own cosine of one pair, which other tests hold against the slow one: a tie or a margin must not hang on the last
        // bit.
        float Cosine(int anchor, int document)
        {
            var cosines = new float[1];
            PrefixDotProducts.Compare(anchors.Row(anchor), positives.Row(document), [m], cosines);
            Assert.Equal(SlowEvaluation.Cosine(anchors.Row(anchor), positives.Row(document), m), cosines[0], 1e-5);
            return cosines[0];
        }

        bool IsZero(EmbeddingMatrix rows, int row) => rows.Row(row)[..m].ToArray().All(value => value == 0);
    }

    private static int FirstLike(EmbeddingMatrix rows, int row) => Enumerable.Range(0, row + 1)
        .First(earlier => Same(rows, earlier, rows, row));

    private static bool Same(EmbeddingMatrix rows, int row, EmbeddingMatrix others, int other) => rows.Row(row).ToArray()
        .SequenceEqual(others.Row(other).ToArray());
}
