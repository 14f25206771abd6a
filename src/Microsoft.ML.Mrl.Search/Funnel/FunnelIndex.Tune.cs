using Microsoft.ML.Mrl.Search.Funnel;

namespace Microsoft.ML.Mrl;

public sealed partial class FunnelIndex
{
    /// <summary>Chooses the first width and the list lengths that find a wanted share of what a full scan finds, for queries that come one by one.</summary>
    /// <param name="sampleQueries">Queries such as will come, row by row, <c>[Q, D]</c>, at least 20; some thousands make surer. Rows of the index find themselves, which is easier than what will come.</param>
    /// <param name="k">How many rows to find, at least 1.</param>
    /// <param name="recall">The wanted recall@k: the share of the k nearest rows that are found, a mean over queries, in (0, 1]. Default 0.99.</param>
    /// <param name="longestList">The longest list to try, at least k. Default 16384.</param>
    /// <returns>What <see cref="Tune(ReadOnlySpan{float}, FunnelTuningOptions)"/> returns.</returns>
    /// <exception cref="ArgumentException">The numbers do not make sense, the values are not whole queries, are fewer than 20 of them, or one is a NaN or an infinity.</exception>
    /// <exception cref="InvalidOperationException">The index has no rows.</exception>
    /// <exception cref="ObjectDisposedException">The index was disposed of.</exception>
    public FunnelTuning Tune(ReadOnlySpan<float> sampleQueries, int k, double recall = 0.99, int longestList = 16384)
        => Tune(sampleQueries, new FunnelTuningOptions { K = k, Recall = recall, LongestList = longestList });

    /// <summary>Chooses the first width and the list lengths that surely find a wanted share of what a full scan finds, and cost the least.</summary>
    /// <param name="sampleQueries">Queries such as will come, row by row, <c>[Q, D]</c>, at least 20; some thousands make surer. Rows of the index find themselves, which is easier than what will come.</param>
    /// <param name="options">What is to be reached, how surely, and how queries come.</param>
    /// <returns>The plan, and the recall it has on queries that it was not chosen by. The index's own plan stays.</returns>
    /// <remarks>
    /// <para>
    /// Every other query chooses, the rest judge. The choosing ones make a row of plans, from one that loses none of their nearest rows to one whose mean recall just exceeds the wanted one by its standard
    /// error. The judges test them in that order, and the last before the first whose lower bound misses the wanted recall is the result, which keeps the confidence level though many are tried. Where
    /// not even the first is sure, as with few queries, the result is the last one of the row, by its mean, and <see cref="FunnelTuning.IsSure"/> says that it is not.
    /// </para>
    /// <para>
    /// Cost counts what is read and not time, so equal inputs give equal plans. Where lists up to the longest do not reach the recall at any width, or cost as much as a full scan, the plan is a full scan, and
    /// <see cref="FunnelTuning.IsFullScan"/> says so.
    /// </para>
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">The options do not make sense, the values are not whole queries, are fewer than 20 of them, or one is a NaN or an infinity.</exception>
    /// <exception cref="InvalidOperationException">The index has no rows.</exception>
    /// <exception cref="ObjectDisposedException">The index was disposed of.</exception>
    public FunnelTuning Tune(ReadOnlySpan<float> sampleQueries, FunnelTuningOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check(nameof(options));
        CheckQueries(sampleQueries, nameof(sampleQueries));
        if (sampleQueries.Length / Dimensions < FunnelTuner.FewestQueries)
        {
            throw new ArgumentException(
                $"Found {sampleQueries.Length / Dimensions} sample queries, half of which choose and half judge. Give {FunnelTuner.FewestQueries} or more; some thousands make surer.", nameof(sampleQueries));
        }
        if (Count == 0)
        {
            throw new InvalidOperationException("Nothing to tune: the index has no rows. Add them first.");
        }
        return FunnelTuner.Tune(this, sampleQueries, options);
    }

    /// <summary>The best rows at one width, by their scores there.</summary>
    internal SearchHit[][] RunStage(ReadOnlySpan<float> vectors, int stage, int count) => Run(vectors, new FunnelStages(stage, [count]) { IsScanOnly = true }, count);
}
