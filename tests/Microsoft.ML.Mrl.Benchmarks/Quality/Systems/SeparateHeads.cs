namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>A head of its own for every dimension, trained for that dimension alone with the same options: as many models as dimensions.</summary>
internal sealed class SeparateHeads(Supervision supervision, QualitySettings settings) : QualitySystem
{
    private readonly SortedDictionary<int, HeadTraining> _trainings = [];

    public override string Name => $"a head for each, {supervision.Name}";

    public override string Kind => "each";

    public override bool IsSeeded => true;

    public override string Chosen => string.Join(" ", _trainings.Values.Select(training => training.Chosen));

    public override IReadOnlyList<DimensionRow> Measure(QualityTask task, int seed) => [.. task.Dimensions.Select(m =>
    {
        if (!_trainings.TryGetValue(m, out HeadTraining? training))
        {
            _trainings.Add(m, training = new HeadTraining(supervision, HeadKind.Linear, settings));
        }
        var dimensions = new MatryoshkaDimensions(m);
        return task.Evaluate(training.Train(dimensions, seed), dimensions)[m];
    })];
}
