namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>
/// The utterances that the command line ships, as ML.NET's text features: wide, sparse and without a prefix worth cutting. Every fifth row is held
/// for testing. Not measured unless asked for.
/// </summary>
internal sealed class TextFeatures : QualityTask
{
    private const int OutputDimensions = 256;

    private readonly MLContext _mlContext = new(seed: 1);
    private readonly IDataView _trainView;
    private readonly IDataView _testView;

    private TextFeatures(TextRow[] train, TextRow[] test)
        : base("support", MatryoshkaDimensions.DoubledUpTo(OutputDimensions))
    {
        IDataView trainText = _mlContext.Data.LoadFromEnumerable(train);
        ITransformer features = _mlContext.Transforms.Text.FeaturizeText(nameof(Example.Vector), nameof(TextRow.Text)).Fit(trainText);
        _trainView = _mlContext.Data.Cache(features.Transform(trainText), nameof(Example.Vector), nameof(TextRow.Label));
        _testView = _mlContext.Data.Cache(features.Transform(_mlContext.Data.LoadFromEnumerable(test)), nameof(Example.Vector), nameof(TextRow.Label));
        Description = $"utterances by intent, {train.Length:N0} training and {test.Length:N0} test rows, text features";
        Supervisions = [new("Classification", MrlObjective.Classification(nameof(TextRow.Label)), _ => _trainView)];
    }

    public override string Description { get; }

    public override IReadOnlyList<string> Metrics => ["NearestCentroid", "1-NN"];

    public override IDataView Vectors => _trainView;

    public override bool HasRawPrefix => false;

    public override IReadOnlyList<Supervision> Supervisions { get; }

    /// <param name="file">Lines of text and label, parted by a tab, after a heading.</param>
    public static TextFeatures Load(string file)
    {
        TextRow[] rows = [.. File.ReadLines(file).Skip(1).Select(line => line.Split('\t')).Select(row => new TextRow { Text = row[0], Label = row[1] })];
        return new TextFeatures([.. rows.Where((_, i) => i % 5 != 0)], [.. rows.Where((_, i) => i % 5 == 0)]);
    }

    public override DimensionReport Evaluate(EmbeddingHead? head, MatryoshkaDimensions dimensions)
    {
        (IDataView test, string column) = Apply(_mlContext, head, _testView);
        (IDataView train, _) = Apply(_mlContext, head, _trainView);
        return _mlContext.Mrl().EvaluateClassification(test, column, nameof(TextRow.Label), train, dimensions);
    }

    private sealed class TextRow
    {
        public string Text { get; set; } = "";

        public string Label { get; set; } = "";
    }
}
