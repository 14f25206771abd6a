using System.Globalization;
using Microsoft.ML.Mrl.Evaluation;
using Microsoft.ML.Mrl.Resampling;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Losses;
using Microsoft.ML.Mrl.Vectors;
using Tensor = TorchSharp.torch.Tensor;

namespace Microsoft.ML.Mrl.TorchSharp.Objectives;

/// <summary>See <see cref="MrlObjective.Pairs(PairsOptions)"/>.</summary>
internal sealed class PairsObjective : MrlObjective
{
    /// <summary>More documents to search among cost more than they tell.</summary>
    private const int MostSearched = 5_000;

    private readonly PairsOptions _options;
    private readonly string[] _negativeColumnNames;

    public PairsObjective(PairsOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(options.PositiveColumnName);
        ArgumentNullException.ThrowIfNull(options.NegativeColumnNames);
        if (options.NegativeColumnNames.Any(string.IsNullOrEmpty)
            || options.NegativeColumnNames.Distinct().Count() < options.NegativeColumnNames.Count)
        {
            throw new ArgumentException(
                $"Negative columns are named once each, but '{string.Join("', '", options.NegativeColumnNames)}' were given.",
                nameof(options));
        }
        _options = options;
        _negativeColumnNames = [.. options.NegativeColumnNames];
        CreateLoss().Dispose();
    }

    internal override RoleColumns Columns => new()
    {
        Positive = _options.PositiveColumnName,
        Negatives = _negativeColumnNames,
        Label = _options.LabelColumnName,
        LearnsLabels = false,
        FalseNegatives = (_options.ExcludeEqualVectors ? FalseNegativeRule.EqualVectors : 0)
            | (_options.LabelColumnName is null ? 0 : FalseNegativeRule.EqualLabels),
    };

    internal override string ScoreName => "MRR@10";

    internal override IReadOnlyList<TrainingVariant> Variants =>
        [new(HeadKind.Residual, this, [0.002, 0.006]), new(HeadKind.Linear, this, [0.006, 0.002])];

    internal override double GeometryOfFewRows => KeptCosines.UsualStrength;

    internal override IReadOnlyList<double> Shrinkages => [0.9, 0.5];

    internal override Tensor InClosedForm(SolvedRows rows, double shrinkage) =>
        PairDirections.Map(rows.Anchors, rows.Positives!, scores: null, rows.Width, shrinkage);

    internal override string Settings
    {
        get
        {
            string equal = _options.ExcludeEqualVectors ? "left out" : "kept";
            string margin = _options.SimilarityMargin?.ToString("R", CultureInfo.InvariantCulture) ?? "none";
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{this}, temperature {_options.Temperature:R}, label {_options.LabelColumnName ?? "none"}, equal vectors {equal}, " +
                $"margin {margin}");
        }
    }

    public override string ToString()
    {
        string columns = string.Join(", ", _negativeColumnNames.Prepend(_options.PositiveColumnName));
        return _options.Direction == ContrastDirection.OneWay ? $"Pairs({columns})" : $"Pairs({columns}, {_options.Direction})";
    }

    internal override EmbeddingLoss CreateLoss(ExampleSet examples, MatryoshkaDimensions dimensions) => CreateLoss();

    /// <summary>
    /// How near the top each held-back input finds its positive, or one of its label where there are labels, among the held-back positives
    /// and those of training rows: the former alone are so few that most are found whatever the dimension.
    /// </summary>
    internal override double[] Score(
        ExampleSet examples, ScoringRows rows, IEmbeddingSource embeddings, MatryoshkaDimensions dimensions, EmbeddingLoss loss) =>
        [.. Evaluate(examples, rows, embeddings, dimensions).Rows.Select(row => row[RetrievalEvaluation.ReciprocalRank])];

    internal override ResampledMetric ScoreRows(
        ExampleSet examples, ScoringRows rows, IEmbeddingSource embeddings, MatryoshkaDimensions dimensions, EmbeddingLoss loss)
    {
        var ranks = new WeightedMeanMetric(dimensions.Count, rows.Held.Length);
        Evaluate(examples, rows, embeddings, dimensions, ranks);
        return ranks;
    }

    private DimensionReport Evaluate(
        ExampleSet examples, ScoringRows rows, IEmbeddingSource embeddings, MatryoshkaDimensions dimensions,
        WeightedMeanMetric? reciprocalRanks = null)
    {
        int[] searched = rows.Once(VectorRole.Positive, () => [[.. rows.Held, .. OthersToSearch(examples, rows)]])[0];
        return PairedRetrieval.Evaluate(
            embeddings.Read(VectorRole.Anchor, rows.Held), embeddings.Read(VectorRole.Positive, searched), dimensions,
            groups: GroupsOf(examples, searched), reciprocalRanks: reciprocalRanks);
    }

    /// <summary>
    /// Training rows with positives of their own: no vector that is held back, on either side, is among them, since as another document it
    /// would count as a wrong answer.
    /// </summary>
    private static int[] OthersToSearch(ExampleSet examples, ScoringRows rows)
    {
        VectorRows positives = examples.Vectors[VectorRole.Positive];
        var known = new HashSet<int>();
        foreach (int row in rows.Held)
        {
            known.Add(positives.HashOf(row));
            known.Add(examples.Anchors.HashOf(row));
        }
        var others = new List<int>();
        int count = Math.Clamp(MostSearched - rows.Held.Length, 0, rows.Reference.Length);
        for (int i = 0; i < count; i++)
        {
            int row = rows.Reference[(int)((long)i * rows.Reference.Length / count)];
            if (known.Add(positives.HashOf(row)))
            {
                others.Add(row);
            }
        }
        return [.. others];
    }

    private int[]? GroupsOf(ExampleSet examples, int[] rows) =>
        _options.LabelColumnName is null || examples.Labels is not { } labels ? null : Array.ConvertAll(rows, row => labels[row]);

    private InfoNceLoss CreateLoss() => new(_options.Temperature, _options.Direction, _options.SimilarityMargin);
}
