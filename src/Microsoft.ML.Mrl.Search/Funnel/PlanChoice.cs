using System.Runtime.InteropServices;

namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>
/// Chooses among plans by what they find of the nearest rows of sample queries. Up to half of these choose, and the rest judge.
/// </summary>
/// <remarks>
/// The choosing queries make a row of plans, from one that loses hardly any of what they should find to one whose mean recall just exceeds
/// the wanted one by its standard error. The judges test them in that order, and the last before the first whose lower bound misses the
/// wanted recall is the choice, which keeps the confidence level though many are tried. Where the choosing queries alone are sure of
/// plans, the judges begin with the last of those. Judges are asked some at a time, until their bound reaches the wanted recall.
/// </remarks>
internal sealed class PlanChoice(FunnelTuningOptions options, Func<FunnelPlan, double> cost)
{
    /// <summary>The fewest queries: half of them choose, half judge.</summary>
    public const int FewestQueries = 20;

    // More would choose no better.
    private const int MaxChoosers = 512;

    // Judges who are asked at once, and once more than half as many as were asked.
    private const int JudgesAtOnce = 256;

    // The most judging queries that are worth saying: about a million sample queries.
    private const int MaxJudges = 1 << 20;

    // What a plan of the row may lose of the choosing queries' nearest rows, as a part of what is allowed.
    private static readonly double[] Allowances = [0.05, .. Enumerable.Range(4, 35).Select(step => step * 0.025)];

    private readonly List<Tried> _tried = [];

    /// <summary>Takes note of what the choosing queries found by a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="shares">The share of the nearest rows that each query found.</param>
    /// <returns>The mean.</returns>
    public double Try(FunnelPlan plan, double[] shares)
    {
        double mean = shares.Average(), variance = Math.Max(0, shares.Average(share => share * share) - (mean * mean));
        // Twice over, since judges have to say so once more.
        bool isSure = BettingBound.IsAbove(shares, options.Recall, 1 - Math.Pow(1 - options.Confidence, 2), shares.Length);
        _tried.Add(new Tried(plan, mean, Math.Sqrt(variance / shares.Length), isSure));
        return mean;
    }

    /// <summary>Whether a plan with such a mean can begin the row, so that none that finds more need be tried.</summary>
    public bool IsSafe(double mean) => IsWithin(mean, Allowances[0]);

    /// <summary>Whether a plan costs more than one of which the choosing queries are already sure.</summary>
    public bool IsNeedless(FunnelPlan plan) => _tried.Exists(own => own.IsSure && cost(own.Plan) < cost(plan));

    /// <summary>The plan of those tried that the judges choose; null where none is good enough for the choosing queries.</summary>
    /// <param name="judges">How many queries judge.</param>
    /// <param name="judge">The share of the nearest rows that judging queries find by a plan: so many from the first named.</param>
    public FunnelTuning? Choose(int judges, Func<FunnelPlan, int, int, double[]> judge)
    {
        if (Cheapest(own => own.Mean >= 1 || own.Mean - own.Error >= options.Recall) is not { } byMean)
        {
            return null;
        }
        Tried[] row =
        [
            .. Allowances.Select(allowance => Cheapest(own => IsWithin(own.Mean, allowance))).OfType<Tried>()
                .Where(own => cost(own.Plan) > cost(byMean.Plan)).Append(byMean).Distinct(),
        ];
        (FunnelPlan Plan, List<double> Shares)? sure = null;
        foreach (Tried own in row[Math.Max(Array.FindLastIndex(row, own => own.IsSure), 0)..])
        {
            var shares = new List<double>();
            bool isSure = false;
            while (!isSure && shares.Count < judges)
            {
                Ask(own.Plan, shares, Math.Max(JudgesAtOnce, shares.Count / 2));
                isSure = BettingBound.IsAbove(CollectionsMarshal.AsSpan(shares), options.Recall, options.Confidence, judges);
            }
            if (!isSure)
            {
                sure ??= (byMean.Plan, own == byMean ? shares : []);
                break;
            }
            sure = (own.Plan, shares);
        }
        Ask(sure!.Value.Plan, sure.Value.Shares, judges);
        return Result(sure.Value.Plan, [.. sure.Value.Shares]);

        void Ask(FunnelPlan plan, List<double> shares, int count)
            => shares.AddRange(judge(plan, shares.Count, Math.Min(count, judges - shares.Count)));
    }

    /// <summary>What is known of a plan by its judges.</summary>
    public FunnelTuning Result(FunnelPlan plan, double[] shares)
    {
        double low = BettingBound.Lower(shares, options.Confidence);
        return new FunnelTuning(plan, options, shares.Average(), low, shares.Length, low >= options.Recall ? 0 : MoreQueries(shares));
    }

    // About how many more sample queries would be needed if they were like these.
    private int? MoreQueries(double[] shares)
    {
        const double Step = 1.1;
        for (double judges = shares.Length; judges <= MaxJudges && shares.Average() > options.Recall; judges *= Step)
        {
            double[] repeated = [.. Enumerable.Range(0, (int)judges).Select(i => shares[i % shares.Length])];
            if (BettingBound.IsAbove(repeated, options.Recall, options.Confidence, repeated.Length))
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

    /// <summary>Parts queries, one of some for the choosers, so that both see whatever order there is. Each come in an order that does not
    /// depend on them, for which the bound holds.</summary>
    /// <param name="queries">The queries, <c>[Q, stride]</c>.</param>
    /// <param name="stride">The values of a query.</param>
    /// <param name="seed">The seed of the order.</param>
    public static (float[] Choosers, float[] Judges) Part(ReadOnlySpan<float> queries, int stride, int seed)
    {
        int count = queries.Length / stride, step = Math.Max(2, (count + MaxChoosers - 1) / MaxChoosers);
        ILookup<bool, int> choose = Enumerable.Range(0, count).ToLookup(q => q % step == 0);
        return (Shuffled(queries, choose[true]), Shuffled(queries, choose[false]));

        float[] Shuffled(ReadOnlySpan<float> queries, IEnumerable<int> chosen)
        {
            int[] order = [.. chosen];
            new Random(seed).Shuffle(order);
            var own = new float[order.Length * stride];
            for (int i = 0; i < order.Length; i++)
            {
                queries.Slice(order[i] * stride, stride).CopyTo(own.AsSpan(i * stride));
            }
            return own;
        }
    }

    private bool IsWithin(double mean, double allowance) => mean >= 1 - (allowance * (1 - options.Recall)) - 1e-12;

    private Tried? Cheapest(Func<Tried, bool> isEnough) => _tried.Where(isEnough).MinBy(own => cost(own.Plan));

    /// <summary>A plan, what the choosing queries found by it, and whether they are sure of it.</summary>
    private sealed record Tried(FunnelPlan Plan, double Mean, double Error, bool IsSure);
}
