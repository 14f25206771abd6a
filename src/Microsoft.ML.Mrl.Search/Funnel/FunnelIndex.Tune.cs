using Microsoft.ML.Mrl.Search.Funnel;

namespace Microsoft.ML.Mrl;

public sealed partial class FunnelIndex
{
    /// <summary>
    /// Chooses the prefix, its type, the expansion and the number of candidates that surely find a wanted share of what an exact search
    /// finds, and cost the least. The index follows that plan from then on.
    /// </summary>
    /// <param name="sampleQueries">Queries such as will come, row by row, <c>[Q, D]</c>, at least 20; some thousands make surer. Rows of
    /// the index find themselves, which is easier than what will come.</param>
    /// <param name="options">What is to be reached, and how surely. Default: those of a new <see cref="FunnelTuningOptions"/>.</param>
    /// <param name="progress">Takes the share of the rows that are in a new graph, from 0 to 1, where one must be built.</param>
    /// <param name="cancellationToken">Stops the work; the index stays as it was.</param>
    /// <returns>The plan, and the recall that it has on queries that had no part in choosing it.</returns>
    /// <remarks>
    /// <para>
    /// Up to half of the queries, and no more than 512, choose; the rest judge. First the ranks of the nearest rows by every prefix and
    /// type show which graph can be cheap, and of graphs about as cheap the smallest is taken; where it is not the one that the index has,
    /// it is built, which takes most of the time. An index that is made with <see cref="FunnelPlan.Exact"/> has no graph yet, so none is
    /// built in vain.
    /// </para>
    /// <para>
    /// With the graph the choosing queries make a row of plans, from one that loses hardly any of their nearest rows to one whose mean
    /// recall just exceeds the wanted one by its standard error. The judges test them in that order, from the last one on of which the
    /// choosing queries alone are sure, and the last before the first whose lower bound misses the wanted recall is the result, which keeps
    /// the confidence level though many are tried. Where not even the first is sure, as with few queries, the result is the last one of the
    /// row, by its mean, and <see cref="FunnelTuning.IsSure"/> says that it is not.
    /// </para>
    /// <para>Costs are counted and not timed, so equal inputs and an equal graph give equal plans.</para>
    /// </remarks>
    /// <exception cref="ArgumentException">The options do not make sense, the values are not whole queries, are fewer than 20 of them, or
    /// one is a NaN or an infinity.</exception>
    /// <exception cref="InvalidOperationException">The index has no rows.</exception>
    /// <exception cref="PlatformNotSupportedException">A graph is needed, and there is no native library for this platform.</exception>
    /// <exception cref="OperationCanceledException">The work was stopped.</exception>
    /// <exception cref="ObjectDisposedException">The index was disposed of.</exception>
    public FunnelTuning Tune(
        ReadOnlySpan<float> sampleQueries, FunnelTuningOptions? options = null, IProgress<double>? progress = null,
        CancellationToken cancellationToken = default)
    {
        options ??= new FunnelTuningOptions();
        options.Check(nameof(options));
        CheckQueries(sampleQueries, nameof(sampleQueries));
        if (sampleQueries.Length / Dimensions < PlanChoice.FewestQueries)
        {
            throw new ArgumentException(
                $"Found {sampleQueries.Length / Dimensions} sample queries, half of which choose and half judge. Give " +
                $"{PlanChoice.FewestQueries} or more; some thousands make surer.",
                nameof(sampleQueries));
        }
        lock (_writing)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_snapshot.Count == _removed)
            {
                throw new InvalidOperationException("There is nothing to tune: the index has no rows. Add them first.");
            }
            FunnelSnapshot before = _snapshot;
            var tuner = new FunnelTuner(this, before, sampleQueries, options, cancellationToken);
            foreach (FunnelPlan graph in tuner.Graphs(before.Graph))
            {
                FunnelSnapshot after = WithGraph(before, graph, progress, cancellationToken);
                FunnelTuning? tuning = null;
                try
                {
                    tuning = tuner.Tune(after);
                }
                finally
                {
                    if (tuning is null && after.Graph != before.Graph)
                    {
                        after.Graph?.Dispose();
                    }
                }
                if (tuning is not null)
                {
                    Publish(after with { Plan = tuning.Plan });
                    return tuning;
                }
            }
            Publish(before with { Plan = FunnelPlan.Exact, Graph = null });
            return tuner.Exact;
        }
    }
}
