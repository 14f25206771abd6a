namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>
/// Chooses among plans by what they find of the nearest rows of sample queries. Up to half of these choose, and the rest judge.
/// </summary>
/// <remarks>
/// The choosing queries make a row of plans, from one that loses hardly any of what they should find to one whose mean recall just exceeds
/// the wanted one by its standard error. The judges test them in that order, and the last before the first whose lower bound misses the
/// wanted recall is the choice, which keeps the confidence level though many are tried.
/// </remarks>
internal sealed class PlanChoice(FunnelTuningOptions options, Func<FunnelPlan, double> cost)
{
    /// <summary>The fewest queries: half of them choose, half judge.</summary>
    public const int FewestQueries = 20;

    // More would choose no better.
    private const int MaxChoosers = 512;

    // The most judging queries that are worth saying: about a million sample queries.
    private const int MaxJudges = 1 << 20;

    // What a plan of the row may lose of the choosing queries' nearest rows, as a part of what is allowed.
    private static readonly double[] Allowances = [0.05, .. Enumerable.Range(4, 35).Select(step => step * 0.025)];

    private readonly List<(FunnelPlan Plan, double Mean, double Error)> _tried = [];

    /// <summary>Takes note of what the choosing queries found by a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="shares">The share of the nearest rows that each query found.</param>
    /// <returns>The mean.</returns>
    public double Try(FunnelPlan plan, double[] shares)
    {
        double mean = shares.Average(), variance = Math.Max(0, shares.Average(share => share * share) - (mean * mean));
        _tried.Add((plan, mean, Math.Sqrt(variance / shares.Length)));
        return mean;
    }

    /// <summary>Whether a plan with such a mean can begin the row, so that none that finds more need be tried.</summary>
    public bool IsSafe(double mean) => IsWithin(mean, Allowances[0]);

    /// <summary>The plan of those tried that the judges choose; null where none is good enough for the choosing queries.</summary>
    /// <param name="judge">The share of the nearest rows that each judging query finds by a plan.</param>
    public FunnelTuning? Choose(Func<FunnelPlan, double[]> judge)
    {
        if (Cheapest((mean, error) => mean >= 1 || mean - error >= options.Recall) is not { } byMean)
        {
            return null;
        }
        (FunnelPlan Plan, double[] Shares)? sure = null;
        IEnumerable<FunnelPlan> row = Allowances.Select(allowance => Cheapest((mean, _) => IsWithin(mean, allowance))).OfType<FunnelPlan>()
            .Where(plan => cost(plan) > cost(byMean)).Append(byMean).Distinct();
        foreach (FunnelPlan plan in row)
        {
            double[] shares = judge(plan);
            if (!BettingBound.IsAbove(Shuffled(shares), options.Recall, options.Confidence))
            {
                return sure is null ? Result(byMean, plan == byMean ? shares : judge(byMean)) : Result(sure.Value.Plan, sure.Value.Shares);
            }
            sure = (plan, shares);
        }
        return Result(byMean, sure!.Value.Shares);
    }

    /// <summary>What is known of a plan by its judges.</summary>
    public FunnelTuning Result(FunnelPlan plan, double[] shares)
    {
        double[] shuffled = Shuffled(shares);
        double low = BettingBound.Lower(shuffled, options.Confidence);
        return new FunnelTuning(plan, options, shares.Average(), low, shares.Length, low >= options.Recall ? 0 : MoreQueries(shuffled));
    }

    // About how many more sample queries would be needed if they were like these.
    private int? MoreQueries(double[] shares)
    {
        const double Step = 1.1;
        for (double judges = shares.Length; judges <= MaxJudges && shares.Average() > options.Recall; judges *= Step)
        {
            double[] repeated = [.. Enumerable.Range(0, (int)judges).Select(i => shares[i % shares.Length])];
            if (BettingBound.IsAbove(repeated, options.Recall, options.Confidence))
            {
                return Math.Max(1, All(repeated.Length) - All(shares.Length));
            }
        }
        return null;

        static int All(int judges) => judges + Math.Min(judges, MaxChoosers);
    }

    /// <summary>Lengths of lists to try: from one to another, each about a tenth longer than the one before.</summary>
    public static IEnumerable<int> Lengths(int first, int last)
    {
        const double Step = 1.1;
        for (double length = first; length < last; length *= Step)
        {
            yield return (int)Math.Ceiling(length);
        }
        yield return last;
    }

    /// <summary>Parts queries, one of some for the choosers, so that both see whatever order there is.</summary>
    /// <param name="queries">The queries, <c>[Q, stride]</c>.</param>
    /// <param name="stride">The values of a query.</param>
    public static (float[] Choosers, float[] Judges) Part(ReadOnlySpan<float> queries, int stride)
    {
        int count = queries.Length / stride, step = Math.Max(2, (count + MaxChoosers - 1) / MaxChoosers);
        int choosing = (count + step - 1) / step;
        float[] choosers = new float[choosing * stride], judges = new float[(count - choosing) * stride];
        for (int q = 0; q < count; q++)
        {
            (int before, int which) = Math.DivRem(q, step);
            Span<float> target = which == 0 ? choosers.AsSpan(before * stride) : judges.AsSpan((q - before - 1) * stride);
            queries.Slice(q * stride, stride).CopyTo(target);
        }
        return (choosers, judges);
    }

    private bool IsWithin(double mean, double allowance) => mean >= 1 - (allowance * (1 - options.Recall)) - 1e-12;

    private FunnelPlan? Cheapest(Func<double, double, bool> isEnough)
        => _tried.Where(own => isEnough(own.Mean, own.Error)).OrderBy(own => cost(own.Plan)).FirstOrDefault().Plan;

    // The bound holds for values in an order that does not depend on them.
    private double[] Shuffled(double[] shares)
    {
        double[] shuffled = [.. shares];
        new Random(options.Seed).Shuffle(shuffled);
        return shuffled;
    }
}
