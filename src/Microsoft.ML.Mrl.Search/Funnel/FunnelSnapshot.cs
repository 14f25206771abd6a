namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>The rows of an index at one moment: what a search goes by. Rows beyond its count may be written meanwhile; nobody sees them.</summary>
internal sealed class FunnelSnapshot
{
    /// <param name="segments">The segments, each but the last full.</param>
    /// <param name="count">The positions in use, those of removed rows included.</param>
    public FunnelSnapshot(FunnelSegment[] segments, int count)
    {
        Segments = segments;
        Count = count;
    }

    public FunnelSegment[] Segments { get; }

    public int Count { get; }

    /// <summary>The positions in use of a segment.</summary>
    public int RowsIn(FunnelSegment segment) => Math.Min(segment.Capacity, Count - segment.FirstPosition);

    /// <summary>The segment of a position.</summary>
    public FunnelSegment Find(int position)
    {
        FunnelSegment[] segments = Segments;
        int low = 0, high = segments.Length - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (segments[middle].FirstPosition <= position)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }
        return segments[low];
    }

    /// <summary>Keeps the memory until it is released; false where some is gone already.</summary>
    public bool TryAcquire()
    {
        for (int i = 0; i < Segments.Length; i++)
        {
            bool added = false;
            try
            {
                Segments[i].Owner.DangerousAddRef(ref added);
            }
            catch (ObjectDisposedException)
            {
                Release(i);
                return false;
            }
        }
        return true;
    }

    public void Release() => Release(Segments.Length);

    /// <summary>Gives the memory back as soon as no search holds it.</summary>
    public void Dispose()
    {
        foreach (FunnelSegment segment in Segments)
        {
            segment.Owner.Dispose();
        }
    }

    private void Release(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Segments[i].Owner.DangerousRelease();
        }
    }
}
