using System.Collections.Concurrent;
using Microsoft.ML.Mrl.Search.Quantized;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>Chooses a plan by sample queries.</summary>
internal sealed class FunnelTuner
{
    /// <summary>The fewest queries: half of them choose, half judge.</summary>
    public const int FewestQueries = 20;

    // Queries that choose the graph, and of each of them the nearest rows that are ranked.
    private const int MaxRankedQueries = 128;
    private const int MaxRankedRows = 10;
    private const int MaxChoosers = 512;

    // Graphs that are built before an exact search is the answer.
    private const int MaxGraphs = 2;

    // A graph that is there is kept if it costs less than this times the best.
    private const double CostOfChange = 1.25;

    // The most judging queries that are worth saying: a million sample queries.
    private const int MaxJudges = 500_000;

    // What a plan of the row may lose of the choosing queries' nearest rows, as a part of what is allowed.
    private static readonly double[] Allowances = [0, 0.05, 0.1, 0.15, 0.25, 0.35, 0.5, 0.75];

    private readonly FunnelIndex _index;
    private readonly FunnelTuningOptions _options;
    private readonly CancellationToken _cancellationToken;
    private readonly float[] _chooser;
    private readonly float[] _judge;

    /// <param name="index">The index.</param>
    /// <param name="queries">The queries at unit length, <c>[Q, stride]</c>.</param>
    /// <param name="options">What is to be reached; checked.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public FunnelTuner(FunnelIndex index, float[] queries, FunnelTuningOptions options, CancellationToken cancellationToken)
    {
        _index = index;
        _options = options;
        _cancellationToken = cancellationToken;
        int stride = RowStore.StrideOf(index.Dimensions);
        _chooser = Every(queries, stride, 0, MaxChoosers);
        _judge = Every(queries, stride, 1, int.MaxValue);
    }

    /// <summary>Chooses a plan.</summary>
    /// <param name="snapshot">The rows, and their graph if there is one; in the end those with the graph of the plan.</param>
    /// <param name="build">Makes the graph of a plan in the place of that of a snapshot.</param>
    public FunnelTuning Tune(ref FunnelSnapshot snapshot, Func<FunnelSnapshot, FunnelPlan, FunnelSnapshot> build)
    {
        int top = Math.Min(_options.Top, snapshot.Count), threads = _index.MaxDegreeOfParallelism;
        int[][] choosers = Positions(ExactSearch.Run(snapshot, _chooser, top, null, threads));
        long[][] judges = Ids(snapshot, ExactSearch.Run(snapshot, _judge, top, null, threads));
        _cancellationToken.ThrowIfCancellationRequested();
        foreach (FunnelPlan graph in Graphs(snapshot, choosers).Take(MaxGraphs))
        {
            if (snapshot.Graph is not { } own || own.Dimensions != graph.Dimensions || own.Type != graph.Type)
            {
                snapshot = build(snapshot, graph);
            }
            if (Judge(snapshot, graph, choosers, judges) is { } tuning
                && Cost(tuning.Plan, _index.Dimensions) < ExactCost(snapshot.Count, _index.Dimensions))
            {
                return tuning;
            }
        }
        return new FunnelTuning(FunnelPlan.Exact, _options, 1, 1, judges.Length, 0);
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
            return BettingBound.Lower(repeated, options.Confidence) >= options.Recall;
        }
    }

    /// <summary>
    /// What a search costs, in about nanoseconds: a call, for each row that the graph keeps a dozen comparisons with rows all over the
    /// memory, and for each candidate one; a comparison is a wait and the cache lines that are read. Estimates from one machine, not
    /// fitted.
    /// </summary>
    public static double Cost(FunnelPlan plan, int dimensions)
    {
        const int Call = 10_000, ComparisonsPerRow = 12;
        return Call + (plan.Expansion * ComparisonsPerRow * Comparison(PrefixCodec.Bytes(plan.Type, plan.Dimensions)))
            + (plan.Candidates * Comparison(dimensions * sizeof(float)));

        static double Comparison(int bytes) => 50 + (5.0 * ((bytes + 63) / 64));
    }

    /// <summary>What an exact search costs, in the same measure: memory is read at 10 GB/s.</summary>
    public static double ExactCost(long rows, int dimensions) => 0.4 * rows * dimensions;

    // Graphs that could reach the recall for less than an exact search, the cheapest first.
    private List<FunnelPlan> Graphs(FunnelSnapshot snapshot, int[][] choosers)
    {
        int[] prefixes = [.. _index.Prefixes];
        int ranked = Math.Min(choosers.Length, MaxRankedQueries), top = choosers[0].Length, each = Math.Min(top, MaxRankedRows);
        int[][] nearest = [.. choosers.Take(ranked)
            .Select(own => Enumerable.Range(0, each).Select(i => own[(int)((long)i * top / each)]).ToArray())];
        // Half of what may be lost is left to the graph.
        double share = 1 - ((1 - _options.Recall) / 2);
        var plans = new List<FunnelPlan>();
        int[][] exact = PrefixRanks.Count(snapshot, _chooser, nearest, prefixes, EmbeddingType.Single, _index.MaxDegreeOfParallelism,
            _cancellationToken);
        for (int m = 0; m < prefixes.Length; m++)
        {
            Add(prefixes[m], EmbeddingType.Single, exact[m]);
            if (Add(prefixes[m], EmbeddingType.Half, exact[m]))
            {
                Add(prefixes[m], EmbeddingType.Int8, PrefixRanks.Count(
                    snapshot, _chooser, nearest, [prefixes[m]], EmbeddingType.Int8, _index.MaxDegreeOfParallelism, _cancellationToken)[0]);
            }
        }
        double least = plans.Count == 0 ? 0 : plans.Min(CostOf);
        return [.. plans.Where(plan => CostOf(plan) < ExactCost(snapshot.Count, _index.Dimensions))
            .OrderBy(plan => IsThere(plan) && CostOf(plan) < CostOfChange * least ? 0 : CostOf(plan))];

        bool Add(int dimensions, EmbeddingType type, int[] ranks)
        {
            Array.Sort(ranks);
            int list = Math.Max(ranks[Math.Clamp((int)Math.Ceiling(share * ranks.Length) - 1, 0, ranks.Length - 1)], top);
            bool isShort = list <= _options.MaxCandidates;
            if (isShort)
            {
                plans.Add(new FunnelPlan(dimensions, type, list));
            }
            return isShort;
        }

        double CostOf(FunnelPlan plan) => Cost(plan, _index.Dimensions);

        bool IsThere(FunnelPlan plan) => snapshot.Graph is { } graph && graph.Dimensions == plan.Dimensions && graph.Type == plan.Type;
    }

    // The plan that the judges choose, or null where no plan by this graph is good enough for the choosing queries.
    private FunnelTuning? Judge(FunnelSnapshot snapshot, FunnelPlan graph, int[][] choosers, long[][] judges)
    {
        List<(FunnelPlan Plan, double Mean, double Error)> tried = Try(snapshot, graph, choosers);
        if (Cheapest((mean, error) => mean >= 1 || mean - error >= _options.Recall) is not { } byMean)
        {
            return null;
        }
        int[] order = [.. Enumerable.Range(0, judges.Length)];
        new Random(_options.Seed).Shuffle(order);
        (FunnelPlan Plan, double[] Shares)? sure = null;
        bool isRefuted = false;
        foreach (double allowance in Allowances)
        {
            if (Cheapest((mean, _) => mean >= 1 - (allowance * (1 - _options.Recall)) - 1e-12) is { } next && !IsSure(next))
            {
                isRefuted = true;
                break;
            }
        }
        FunnelPlan chosen = sure is null || (!isRefuted && IsSure(byMean)) ? byMean : sure.Value.Plan;
        double[] shares = sure?.Plan == chosen ? sure.Value.Shares : Shares(chosen);
        double low = BettingBound.Lower(shares, _options.Confidence);
        return new FunnelTuning(chosen, _options, shares.Average(), low, shares.Length,
            low >= _options.Recall ? 0 : MoreQueries(shares, _options));

        FunnelPlan? Cheapest(Func<double, double, bool> isEnough)
            => tried.Where(own => isEnough(own.Mean, own.Error)).OrderBy(own => Cost(own.Plan, _index.Dimensions)).FirstOrDefault().Plan;

        bool IsSure(FunnelPlan plan)
        {
            if (sure?.Plan == plan)
            {
                return true;
            }
            double[] values = Shares(plan);
            bool isSure = BettingBound.Lower(values, _options.Confidence) >= _options.Recall;
            sure = isSure ? (plan, values) : sure;
            return isSure;
        }

        double[] Shares(FunnelPlan plan)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            SearchHit[][] found = _index.RunOn(snapshot, _judge, judges[0].Length, plan);
            return Array.ConvertAll(order, q => (double)found[q].Count(hit => judges[q].Contains(hit.Id)) / judges[q].Length);
        }
    }

    // Every expansion and number of candidates, with the mean recall of the choosing queries and its standard error: a nearest row is
    // found if it is among the candidates.
    private List<(FunnelPlan Plan, double Mean, double Error)> Try(FunnelSnapshot snapshot, FunnelPlan graph, int[][] choosers)
    {
        // Where this many steps in a row find nothing more, wider ones hardly will.
        const int MaxIdleSteps = 3;
        const double Step = 1.19;
        int stride = snapshot.Rows.Stride, top = choosers[0].Length, most = Math.Min(_options.MaxCandidates, snapshot.Count);
        int[] leaders = snapshot.LeaderOfEach();
        var tried = new List<(FunnelPlan, double, double)>();
        double mean = 0, best = 0;
        int idle = 0;
        for (double next = top; mean < 1 && idle < MaxIdleSteps && next < most * Step; next *= Step)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            int expansion = Math.Min((int)Math.Ceiling(next), most);
            // Where in its list each nearest row is.
            var places = new int[choosers.Length][];
            Parallel.For(0, places.Length, new ParallelOptions { MaxDegreeOfParallelism = _index.MaxDegreeOfParallelism }, q =>
            {
                var listed = new List<int>(expansion);
                bool isFound = GraphSearch.Find(snapshot, _chooser.AsSpan(q * stride, stride), expansion, expansion, null, listed);
                places[q] = Array.ConvertAll(choosers[q], position =>
                    !isFound ? 0 : listed.IndexOf(leaders[position]) is >= 0 and var place ? place
                    : snapshot.Apart.Contains(leaders[position]) ? 0 : int.MaxValue);
            });
            mean = 0;
            for (double list = top; list < expansion * Step; list *= Step)
            {
                int candidates = Math.Min((int)Math.Ceiling(list), expansion);
                double[] shares = Array.ConvertAll(places, own => own.Count(place => place < candidates) / (double)top);
                mean = shares.Average();
                double variance = Math.Max(0, shares.Average(share => share * share) - (mean * mean));
                tried.Add((new FunnelPlan(graph.Dimensions, graph.Type, candidates, expansion), mean, Math.Sqrt(variance / shares.Length)));
            }
            idle = mean > best ? 0 : idle + 1;
            best = Math.Max(best, mean);
        }
        return tried;
    }

    // Every other query, so that both halves see whatever order there is.
    private static float[] Every(float[] queries, int stride, int start, int most)
    {
        int count = Math.Min(((queries.Length / stride) - start + 1) / 2, most);
        var kept = new float[count * stride];
        for (int q = 0; q < count; q++)
        {
            queries.AsSpan(((2 * q) + start) * stride, stride).CopyTo(kept.AsSpan(q * stride));
        }
        return kept;
    }

    private static int[][] Positions(TopKeys[] found)
    {
        int[][] all = Array.ConvertAll(found, own => own.Ranked().ToArray().Select(ScoreKey.Position).ToArray());
        return all;
    }

    private static long[][] Ids(FunnelSnapshot snapshot, TopKeys[] found)
        => Array.ConvertAll(Positions(found), own => Array.ConvertAll(own, snapshot.Rows.IdOf));
}
