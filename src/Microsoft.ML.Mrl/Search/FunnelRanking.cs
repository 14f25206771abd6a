using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Mrl;

/// <summary>Compares the rows of the lists of some queries again at longer and longer prefixes, and keeps the best of them each time.</summary>
internal static unsafe class FunnelRanking
{
    private const int Lanes = RowKernel.Lanes;

    // Rows asked for before they are needed.
    private const int Ahead = 16;

    // Pairs of a query and a row that are compared together: their sums take 4 MB.
    private const int PairsAtOnce = 1 << 16;

    /// <summary>Ranks the rows of the lists.</summary>
    /// <param name="snapshot">The rows.</param>
    /// <param name="layout">Their layout.</param>
    /// <param name="queries">The queries.</param>
    /// <param name="lists">What a scan kept for each of them.</param>
    /// <param name="stages">The plan; the scan was at its first width.</param>
    /// <param name="k">How many to return.</param>
    /// <param name="found">Room for the result of each query.</param>
    public static void Rank(FunnelSnapshot snapshot, FunnelLayout layout, FunnelQueries queries, ReadOnlySpan<ShortList> lists, FunnelStages stages, int k, Span<FunnelHit[]> found)
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
        FunnelSnapshot snapshot, FunnelLayout layout, FunnelQueries queries, int firstQuery, FunnelCandidates candidates, FunnelStages stages, int k, Span<FunnelHit[]> found)
    {
        int last = layout.Count - 1, known = stages.Stage, done = stages.Stage;
        bool isFresh = true;
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
                (known, done, isFresh) = (0, 0, true);
            }
            Compare(snapshot, layout, queries, firstQuery, candidates, known, isFresh, done, next);
            if (next < last)
            {
                candidates.Keep(keep);
            }
            (done, isFresh) = (next, false);
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
            for (int i = 0; i < candidates.Count; i++)
            {
                int pair = candidates.Order[i], position = ScoreKey.Position(candidates.Keys[pair]);
                FunnelSegment segment = snapshot.Find(position);
                candidates.Firsts[pair] = FunnelScan.FirstBlockOfRow(first + ((nint)(firstQuery + candidates.Owners[pair]) * columns), segment, position - segment.FirstPosition, columns);
            }
        }
    }

    // Adds the blocks after one width up to another to the sums of each pair, and scores the pairs there.
    private static void Compare(
        FunnelSnapshot snapshot, FunnelLayout layout, FunnelQueries queries, int firstQuery, FunnelCandidates candidates, int known, bool isFresh, int done, int next)
    {
        int count = candidates.Count;
        bool isLast = next == layout.Count - 1;
        float* lanes = stackalloc float[4 * Lanes];
        float* sums = stackalloc float[4];
        float** rows = stackalloc float*[4];
        float** queryRows = stackalloc float*[4];
        int* pairs = stackalloc int[4];
        int* inSegment = stackalloc int[4];
        var segments = new FunnelSegment[4];
        float[] known1 = queries.Inverses[known], queryInverses = queries.Inverses[next];
        fixed (float* allRest = queries.Rest, allLanes = candidates.Sums, firsts = candidates.Firsts)
        fixed (ulong* keys = candidates.Keys)
        fixed (int* order = candidates.Order, owners = candidates.Owners)
        {
            for (int i = 0; i < Math.Min(Ahead, count); i++)
            {
                Prefetch(snapshot, layout, done + 1, next, ScoreKey.Position(keys[order[i]]));
            }
            for (int i = 0; i < count; i += 4)
            {
                // The rows are all over the memory: ask for later ones while these are summed.
                for (int j = i + Ahead; j < Math.Min(i + Ahead + 4, count); j++)
                {
                    Prefetch(snapshot, layout, done + 1, next, ScoreKey.Position(keys[order[j]]));
                }
                for (int j = 0; j < 4; j++)
                {
                    // The kernel takes four at once; what is beyond the last one is a repetition.
                    int pair = order[Math.Min(i + j, count - 1)];
                    pairs[j] = pair;
                    int position = ScoreKey.Position(keys[pair]);
                    segments[j] = snapshot.Find(position);
                    inSegment[j] = position - segments[j].FirstPosition;
                    (isFresh ? default : Vector512.Load(allLanes + ((nint)pair * Lanes))).Store(lanes + (j * Lanes));
                }
                for (int b = done + 1; b <= next; b++)
                {
                    for (int j = 0; j < 4; j++)
                    {
                        rows[j] = segments[j].Row(b, inSegment[j]);
                        queryRows[j] = allRest + ((nint)(firstQuery + owners[pairs[j]]) * layout.RestLength) + layout.Starts[b];
                    }
                    RowKernel.AddPairs(queryRows, rows, layout.Strides[b], lanes);
                }
                RowKernel.Sum(lanes, sums);
                for (int j = 0; j < 4 && i + j < count; j++)
                {
                    int pair = pairs[j], query = firstQuery + owners[pair], row = inSegment[j];
                    FunnelSegment segment = segments[j];
                    if (!isLast)
                    {
                        Vector512.Load(lanes + (j * Lanes)).Store(allLanes + ((nint)pair * Lanes));
                    }
                    float length = known == 0 ? segment.Lengths[row] : FunnelLayout.Quotient(1, ((float*)segment.Inverses[known])[row]);
                    float queryLength = known == 0 ? queries.Lengths[query] : FunnelLayout.Quotient(1, known1[query]);
                    float inverse = segment.Inverses[next] == 0 ? 1 : ((float*)segment.Inverses[next])[row];
                    float score = FunnelScan.Score(firsts[pair], sums[j], length, queryLength, inverse, queryInverses[query]);
                    // Only a damaged file that was opened unchecked has NaN.
                    keys[pair] = ScoreKey.Of(float.IsNaN(score) ? float.NegativeInfinity : score, ScoreKey.Position(keys[pair]));
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
