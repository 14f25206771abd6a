using Microsoft.ML.Mrl.Resampling;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.TorchSharp.Objectives;

/// <summary>
/// How many of a row's nearest neighbours by full vectors are also its nearest neighbours by the prefixes of its embedding.
/// </summary>
internal static class NeighborOverlap
{
    public const string Name = "neighbour overlap@10";

    private const int Neighbors = 10;

    /// <summary>Numbers of the vectors that are compared; of wider vectors fewer rows are.</summary>
    private const long MaxComparedValues = 1L << 27;

    /// <summary>The mean share over the rows held back, among themselves; NaN for fewer than two.</summary>
    /// <param name="examples">All examples.</param>
    /// <param name="rows">The rows; keeps the neighbours found for them.</param>
    /// <param name="role">Whose full vectors say what the neighbours are.</param>
    /// <param name="embeddings">Gives the embeddings.</param>
    /// <param name="dimensions">The prefix lengths.</param>
    public static double[] Score(
        ExampleSet examples, ScoringRows rows, VectorRole role, IEmbeddingSource embeddings, MatryoshkaDimensions dimensions) =>
        ScoreRows(examples, rows, role, embeddings, dimensions)?.Score() ?? [.. dimensions.Select(_ => double.NaN)];

    /// <summary>
    /// The same on resamples of the rows held back; null for fewer than two. Rows beyond <see cref="MaxComparedValues"/> count for nothing.
    /// </summary>
    public static WeightedMeanMetric? ScoreRows(
        ExampleSet examples, ScoringRows rows, VectorRole role, IEmbeddingSource embeddings, MatryoshkaDimensions dimensions)
    {
        int width = examples.Vectors[role].Width;
        int[] held = rows.Held.Length * (long)width <= MaxComparedValues
            ? rows.Held
            : rows.Held[..(int)Math.Max(2, MaxComparedValues / width)];
        int neighbors = Math.Min(Neighbors, held.Length - 1);
        if (neighbors < 1)
        {
            return null;
        }
        int[][] wanted = rows.Once(
            role, () => Nearest(new RawEmbeddings(examples, width).Read(role, held), new MatryoshkaDimensions(width), neighbors)[0]);
        int[][][] found = Nearest(embeddings.Read(VectorRole.Anchor, held), dimensions, neighbors);
        var shares = new WeightedMeanMetric(dimensions.Count, rows.Held.Length);
        shares.Weights[held.Length..].Clear();
        for (int i = 0; i < found.Length; i++)
        {
            for (int row = 0; row < held.Length; row++)
            {
                shares.At(i)[row] = found[i][row].Intersect(wanted[row]).Count() / (double)neighbors;
            }
        }
        return shares;
    }

    /// <summary>The nearest other rows of each row, by dimension.</summary>
    private static int[][][] Nearest(EmbeddingMatrix rows, MatryoshkaDimensions dimensions, int neighbors)
    {
        var found = new TopNeighbors(dimensions.Count, rows.Count, neighbors, [.. Enumerable.Range(0, rows.Count)]);
        PrefixDotProducts.Scan(rows, rows, dimensions, found);
        return
        [
            .. Enumerable.Range(0, dimensions.Count).Select(dimension => Enumerable.Range(0, rows.Count).Select(row =>
            {
                var list = new int[neighbors];
                return list[..found.Ranked(dimension, row, list)];
            }).ToArray()),
        ];
    }
}
