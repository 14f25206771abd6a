namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>Rows with one label each, classified by the training rows nearest to them.</summary>
internal sealed class LabelledTask : QualityTask
{
    private readonly MLContext _mlContext = new();
    private readonly IDataView _trainView;
    private readonly IDataView _testView;

    public LabelledTask(
        string name, string description, Example[] train, Example[] test, MatryoshkaDimensions dimensions, RowChoice rows,
        params string[] metrics)
        : base(name, dimensions)
    {
        (Example[] chosen, Example[] measured) = rows.Choose(train, test);
        Labelled = chosen;
        Test = measured;
        _trainView = Example.View(_mlContext, chosen);
        _testView = Example.View(_mlContext, measured);
        Description =
            $"{description}, {chosen.Length:N0} training and {measured.Length:N0} {(rows.MeasuresHeldBack ? "held-back" : "test")} rows, " +
            $"{chosen.Select(row => row.Label).Distinct().Count()} classes, {chosen[0].Vector.Length} values";
        Metrics = metrics;
    }

    public override string Description { get; }

    public override IReadOnlyList<string> Metrics { get; }

    public override IDataView Vectors => _trainView;

    public override bool HasLabels => true;

    /// <summary>The training rows.</summary>
    public IReadOnlyList<Example> Labelled { get; }

    /// <summary>The test rows.</summary>
    public IReadOnlyList<Example> Test { get; }

    /// <summary>Whether training that leaves the full vectors good for other uses is measured too.</summary>
    public bool MeasuresTransfer { get; init; }

    public override IReadOnlyList<Training> Trainings
    {
        get
        {
            var usual = new Training(MrlObjective.Classification(nameof(Example.Label)), _trainView);
            return MeasuresTransfer ? [usual, usual with { Transfer = true }] : [usual];
        }
    }

    public override DimensionReport Evaluate(EmbeddingHead? head, MatryoshkaDimensions dimensions)
    {
        (IDataView test, string column) = Apply(_mlContext, head, _testView);
        (IDataView train, _) = Apply(_mlContext, head, _trainView);
        return _mlContext.Mrl().EvaluateClassification(test, column, nameof(Example.Label), train, dimensions);
    }
}
