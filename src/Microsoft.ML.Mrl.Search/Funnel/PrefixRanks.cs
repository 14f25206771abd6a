using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.Intrinsics;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>
/// Counts at every prefix and type how many rows with different codes are as near as each of the nearest rows of some queries, itself
/// among them: what a graph over that prefix would have to list.
/// </summary>
internal sealed class PrefixRanks : ICosineSink
{
    private const int RowsAtOnce = 4096;

    // Rows that are equal but for rounding may come first.
    private const float Rounding = 1e-6f;

    private readonly int _targets;
    private readonly float[] _thresholds;
    private readonly int[] _counts;
    private readonly int _queries;

    private PrefixRanks(int dimensions, int queries, int targets)
    {
        _queries = queries;
        _targets = targets;
        _thresholds = new float[dimensions * queries * targets];
        _counts = new int[dimensions * queries * targets];
    }

    /// <summary>The rows that are there, of those with equal codes of all values the first.</summary>
    /// <param name="snapshot">The rows.</param>
    /// <param name="threads">The most threads; -1 for no limit.</param>
    public static int[] Distinct(FunnelSnapshot snapshot, int threads)
    {
        int[] live = snapshot.Live();
        var digests = new UInt128[live.Length];
        var codec = new PrefixCodec(snapshot.Rows.Dimensions, EmbeddingType.Int8);
        Parallel.For(0, live.Length, new ParallelOptions { MaxDegreeOfParallelism = threads },
            i => digests[i] = codec.Digest(snapshot.Rows, live[i]));
        return [.. Enumerable.Range(0, live.Length).DistinctBy(i => digests[i]).Select(i => live[i])];
    }

    /// <summary>The ranks at each prefix, <c>[M][Q · K]</c>, from 1.</summary>
    /// <param name="snapshot">The index at a moment.</param>
    /// <param name="rows">The rows that have ranks.</param>
    /// <param name="queries">The queries, <c>[Q, D]</c>.</param>
    /// <param name="nearest">The positions of K of the nearest rows of each query.</param>
    /// <param name="prefixes">The prefix lengths, ascending.</param>
    /// <param name="type">What a single prefix is rounded to: Int8, or others, which lose nothing worth counting.</param>
    /// <param name="threads">The most threads; -1 for no limit.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public static int[][] Count(
        FunnelSnapshot snapshot, int[] rows, float[] queries, int[][] nearest, int[] prefixes, EmbeddingType type, int threads,
        CancellationToken cancellationToken)
    {
        int stride = snapshot.Rows.Dimensions, width = prefixes[^1], count = nearest.Length, targets = nearest[0].Length;
        var ranks = new PrefixRanks(prefixes.Length, count, targets);
        var own = new float[count * width];
        PrefixCodec? codec = type == EmbeddingType.Int8 ? new PrefixCodec(width, type) : null;
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken }, q =>
        {
            Span<float> query = own.AsSpan(q * width, width);
            queries.AsSpan(q * stride, width).CopyTo(query);
            codec?.Round(query);
            var row = new float[width];
            for (int i = 0; i < targets; i++)
            {
                snapshot.Rows.CopyPrefix(nearest[q][i], row);
                codec?.Round(row);
                for (int m = 0; m < prefixes.Length; m++)
                {
                    ReadOnlySpan<float> x = query[..prefixes[m]], y = row.AsSpan(0, prefixes[m]);
                    double lengths = Math.Sqrt(PrefixNorms.Dot(x, x)) * Math.Sqrt(PrefixNorms.Dot(y, y));
                    ranks._thresholds[(((m * count) + q) * targets) + i] =
                        (lengths > 0 ? (float)(PrefixNorms.Dot(x, y) / lengths) : 0) - Rounding;
                }
            }
        });
        var block = new float[Math.Min(RowsAtOnce, rows.Length) * width];
        for (int first = 0; first < rows.Length; first += RowsAtOnce)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int start = first, some = Math.Min(RowsAtOnce, rows.Length - first);
            Parallel.For(0, some, new ParallelOptions { MaxDegreeOfParallelism = threads }, row =>
            {
                Span<float> target = block.AsSpan(row * width, width);
                snapshot.Rows.CopyPrefix(rows[start + row], target);
                codec?.Round(target);
            });
            PrefixDotProducts.Scan(new EmbeddingMatrix(own, count, width), new EmbeddingMatrix(block, some, width), prefixes, ranks,
                threads);
        }
        return [.. Enumerable.Range(0, prefixes.Length).Select(m => ranks._counts.AsSpan(m * count * targets, count * targets).ToArray())];
    }

    public void Accept(int dimension, int firstQuery, int queries, int firstDocument, int documents, ReadOnlySpan<float> cosines)
    {
        uint inside = uint.MaxValue >> (PrefixDotProducts.PanelDocuments - documents);
        for (int q = 0; q < queries; q++)
        {
            var low = Vector512.Create(cosines[(q * PrefixDotProducts.PanelDocuments)..]);
            var high = Vector512.Create(cosines[((q * PrefixDotProducts.PanelDocuments) + Vector512<float>.Count)..]);
            int slot = ((dimension * _queries) + firstQuery + q) * _targets;
            for (int i = slot; i < slot + _targets; i++)
            {
                var threshold = Vector512.Create(_thresholds[i]);
                uint above = (uint)Vector512.GreaterThan(low, threshold).ExtractMostSignificantBits()
                    | ((uint)Vector512.GreaterThan(high, threshold).ExtractMostSignificantBits() << Vector512<float>.Count);
                _counts[i] += BitOperations.PopCount(above & inside);
            }
        }
    }
}
