namespace Microsoft.ML.Mrl.Resampling;

/// <summary>
/// Represents the ranks of values within resamples of them. The values are sorted once, so that a resample costs one pass over them.
/// </summary>
internal sealed class ResampledRanks
{
    private readonly int[] _order;

    // Where each run of equal values ends in the order.
    private readonly int[] _ends;

    /// <param name="values">The N values.</param>
    public ResampledRanks(double[] values)
    {
        double[] sorted = [.. values];
        _order = [.. Enumerable.Range(0, values.Length)];
        Array.Sort(sorted, _order);
        _ends = [.. Enumerable.Range(1, sorted.Length).Where(i => i == sorted.Length || sorted[i] != sorted[i - 1])];
    }

    /// <summary>
    /// The ranks in a resample, from 1, ascending; equal values, and a value that was drawn more than once, share the mean of their ranks.
    /// </summary>
    /// <param name="times">The number of times that each of the N values was drawn.</param>
    /// <param name="ranks">Room for N ranks; those of values that were not drawn mean nothing.</param>
    public void Of(ReadOnlySpan<float> times, Span<double> ranks)
    {
        double before = 0;
        int from = 0;
        foreach (int end in _ends)
        {
            double drawn = 0;
            for (int i = from; i < end; i++)
            {
                drawn += times[_order[i]];
            }
            double rank = before + ((drawn + 1) / 2);
            for (int i = from; i < end; i++)
            {
                ranks[_order[i]] = rank;
            }
            before += drawn;
            from = end;
        }
    }
}
