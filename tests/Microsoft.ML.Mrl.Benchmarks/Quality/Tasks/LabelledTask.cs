namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>Rows with one label each, classified by the training rows nearest to them.</summary>
internal sealed class LabelledTask : QualityTask
{
    private readonly MLContext _mlContext = new();
    private readonly Example[] _train;
    private readonly Example[] _test;
    private readonly IDataView _trainView;
    private readonly IDataView _testView;
    private readonly string _description;

    public LabelledTask(string name, string description, Example[] train, Example[] test, MatryoshkaDimensions dimensions, params string[] metrics)
        : base(name, dimensions)
    {
        _train = train;
        _test = test;
        _trainView = Example.View(_mlContext, train);
        _testView = Example.View(_mlContext, test);
        _description = $"{description}, {train.Length:N0} training and {test.Length:N0} test rows, {train.Select(row => row.Label).Distinct().Count()} classes, {train[0].Vector.Length} values";
        Metrics = metrics;
        Supervisions =
        [
            new("Classification", MrlObjective.Classification(nameof(Example.Label)), _ => _trainView),
            new("SameLabel", MrlObjective.SameLabel(nameof(Example.Label)), _ => _trainView),
            new("Pairs", MrlObjective.Pairs(new PairsOptions { PositiveColumnName = nameof(Example.Other), LabelColumnName = nameof(Example.Label) }), seed => Example.View(_mlContext, SameLabelPairs(seed))),
        ];
    }

    public override string Description => _description;

    public override IReadOnlyList<string> Metrics { get; }

    public override IDataView Vectors => _trainView;

    public override IReadOnlyList<Example> Labelled => _train;

    /// <summary>The test rows with labels.</summary>
    public IReadOnlyList<Example> Test => _test;

    public override IReadOnlyList<Supervision> Supervisions { get; }

    public override DimensionReport Evaluate(EmbeddingHead? head, MatryoshkaDimensions dimensions)
    {
        (IDataView test, string column) = Apply(_mlContext, head, _testView);
        (IDataView train, _) = Apply(_mlContext, head, _trainView);
        return _mlContext.Mrl().EvaluateClassification(test, column, nameof(Example.Label), train, dimensions);
    }

    /// <summary>Every row with the next one of its class, in an order that the seed draws.</summary>
    private Example[] SameLabelPairs(int seed)
    {
        Example[] rows = [.. _train];
        new Random(seed).Shuffle(rows);
        return
        [
            .. rows.GroupBy(row => row.Label).Select(group => group.ToArray()).Where(group => group.Length > 1)
                .SelectMany(group => group.Select((row, i) => new Example { Vector = row.Vector, Other = group[(i + 1) % group.Length].Vector, Label = row.Label })),
        ];
    }
}
