namespace Microsoft.ML.Mrl;

/// <summary>See <see cref="MrlObjective.Pairs"/>.</summary>
internal sealed class PairsObjective : MrlObjective
{
    private readonly string _positiveColumnName;
    private readonly string? _negativeColumnName;
    private readonly double _temperature;

    public PairsObjective(string positiveColumnName, string? negativeColumnName, double temperature)
    {
        ArgumentNullException.ThrowIfNull(positiveColumnName);
        _positiveColumnName = positiveColumnName;
        _negativeColumnName = negativeColumnName;
        _temperature = Temperature.Checked(temperature);
    }

    internal override RoleColumns Columns => new() { Positive = _positiveColumnName, Negatives = _negativeColumnName is null ? [] : [_negativeColumnName] };

    internal override string ScoreName => "MRR@10";

    public override string ToString() => _negativeColumnName is null ? $"Pairs({_positiveColumnName})" : $"Pairs({_positiveColumnName}, {_negativeColumnName})";

    internal override void Check(ExampleSet examples)
    {
    }

    internal override EmbeddingLoss CreateLoss(ExampleSet examples, MatryoshkaDimensions dimensions) => new InfoNceLoss(_temperature);

    /// <summary>How near the top each held-back input finds its positive among the held-back positives.</summary>
    internal override double[] Score(ExampleSet examples, ScoringRows rows, IEmbeddingSource embeddings, MatryoshkaDimensions dimensions, EmbeddingLoss loss)
    {
        DimensionReport report = PairedRetrieval.Evaluate(embeddings.Read(VectorRole.Anchor, rows.Held), embeddings.Read(VectorRole.Positive, rows.Held), dimensions);
        return [.. report.Rows.Select(row => row[RetrievalEvaluation.ReciprocalRank])];
    }
}
