using System.Globalization;

namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>Pairs of sentences and how alike people find them, 0 to 5 (Cer et al. 2017), as mean word vectors.</summary>
internal sealed class StsBenchmark : QualityTask
{
    private readonly MLContext _mlContext = new();
    private readonly IDataView _trainView;
    private readonly IDataView _testView;

    private StsBenchmark(Example[] train, Example[] test, int width)
        : base("stsb", MatryoshkaDimensions.DoubledUpTo(width))
    {
        _trainView = Example.View(_mlContext, train);
        _testView = Example.View(_mlContext, test);
        Vectors = Example.View(_mlContext, [.. train.SelectMany(row => new[] { row, new Example { Vector = row.Other, Other = row.Other } })]);
        Description = $"sentence pairs by likeness, {train.Length:N0} training and {test.Length:N0} test pairs, {width} values";
        Supervisions = [new("ScoredPairs", MrlObjective.ScoredPairs(nameof(Example.Other), nameof(Example.Score)), _ => _trainView)];
    }

    public override string Description { get; }

    public override IReadOnlyList<string> Metrics => ["Spearman"];

    public override IDataView Vectors { get; }

    public override IReadOnlyList<Supervision> Supervisions { get; }

    public static StsBenchmark Load(string folder)
    {
        GloveVectors words = GloveVectors.Of(folder);
        return new StsBenchmark(Part("train"), Part("test"), words.Dimensions);

        Example[] Part(string name) => [.. CsvFile.Read(Path.Combine(folder, "stsb", $"stsb-en-{name}.csv")).Select(row => new Example
        {
            Vector = words.Embed(row[0]),
            Other = words.Embed(row[1]),
            Score = float.Parse(row[2], CultureInfo.InvariantCulture),
        })];
    }

    public override DimensionReport Evaluate(EmbeddingHead? head, MatryoshkaDimensions dimensions)
    {
        (IDataView view, string column) = Apply(_mlContext, head, _testView);
        (view, string other) = Apply(_mlContext, head, view, nameof(Example.Other));
        return _mlContext.Mrl().EvaluateSimilarity(view, column, other, nameof(Example.Score), dimensions);
    }
}
