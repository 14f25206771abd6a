using System.Buffers;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Mrl;

/// <summary>Compares the rows of a list again at longer and longer prefixes, and keeps the best of them each time.</summary>
internal static unsafe class FunnelRanking
{
    private const int Lanes = RowKernel.Lanes;

    // Rows asked for before they are needed.
    private const int Ahead = 16;

    /// <summary>Ranks the rows of a list.</summary>
    /// <param name="snapshot">The rows.</param>
    /// <param name="layout">Their layout.</param>
    /// <param name="queries">The queries.</param>
    /// <param name="query">The query's number.</param>
    /// <param name="keys">What a scan kept, changed here.</param>
    /// <param name="stages">The plan; the scan was at its first width.</param>
    /// <param name="k">How many to return.</param>
    public static FunnelHit[] Rank(
        FunnelSnapshot snapshot, FunnelLayout layout, FunnelQueries queries, int query, Span<ulong> keys, FunnelStages stages, int k)
    {
        int stage = stages.Stage, last = layout.Count - 1;
        int[] lists = stages.Lists;
        if (stage == last || stages.IsScanOnly)
        {
            return Hits(snapshot, Best(keys, k));
        }
        int count = keys.Length;
        if (count == 0)
        {
            return [];
        }
        // Whole fours of rows: the kernel takes four at once, and what is beyond the last one is a repetition.
        float[] lanes = ArrayPool<float>.Shared.Rent((count + 4) * Lanes);
        float[] firsts = ArrayPool<float>.Shared.Rent(count + 4);
        int[] positions = ArrayPool<int>.Shared.Rent(count + 4);
        ulong[] room = ArrayPool<ulong>.Shared.Rent(2 * count);
        try
        {
            Array.Clear(lanes, 0, (count + 4) * Lanes);
            fixed (float* allFirst = queries.First, allRest = queries.Rest, lane = lanes)
            {
                float* first = allFirst + ((nint)query * layout.Strides[0]), rest = allRest + ((nint)query * layout.RestLength);
                for (int i = 0; i < count; i++)
                {
                    positions[i] = ScoreKey.Position(keys[i]);
                    firsts[i] = ScoreKey.Score(keys[i]);
                }
                // What is known of a row: the score at the width of the scan. After a scan at the first width all else follows with the bits of a full scan. After one at another width
                // the rows are compared with what the score says of their dot product, and those of the last list all over again, so that the result has these bits too.
                int known = stage;
                int done = stage;
                for (int next = stage + 1; ; next++)
                {
                    int keep = next == last ? k : lists[next - stage];
                    if (next < last && keep >= count)
                    {
                        continue;
                    }
                    if (next == last && known > 0)
                    {
                        Recall(snapshot, layout, first, positions.AsSpan(0, count), firsts);
                        Array.Clear(lanes, 0, (count + 4) * Lanes);
                        (known, done) = (0, 0);
                    }
                    Span<ulong> scored = room.AsSpan(0, count);
                    Compare(snapshot, layout, queries, query, rest, positions, firsts, known, lane, done, next, scored);
                    if (next == last)
                    {
                        return Hits(snapshot, Best(scored, k));
                    }
                    Span<ulong> best = room.AsSpan(count, count);
                    scored.CopyTo(best);
                    TopSelection.MoveToFront(best, keep);
                    ulong least = ulong.MaxValue;
                    foreach (ulong key in best[..keep])
                    {
                        least = Math.Min(least, key);
                    }
                    int kept = 0;
                    for (int i = 0; i < count; i++)
                    {
                        if (scored[i] >= least)
                        {
                            positions[kept] = positions[i];
                            firsts[kept] = firsts[i];
                            lanes.AsSpan(i * Lanes, Lanes).CopyTo(lanes.AsSpan(kept * Lanes));
                            kept++;
                        }
                    }
                    count = kept;
                    done = next;
                }
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(lanes);
            ArrayPool<float>.Shared.Return(firsts);
            ArrayPool<int>.Shared.Return(positions);
            ArrayPool<ulong>.Shared.Return(room);
        }
    }

    // Computes the inner products of the first prefixes.
    private static void Recall(FunnelSnapshot snapshot, FunnelLayout layout, float* first, ReadOnlySpan<int> positions, float[] firsts)
    {
        for (int i = 0; i < positions.Length; i++)
        {
            FunnelSegment segment = snapshot.Find(positions[i]);
            firsts[i] = FunnelScan.FirstBlockOfRow(first, segment, positions[i] - segment.FirstPosition, layout.Strides[0]);
        }
    }

    // Adds the blocks after one width up to another to the lanes of each row, and scores the rows there.
    private static void Compare(
        FunnelSnapshot snapshot, FunnelLayout layout, FunnelQueries queries, int query, float* rest, int[] positions, float[] firsts, int known, float* lanes, int done, int next, Span<ulong> scored)
    {
        float* sums = stackalloc float[4];
        float** rows = stackalloc float*[4];
        float queryLength = known == 0 ? queries.Lengths[query] : FunnelLayout.Quotient(1, queries.Inverses[known][query]), queryInverse = queries.Inverses[next][query];
        for (int i = 0; i < Math.Min(Ahead, scored.Length); i++)
        {
            Prefetch(snapshot, layout, done + 1, next, positions[i]);
        }
        var segments = new FunnelSegment[4];
        for (int i = 0; i < scored.Length; i += 4)
        {
            // The rows are all over the memory: ask for later ones while these are summed.
            for (int j = i + Ahead; j < Math.Min(i + Ahead + 4, scored.Length); j++)
            {
                Prefetch(snapshot, layout, done + 1, next, positions[j]);
            }
            for (int j = 0; j < 4; j++)
            {
                segments[j] = snapshot.Find(positions[Math.Min(i + j, scored.Length - 1)]);
            }
            for (int b = done + 1; b <= next; b++)
            {
                for (int j = 0; j < 4; j++)
                {
                    FunnelSegment segment = segments[j];
                    rows[j] = segment.Row(b, positions[Math.Min(i + j, scored.Length - 1)] - segment.FirstPosition);
                }
                RowKernel.Add(rest + layout.Starts[b], rows[0], rows[1], rows[2], rows[3], layout.Strides[b], lanes + (i * Lanes));
            }
            RowKernel.Sum(lanes + (i * Lanes), sums);
            for (int j = 0; j < 4 && i + j < scored.Length; j++)
            {
                FunnelSegment segment = segments[j];
                int row = positions[i + j] - segment.FirstPosition;
                float inverse = segment.Inverses[next] == 0 ? 1 : ((float*)segment.Inverses[next])[row];
                float score = FunnelScan.Score(firsts[i + j], sums[j], known == 0 ? segment.Lengths[row] : FunnelLayout.Quotient(1, ((float*)segment.Inverses[known])[row]), queryLength, inverse, queryInverse);
                // Only a damaged file that was opened unchecked has NaN.
                scored[i + j] = ScoreKey.Of(float.IsNaN(score) ? float.NegativeInfinity : score, positions[i + j]);
            }
        }
    }

    private static void Prefetch(FunnelSnapshot snapshot, FunnelLayout layout, int firstBlock, int lastBlock, int position)
    {
        const int Line = 16, MostLines = 8;
        if (!Sse.IsSupported)
        {
            return;
        }
        FunnelSegment segment = snapshot.Find(position);
        int row = position - segment.FirstPosition;
        for (int b = firstBlock; b <= lastBlock; b++)
        {
            float* start = segment.Row(b, row);
            for (int c = 0; c < Math.Min(layout.Strides[b], MostLines * Line); c += Line)
            {
                Sse.Prefetch0(start + c);
            }
        }
        Sse.Prefetch0(segment.Lengths + row);
        if (segment.Inverses[lastBlock] != 0)
        {
            Sse.Prefetch0((float*)segment.Inverses[lastBlock] + row);
        }
    }

    private static Span<ulong> Best(Span<ulong> keys, int k)
    {
        if (k < keys.Length)
        {
            TopSelection.MoveToFront(keys, k);
            keys = keys[..k];
        }
        keys.Sort();
        keys.Reverse();
        return keys;
    }

    private static FunnelHit[] Hits(FunnelSnapshot snapshot, ReadOnlySpan<ulong> keys)
    {
        var hits = new FunnelHit[keys.Length];
        for (int i = 0; i < hits.Length; i++)
        {
            int position = ScoreKey.Position(keys[i]);
            FunnelSegment segment = snapshot.Find(position);
            hits[i] = new FunnelHit(segment.Ids[position - segment.FirstPosition], Math.Clamp(ScoreKey.Score(keys[i]), -1, 1));
        }
        return hits;
    }
}
