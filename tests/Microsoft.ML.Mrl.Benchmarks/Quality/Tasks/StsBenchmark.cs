using System.Globalization;

namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>Pairs of sentences and how alike people find them, 0 to 5 (Cer et al. 2017).</summary>
internal sealed class StsBenchmark : QualityTask
{
    private readonly MLContext _mlContext = new();
    private readonly IDataView _trainView;
    private readonly IDataView _testView;

    private StsBenchmark(Example[] train, Example[] test, string measured, MatryoshkaDimensions dimensions)
        : base("stsb", dimensions)
    {
        _trainView = Example.View(_mlContext, train);
        _testView = Example.View(_mlContext, test);
        Vectors = Example.View(
            _mlContext, [.. train.SelectMany(row => new[] { row, new Example { Vector = row.Other, Other = row.Other } })]);
        Description =
            $"sentence pairs by likeness, {train.Length:N0} training and {test.Length:N0} {measured} pairs, {dimensions.Largest} values";
        Trainings = [new(MrlObjective.ScoredPairs(nameof(Example.Other), nameof(Example.Score)), _trainView)];
    }

    public override string Description { get; }

    public override IReadOnlyList<string> Metrics => ["Spearman"];

    public override IDataView Vectors { get; }

    public override IReadOnlyList<Training> Trainings { get; }

    /// <summary>The rows held back are the official ones for development.</summary>
    public static StsBenchmark Load(string folder, VectorSource source, RowChoice rows)
    {
        string measured = rows.MeasuresHeldBack ? "dev" : "test";
        (Example[] train, _) = (rows with { MeasuresHeldBack = false }).Choose(Part("train", folder, source), []);
        return new StsBenchmark(train, Part(measured, folder, source), measured, source.Dimensions);
    }

    /// <summary>Measures on some of the training pairs, which are like the others; those for development are of other texts.</summary>
    public static StsBenchmark LoadWithin(string folder, VectorSource source, RowChoice rows)
    {
        (Example[] train, Example[] measured) = rows.Choose(Part("train", folder, source), []);
        return new StsBenchmark(train, measured, "held-back", source.Dimensions);
    }

    private static Example[] Part(string name, string folder, VectorSource source)
    {
        List<string[]> pairs = CsvFile.Read(Path.Combine(folder, "stsb", $"stsb-en-{name}.csv"));
        float[][] first = source.Embed($"stsb-{name}-1", [.. pairs.Select(pair => pair[0])]);
        float[][] second = source.Embed($"stsb-{name}-2", [.. pairs.Select(pair => pair[1])]);
        return
        [
            .. pairs.Select((pair, i) => new Example
            {
                Vector = first[i], Other = second[i], Score = float.Parse(pair[2], CultureInfo.InvariantCulture),
            }),
        ];
    }

    public override DimensionReport Evaluate(EmbeddingHead? head, MatryoshkaDimensions dimensions)
    {
        (IDataView view, string column) = Apply(_mlContext, head, _testView);
        (view, string other) = Apply(_mlContext, head, view, nameof(Example.Other));
        return _mlContext.Mrl().EvaluateSimilarity(view, column, other, nameof(Example.Score), dimensions);
    }
}
