namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>
/// Chooses among plans by what they find of the nearest rows of sample queries. Every other query chooses, the rest judge.
/// </summary>
/// <remarks>
/// The choosing queries make a row of plans, from one that loses nothing of what they should find to one whose mean recall just exceeds
/// the wanted one by its standard error. The judges test them in that order, and the last before the first whose lower bound misses the
/// wanted recall is the choice, which keeps the confidence level though many are tried.
/// </remarks>
internal sealed class PlanChoice(FunnelTuningOptions options, Func<FunnelPlan, double> cost)
{
    /// <summary>The fewest queries: half of them choose, half judge.</summary>
    public const int FewestQueries = 20;

    // The most judging queries that are worth saying: a million sample queries.
    private const int MaxJudges = 500_000;

    // What a plan of the row may lose of the choosing queries' nearest rows, as a part of what is allowed.
    private static readonly double[] Allowances = [0, 0.05, 0.1, 0.15, 0.25, 0.35, 0.5, 0.75];

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

    /// <summary>The plan of those tried that the judges choose; null where none is good enough for the choosing queries.</summary>
    /// <param name="judge">The share of the nearest rows that each judging query finds by a plan.</param>
    public FunnelTuning? Choose(Func<FunnelPlan, double[]> judge)
    {
        if (Cheapest((mean, error) => mean >= 1 || mean - error >= options.Recall) is not { } byMean)
        {
            return null;
        }
        (FunnelPlan Plan, double[] Shares)? sure = null;
        bool isRefuted = false;
        foreach (double allowance in Allowances)
        {
            if (!isRefuted && Cheapest((mean, _) => mean >= 1 - (allowance * (1 - options.Recall)) - 1e-12) is { } next)
            {
                isRefuted = !IsSure(next);
            }
        }
        FunnelPlan chosen = sure is null || (!isRefuted && IsSure(byMean)) ? byMean : sure.Value.Plan;
        return Result(chosen, sure?.Plan == chosen ? sure.Value.Shares : judge(chosen));

        bool IsSure(FunnelPlan plan)
        {
            if (sure?.Plan == plan)
            {
                return true;
            }
            double[] shares = judge(plan);
            bool isSure = BettingBound.IsAbove(Shuffled(shares), options.Recall, options.Confidence);
            sure = isSure ? (plan, shares) : sure;
            return isSure;
        }
    }

    /// <summary>What is known of a plan by its judges.</summary>
    public FunnelTuning Result(FunnelPlan plan, double[] shares)
    {
        double[] shuffled = Shuffled(shares);
        bool isSure = BettingBound.IsAbove(shuffled, options.Recall, options.Confidence);
        double low = BettingBound.Lower(shuffled, options.Confidence);
        return new FunnelTuning(plan, options, shares.Average(), isSure ? Math.Max(low, options.Recall) : low, shares.Length,
            isSure ? 0 : MoreQueries(shuffled, options));
    }

    /// <summary>About how many more sample queries would be needed if they were like these.</summary>
    public static int? MoreQueries(double[] shares, FunnelTuningOptions options)
    {
        if (shares.Average() <= options.Recall)
        {
            return null;
        }
        int low = shares.Length, high = low;
        do
        {
            if (high >= MaxJudges)
            {
                return null;
            }
            low = high;
            high = (int)Math.Min(2L * high, MaxJudges);
        }
        while (!IsEnough(high));
        while (high - low > Math.Max(1, low / 50))
        {
            int middle = low + ((high - low) / 2);
            (low, high) = IsEnough(middle) ? (low, middle) : (middle, high);
        }
        return 2 * (high - shares.Length);

        bool IsEnough(int count)
        {
            var repeated = new double[count];
            for (int i = 0; i < count; i++)
            {
                repeated[i] = shares[i % shares.Length];
            }
            return BettingBound.IsAbove(repeated, options.Recall, options.Confidence);
        }
    }

    /// <summary>Lengths of lists to try: from one to another, each about a fifth longer than the one before.</summary>
    public static IEnumerable<int> Lengths(int first, int last)
    {
        const double Step = 1.19;
        for (double length = first; length < last; length *= Step)
        {
            yield return (int)Math.Ceiling(length);
        }
        yield return last;
    }

    /// <summary>Every other query, so that both halves see whatever order there is.</summary>
    /// <param name="queries">The queries, <c>[Q, stride]</c>.</param>
    /// <param name="stride">The values of a query.</param>
    /// <param name="start">The first: 0 for those that choose, 1 for those that judge.</param>
    /// <param name="most">The most to take.</param>
    public static float[] Every(float[] queries, int stride, int start, int most)
    {
        int count = Math.Min(((queries.Length / stride) - start + 1) / 2, most);
        var kept = new float[count * stride];
        for (int q = 0; q < count; q++)
        {
            queries.AsSpan(((2 * q) + start) * stride, stride).CopyTo(kept.AsSpan(q * stride));
        }
        return kept;
    }

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
