using System.Globalization;

namespace Microsoft.ML.Mrl;

public sealed partial class FunnelIndex
{
    /// <summary>Chooses the first width and the list lengths that find a wanted share of what a full scan finds while reading the least memory.</summary>
    /// <param name="sampleQueries">Queries such as will come, row by row, <c>[Q, D]</c>, at least 20; some hundreds tell more. Rows of the index find themselves, which is easier than what will come.</param>
    /// <param name="k">How many rows to find, at least 1.</param>
    /// <param name="recall">The wanted recall@k: the share of the k nearest rows that are found, a mean over queries, in (0, 1]. Default 0.99.</param>
    /// <param name="longestList">The longest list to try, at least k. Default 16384.</param>
    /// <returns>The plan, and the recall it has on queries that it was not chosen by. The index's own plan stays.</returns>
    /// <remarks>
    /// <para>
    /// Every other query chooses, the rest judge. Cost counts the bytes read and not time, so equal inputs give equal plans. A plan is chosen so that on the choosing queries the
    /// mean recall exceeds the wanted one by its standard error; what the judging queries find is reported as it is.
    /// </para>
    /// <para>
    /// A recall of 1 asks that no row of the sample be lost, and says nothing about rows beyond it. Where lists up to <paramref name="longestList"/> do not reach the recall at any width, the plan is a
    /// full scan, and <see cref="FunnelTuning.IsFullScan"/> says so.
    /// </para>
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="k"/> is below 1, <paramref name="recall"/> is not above 0 and at most 1, or <paramref name="longestList"/> is below k.
    /// </exception>
    /// <exception cref="ArgumentException">The values are not whole queries, are fewer than 20 of them, or one is a NaN or an infinity.</exception>
    /// <exception cref="InvalidOperationException">The index has no rows.</exception>
    /// <exception cref="ObjectDisposedException">The index was disposed of.</exception>
    public FunnelTuning Tune(ReadOnlySpan<float> sampleQueries, int k, double recall = 0.99, int longestList = 16384)
    {
        CheckQueries(sampleQueries, nameof(sampleQueries));
        CheckResults(k);
        if (!(recall > 0 && recall <= 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(recall), recall, string.Create(CultureInfo.InvariantCulture, $"Cannot reach a recall of {recall}. Choose a share above 0 and at most 1, such as 0.99."));
        }
        if (longestList < k)
        {
            throw new ArgumentOutOfRangeException(nameof(longestList), longestList, $"A list of {longestList} rows cannot hold the {k} asked for. Choose {k} or more.");
        }
        if (sampleQueries.Length / Dimensions < FunnelTuner.FewestQueries)
        {
            throw new ArgumentException(
                $"Found {sampleQueries.Length / Dimensions} sample queries, half of which choose and half judge. Give {FunnelTuner.FewestQueries} or more; some hundreds tell more.", nameof(sampleQueries));
        }
        if (Count == 0)
        {
            throw new InvalidOperationException("Nothing to tune: the index has no rows. Add them first.");
        }
        return FunnelTuner.Tune(this, sampleQueries, k, recall, longestList);
    }

    /// <summary>The best rows at one width, by their scores there.</summary>
    internal FunnelHit[][] RunStage(ReadOnlySpan<float> vectors, int stage, int count) => Run(vectors, new FunnelStages(stage, [count]) { IsScanOnly = true }, count);
}
