namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>
/// Fills the short lists of some queries by comparing them with all rows at one width. Long lists get a floor from a sample of the rows first; where it was too high the list is not full in the end,
/// and its scan is repeated without.
/// </summary>
internal static class ListScan
{
    // Below how many queries each goes alone: a tile would be mostly empty.
    public const int FewestInTile = 4;

    /// <param name="snapshot">The rows.</param>
    /// <param name="layout">Their layout.</param>
    /// <param name="queries">The queries.</param>
    /// <param name="stage">The position of the width.</param>
    /// <param name="lists">An empty list for each query, all of one limit.</param>
    /// <param name="parts">The parts of the rows, each of which a thread of its own may scan; the lists are the same for any number.</param>
    public static void Fill(FunnelSnapshot snapshot, FunnelLayout layout, FunnelQueries queries, int stage, ShortList[] lists, int parts)
    {
        int panels = (int)(FunnelLayout.Rounded(snapshot.Count) / FunnelLayout.Panel);
        int sampled = SampledFloor.SampleOf(lists[0].Limit, snapshot.Count);
        if (sampled > 0)
        {
            ShortList[] samples = ShortList.Several(lists.Length, sampled, snapshot.Count);
            Scan(0, panels, SampledFloor.Step, 0, samples);
            for (int i = 0; i < lists.Length; i++)
            {
                lists[i].SetFloor(SampledFloor.Of(samples[i]));
                samples[i].Dispose();
            }
        }
        InParts(0, lists);
        for (int i = 0; i < lists.Length; i++)
        {
            if (lists[i].IsFloorTooHigh)
            {
                lists[i].Restart();
                InParts(i, [lists[i]]);
            }
        }

        void InParts(int firstQuery, ShortList[] wanted)
        {
            int count = Math.Min(parts, panels);
            if (count <= 1)
            {
                Scan(0, panels, 1, firstQuery, wanted);
                return;
            }
            var found = new ShortList[count][];
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = count }, part =>
            {
                found[part] = ShortList.Several(wanted.Length, wanted[0].Limit, snapshot.Count);
                for (int i = 0; i < wanted.Length; i++)
                {
                    found[part][i].SetFloor(wanted[i].Floor);
                }
                Scan((int)((long)panels * part / count), (int)((long)panels * (part + 1) / count), 1, firstQuery, found[part]);
            });
            foreach (ShortList[] part in found)
            {
                for (int i = 0; i < wanted.Length; i++)
                {
                    wanted[i].Accept(part[i].Best());
                    part[i].Dispose();
                }
            }
        }

        void Scan(int firstPanel, int lastPanel, int step, int firstQuery, ShortList[] wanted)
        {
            if (wanted.Length >= FewestInTile)
            {
                FunnelScan.Many(snapshot, layout, queries, firstQuery, stage, firstPanel, lastPanel, step, wanted);
                return;
            }
            for (int i = 0; i < wanted.Length; i++)
            {
                FunnelScan.One(snapshot, layout, queries, firstQuery + i, stage, firstPanel, lastPanel, step, wanted[i]);
            }
        }
    }
}
