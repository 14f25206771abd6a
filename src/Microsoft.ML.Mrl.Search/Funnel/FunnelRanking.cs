using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>Compares the rows of the lists of some queries again at longer and longer prefixes, and keeps the best of them each time.</summary>
internal static unsafe class FunnelRanking
{
    private const int Lanes = RowKernel.Lanes;

    // Rows asked for before they are needed.
    private const int Ahead = 16;

    // Pairs of a query and a row that are compared together, and how many may keep their sums for the next width: half a megabyte of them.
    private const int PairsAtOnce = 1 << 16;
    private const int MostCarried = 1 << 13;

    /// <summary>Ranks the rows of the lists.</summary>
    /// <param name="snapshot">The rows.</param>
    /// <param name="layout">Their layout.</param>
    /// <param name="queries">The queries.</param>
    /// <param name="lists">What a scan kept for each of them.</param>
    /// <param name="stages">The plan; the scan was at its first width.</param>
    /// <param name="k">How many to return.</param>
    /// <param name="found">Room for the result of each query.</param>
    public static void Rank(FunnelSnapshot snapshot, FunnelLayout layout, FunnelQueries queries, ReadOnlySpan<ShortList> lists, FunnelStages stages, int k, Span<SearchHit[]> found)
    {
        if (stages.Stage == layout.Count - 1 || stages.IsScanOnly)
        {
            for (int q = 0; q < lists.Length; q++)
            {
                found[q] = Hits(snapshot, Best(lists[q].Best(), k));
            }
            return;
        }
        int atOnce = Math.Max(1, PairsAtOnce / lists[0].Limit);
        for (int first = 0; first < lists.Length; first += atOnce)
        {
            int count = Math.Min(atOnce, lists.Length - first);
            using var candidates = new FunnelCandidates(lists.Slice(first, count));
            Rank(snapshot, layout, queries, first, candidates, stages, k, found.Slice(first, count));
        }
    }

    // What is known of a row is the score at the width of the scan. After a scan at the first width all else follows with the bits of a full scan. After one at another width the rows are
    // compared with what the score says of their dot product, and those of the last list all over again, so that the result has these bits too.
    private static void Rank(
        FunnelSnapshot snapshot, FunnelLayout layout, FunnelQueries queries, int firstQuery, FunnelCandidates candidates, FunnelStages stages, int k, Span<SearchHit[]> found)
    {
        int last = layout.Count - 1, known = stages.Stage, done = stages.Stage;
        for (int next = stages.Stage + 1; next <= last; next++)
        {
            int keep = next == last ? k : stages.Lists[next - stages.Stage];
            if (next < last && keep >= candidates.Longest())
            {
                continue;
            }
            candidates.Sort(snapshot.Count);
            if (next == last && known > 0)
            {
                Recall(snapshot, layout, queries, firstQuery, candidates);
                (known, done) = (0, 0);
            }
            // The sums of so many pairs would go through memory: the few that stay are summed anew instead, with the same bits.
            bool isCarried = next < last && candidates.Count <= MostCarried;
            Compare(snapshot, layout, queries, firstQuery, candidates, known, done, next, isCarried);
            if (next < last)
            {
                candidates.Keep(keep, isCarried);
                done = isCarried ? next : done;
            }
        }
        for (int q = 0; q < found.Length; q++)
        {
            found[q] = Hits(snapshot, Best(candidates.KeysOf(q), k));
        }
    }

    // Computes the inner products of the first prefixes.
    private static void Recall(FunnelSnapshot snapshot, FunnelLayout layout, FunnelQueries queries, int firstQuery, FunnelCandidates candidates)
    {
        int columns = layout.Strides[0];
        fixed (float* first = queries.First)
        {
            foreach (FunnelCandidates.Pair pair in candidates.Order)
            {
                FunnelSegment segment = snapshot.Find(pair.Position);
                candidates.Firsts[pair.Index] = FunnelScan.FirstBlockOfRow(first + ((nint)(firstQuery + pair.Query) * columns), segment, pair.Position - segment.FirstPosition, columns);
            }
        }
        candidates.Forget();
    }

    // Adds the blocks after one width up to another to the sums of each pair, and scores the pairs there.
    private static void Compare(
        FunnelSnapshot snapshot, FunnelLayout layout, FunnelQueries queries, int firstQuery, FunnelCandidates candidates, int known, int done, int next, bool isCarried)
    {
        ReadOnlySpan<FunnelCandidates.Pair> order = candidates.Order;
        float* lanes = stackalloc float[4 * Lanes];
        float* sums = stackalloc float[4];
        float** rows = stackalloc float*[4];
        float** queryRows = stackalloc float*[4];
        var segments = new FunnelSegment[4];
        bool hasSums = candidates.HasSums;
        float[] knownInverses = queries.Inverses[known], queryInverses = queries.Inverses[next];
        fixed (float* allRest = queries.Rest, allLanes = candidates.Sums, firsts = candidates.Firsts)
        fixed (ulong* keys = candidates.Keys)
        {
            for (int i = 0; i < Math.Min(Ahead, order.Length); i++)
            {
                Prefetch(snapshot, layout, done + 1, next, order[i].Position);
            }
            for (int i = 0; i < order.Length; i += 4)
            {
                // The rows are all over the memory: ask for later ones while these are summed.
                for (int j = i + Ahead; j < Math.Min(i + Ahead + 4, order.Length); j++)
                {
                    Prefetch(snapshot, layout, done + 1, next, order[j].Position);
                }
                for (int j = 0; j < 4; j++)
                {
                    // The kernel takes four at once; what is beyond the last one is a repetition.
                    FunnelCandidates.Pair pair = order[Math.Min(i + j, order.Length - 1)];
                    segments[j] = snapshot.Find(pair.Position);
                    (hasSums ? Vector512.Load(allLanes + ((nint)pair.Index * Lanes)) : default).Store(lanes + (j * Lanes));
                }
                for (int b = done + 1; b <= next; b++)
                {
                    for (int j = 0; j < 4; j++)
                    {
                        FunnelCandidates.Pair pair = order[Math.Min(i + j, order.Length - 1)];
                        rows[j] = segments[j].Row(b, pair.Position - segments[j].FirstPosition);
                        queryRows[j] = allRest + ((nint)(firstQuery + pair.Query) * layout.RestLength) + layout.Starts[b];
                    }
                    RowKernel.AddPairs(queryRows, rows, layout.Strides[b], lanes);
                }
                RowKernel.Sum(lanes, sums);
                for (int j = 0; j < 4 && i + j < order.Length; j++)
                {
                    FunnelCandidates.Pair pair = order[i + j];
                    FunnelSegment segment = segments[j];
                    int query = firstQuery + pair.Query, row = pair.Position - segment.FirstPosition;
                    if (isCarried)
                    {
                        Vector512.Load(lanes + (j * Lanes)).Store(allLanes + ((nint)pair.Index * Lanes));
                    }
                    float length = known == 0 ? segment.Lengths[row] : FunnelLayout.Quotient(1, ((float*)segment.Inverses[known])[row]);
                    float queryLength = known == 0 ? queries.Lengths[query] : FunnelLayout.Quotient(1, knownInverses[query]);
                    float inverse = segment.Inverses[next] == 0 ? 1 : ((float*)segment.Inverses[next])[row];
                    float score = FunnelScan.Score(firsts[pair.Index], sums[j], length, queryLength, inverse, queryInverses[query]);
                    // Only a damaged file that was opened unchecked has NaN.
                    keys[pair.Index] = ScoreKey.Of(float.IsNaN(score) ? float.NegativeInfinity : score, pair.Position);
                }
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
        keys = TopSelection.Keep(keys, k);
        keys.Sort();
        keys.Reverse();
        return keys;
    }

    private static SearchHit[] Hits(FunnelSnapshot snapshot, ReadOnlySpan<ulong> keys)
    {
        var hits = new SearchHit[keys.Length];
        for (int i = 0; i < hits.Length; i++)
        {
            int position = ScoreKey.Position(keys[i]);
            FunnelSegment segment = snapshot.Find(position);
            hits[i] = new SearchHit(segment.Ids[position - segment.FirstPosition], Math.Clamp(ScoreKey.Score(keys[i]), -1, 1));
        }
        return hits;
    }
}
