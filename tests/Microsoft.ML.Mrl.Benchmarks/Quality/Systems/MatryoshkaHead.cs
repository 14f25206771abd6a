namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>One head trained for all dimensions at once: what this library is for.</summary>
internal sealed class MatryoshkaHead(Supervision supervision, HeadKind kind, QualitySettings settings) : QualitySystem
{
    private readonly HeadTraining _training = new(supervision, kind, settings);
    private readonly SortedDictionary<string, int> _winners = new(StringComparer.Ordinal);

    public override string Name => $"**ours, {supervision.Name}{(kind == HeadKind.Linear ? "" : $", {kind.ToString().ToLowerInvariant()} head")}**";

    public override string Kind => "ours";

    public override bool IsSeeded => true;

    public override string Chosen => $"{_training.Chosen} (held back {_training.HeldBack}; {string.Join(", ", _winners.Select(w => $"{w.Key} {w.Value}×"))})";

    public override IReadOnlyList<DimensionRow> Measure(QualityTask task, int seed)
    {
        EmbeddingHead head = _training.Train(task.Dimensions, seed);
        string winner = head.Training!.Winner.ToString();
        _winners[winner] = _winners.GetValueOrDefault(winner) + 1;
        return task.Evaluate(head, task.Dimensions).Rows;
    }
}
