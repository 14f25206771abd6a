using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Search.Funnel;

/// <summary>Chooses a plan by sample queries.</summary>
internal sealed class FunnelTuner
{
    // Queries that choose the graph, and of each of them the nearest rows that are ranked.
    private const int MaxRankedQueries = 128;
    private const int MaxRankedRows = 10;

    // Graphs that are built before an exact search is the answer.
    private const int MaxGraphs = 2;

    // What a graph has to keep beyond the list for each row that is wanted, in order not to lose its way.
    private const int ExpansionOfTop = 4;

    // Where so many steps in a row find nothing more, wider ones hardly will.
    private const int MaxIdleSteps = 6;

    // A graph that is there is kept if it costs less than this times the best.
    private const double CostOfChange = 1.25;

    // Of graphs that cost less than this times the best, the smallest is tried first: it is built faster and takes less memory.
    private const double AboutAsCheap = 1.1;

    private readonly FunnelIndex _index;
    private readonly FunnelTuningOptions _options;
    private readonly CancellationToken _cancellationToken;
    private readonly FunnelSnapshot _rows;
    private readonly float[] _chooser;
    private readonly int[][] _choosers;
    private readonly float[] _judge;
    private readonly int[][] _judges;

    /// <param name="index">The index.</param>
    /// <param name="rows">Its rows, at least one.</param>
    /// <param name="queries">The queries, <c>[Q, D]</c>.</param>
    /// <param name="options">What is to be reached; checked.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public FunnelTuner(FunnelIndex index, FunnelSnapshot rows, ReadOnlySpan<float> queries, FunnelTuningOptions options,
        CancellationToken cancellationToken)
    {
        _index = index;
        _options = options;
        _rows = rows;
        _cancellationToken = cancellationToken;
        (_chooser, _judge) = PlanChoice.Part(queries, index.Dimensions, options.Seed);
        int choosers = _chooser.Length / index.Dimensions;
        int[][] nearest = Nearest([.. _chooser, .. _judge]);
        (_choosers, _judges) = (nearest[..choosers], nearest[choosers..]);
    }

    /// <summary>The plan where no graph is cheaper or good enough.</summary>
    public FunnelTuning Exact => new(FunnelPlan.Exact, _options, 1, 1, _judges.Length, 0);

    /// <summary>Chooses the lists of a graph.</summary>
    /// <param name="snapshot">The rows with the graph.</param>
    /// <returns>The plan that the judges choose, or null where none by this graph is good enough and cheaper than an exact
    /// search.</returns>
    public FunnelTuning? Tune(FunnelSnapshot snapshot)
    {
        UsearchGraph links = snapshot.Graph!.Links;
        var choice = new PlanChoice(_options, plan => Cost(plan, _index.Dimensions));
        int width = _index.Dimensions, top = _choosers[0].Length, idle = 0;
        int[] nodes = snapshot.Graph.NodeOfEach(snapshot.Count, null);
        double best = 0;
        foreach (int expansion in PlanChoice.Lengths(top, Math.Max(top, Math.Min(_options.MaxCandidates, snapshot.Count))))
        {
            _cancellationToken.ThrowIfCancellationRequested();
            if (choice.IsNeedless(new FunnelPlan(links.Dimensions, links.Type, top, expansion)))
            {
                break;
            }
            // Where in its list the node of each nearest row is: the row is found if that is among the candidates.
            var places = new int[_choosers.Length][];
            var tried = new FunnelPlan(links.Dimensions, links.Type, expansion);
            SharedWork.Run(0, places.Length, _index.MaxDegreeOfParallelism, () =>
            {
                var search = new GraphSearch(snapshot, tried, top, null);
                return q =>
                {
                    bool isFound = search.Find(_chooser.AsSpan(q * width, width), expansion, expansion);
                    places[q] = Array.ConvertAll(_choosers[q], row => !isFound || nodes[row] == PrefixGraph.Apart ? 0
                        : search.Nodes.IndexOf(nodes[row]) is >= 0 and var place ? place : int.MaxValue);
                };
            });
            double mean = 0;
            foreach (int candidates in PlanChoice.Lengths(top, expansion))
            {
                double[] shares = Array.ConvertAll(places, own => own.Count(place => place < candidates) / (double)top);
                mean = choice.Try(new FunnelPlan(links.Dimensions, links.Type, candidates, expansion), shares);
            }
            idle = mean > best ? 0 : idle + 1;
            best = Math.Max(best, mean);
            if (choice.IsSafe(mean) || idle == MaxIdleSteps)
            {
                break;
            }
        }
        FunnelTuning? tuning = choice.Choose(_judges.Length, (plan, first, count) =>
        {
            _cancellationToken.ThrowIfCancellationRequested();
            SearchHit[][] found = _index.Run(snapshot, _judge.AsSpan(first * width, count * width), top, plan, null);
            return [.. found.Select((hits, i) =>
                _judges[first + i].Count(row => hits.Any(hit => hit.Id == snapshot.Rows.IdOf(row))) / (double)top)];
        });
        return tuning is not null && Cost(tuning.Plan, _index.Dimensions) < ExactCost(snapshot.Count, _index.Dimensions) ? tuning : null;
    }

    /// <summary>
    /// What a search costs, in about nanoseconds: a call, for each row that the graph keeps a dozen comparisons, and for each candidate
    /// one. Candidates are asked for ahead and read through; a comparison in the graph takes about three times as long for its bytes.
    /// </summary>
    public static double Cost(FunnelPlan plan, int dimensions)
    {
        const int Call = 10_000, ComparisonsPerRow = 12, Wait = 3;
        return Call + (plan.Expansion * ComparisonsPerRow * Wait * UsearchGraph.Comparison(PrefixCodec.BytesOf(plan.Type, plan.Dimensions)))
            + (plan.Candidates * UsearchGraph.Comparison(dimensions * sizeof(float)));
    }

    /// <summary>What an exact search costs, in the same measure: memory is read at 10 GB/s.</summary>
    public static double ExactCost(long rows, int dimensions) => 0.4 * rows * dimensions;

    /// <summary>Graphs that could reach the recall for less than an exact search, the cheapest first.</summary>
    /// <param name="there">The graph that the rows have.</param>
    public IEnumerable<FunnelPlan> Graphs(PrefixGraph? there)
    {
        int[] prefixes = [.. _index.Prefixes];
        int top = _choosers[0].Length, each = Math.Min(top, MaxRankedRows);
        int[][] nearest = [.. _choosers.Take(MaxRankedQueries)
            .Select(own => Enumerable.Range(0, each).Select(i => own[(int)((long)i * top / each)]).ToArray())];
        // Half of what may be lost is left to the graph.
        double share = 1 - ((1 - _options.Recall) / 2);
        int[] rows = PrefixRanks.Distinct(_rows, _index.MaxDegreeOfParallelism);
        var plans = new List<FunnelPlan>();
        int[][] exact = Ranks(prefixes, EmbeddingType.Single);
        for (int m = 0; m < prefixes.Length; m++)
        {
            Add(prefixes[m], EmbeddingType.Single, exact[m]);
            Add(prefixes[m], EmbeddingType.Half, exact[m]);
        }
        // Signed bytes need no shorter list than exact values.
        foreach (FunnelPlan bytes in plans.Where(plan => plan.Type == EmbeddingType.Half)
            .Select(plan => new FunnelPlan(plan.Dimensions, EmbeddingType.Int8, plan.Candidates, plan.Expansion)).OrderBy(CostOf).ToArray())
        {
            if (CostOf(bytes) < CostOfChange * plans.Min(CostOf))
            {
                Add(bytes.Dimensions, EmbeddingType.Int8, Ranks([bytes.Dimensions], EmbeddingType.Int8)[0]);
            }
        }
        double least = plans.Select(CostOf).DefaultIfEmpty().Min();
        return plans.Where(plan => CostOf(plan) < ExactCost(_rows.Count, _index.Dimensions))
            .OrderBy(Turn).Take(MaxGraphs);

        (int, double) Turn(FunnelPlan plan) => there?.Fits(plan) == true && CostOf(plan) < CostOfChange * least ? (0, 0)
            : CostOf(plan) < AboutAsCheap * least ? (1, PrefixCodec.BytesOf(plan.Type, plan.Dimensions))
            : (2, CostOf(plan));

        int[][] Ranks(int[] own, EmbeddingType type)
            => PrefixRanks.Count(_rows, rows, _chooser, nearest, own, type, _index.MaxDegreeOfParallelism, _cancellationToken);

        void Add(int dimensions, EmbeddingType type, int[] ranks)
        {
            Array.Sort(ranks);
            int list = Math.Max(ranks[Math.Clamp((int)Math.Ceiling(share * ranks.Length) - 1, 0, ranks.Length - 1)], top);
            if (list <= _options.MaxCandidates)
            {
                plans.Add(new FunnelPlan(dimensions, type, list, list + (ExpansionOfTop * top)));
            }
        }

        double CostOf(FunnelPlan plan) => Cost(plan, _index.Dimensions);
    }

    private int[][] Nearest(float[] queries)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        int top = Math.Min(_options.Top, _rows.Count);
        return Array.ConvertAll(ExactSearch.Run(_rows, queries, top, null, _index.MaxDegreeOfParallelism, Head(queries)),
            own => own.Ranked().ToArray().Select(ScoreKey.Position).ToArray());
    }

    // The shortest prefix that has most of the length of the queries, of which many rows can be told to be too far; 0 where only more than
    // half of the values do.
    private int Head(float[] queries)
    {
        const double Most = 0.9;
        int width = _index.Dimensions;
        var energies = new double[width];
        for (int i = 0; i < queries.Length; i++)
        {
            energies[i % width] += queries[i] * (double)queries[i];
        }
        return _index.Prefixes.FirstOrDefault(
            m => m % RowKernel.Lanes == 0 && m <= width / 2 && energies.Take(m).Sum() >= Most * energies.Sum());
    }
}
