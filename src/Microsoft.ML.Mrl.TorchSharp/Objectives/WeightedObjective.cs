using System.Globalization;
using Microsoft.ML.Mrl.Resampling;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Losses;

namespace Microsoft.ML.Mrl.TorchSharp.Objectives;

/// <summary>See <see cref="MrlObjective.Weighted"/>.</summary>
internal sealed class WeightedObjective : MrlObjective
{
    private readonly (MrlObjective Objective, double Weight)[] _parts;

    public WeightedObjective((MrlObjective Objective, double Weight)[] parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        if (parts.Length == 0)
        {
            throw new ArgumentException("A weighted objective has at least one part.", nameof(parts));
        }
        foreach ((MrlObjective objective, double weight) in parts)
        {
            ArgumentNullException.ThrowIfNull(objective, nameof(parts));
            if (!(weight > 0) || !double.IsFinite(weight))
            {
                throw new ArgumentException($"The weight of {objective} is {weight}. Choose a number above 0.", nameof(parts));
            }
        }
        _parts = [.. parts];
        Columns = parts.Select(part => part.Objective.Columns).Aggregate(RoleColumns.Merge);
    }

    internal override RoleColumns Columns { get; }

    internal override string ScoreName => "weighted " + string.Join(" and ", _parts.Select(part => part.Objective.ScoreName).Distinct());

    internal override bool IsMeasuredByInputs => _parts.Any(part => part.Objective.IsMeasuredByInputs);

    internal override bool IsOfUser => _parts.Any(part => part.Objective.IsOfUser);

    internal override string Settings => string.Join(
        " and ", _parts.Select(part => string.Create(CultureInfo.InvariantCulture, $"{part.Weight:R} * ({part.Objective.Settings})")));

    public override string ToString()
    {
        IEnumerable<string> parts = _parts.Select(part => string.Create(CultureInfo.InvariantCulture, $"{part.Weight} * {part.Objective}"));
        return $"Weighted({string.Join(", ", parts)})";
    }

    internal override void Check(ExampleSet examples)
    {
        foreach ((MrlObjective objective, _) in _parts)
        {
            objective.Check(examples);
        }
    }

    internal override EmbeddingLoss CreateLoss(ExampleSet examples, MatryoshkaDimensions dimensions) => new WeightedLoss(
        _parts.Select(part => new WeightedLoss.Part(
            part.Objective.CreateLoss(examples, dimensions), part.Weight, part.Objective.Columns.Negatives.Count > 0)));

    /// <summary>The mean of the parts' scores by their weights.</summary>
    internal override double[] Score(
        ExampleSet examples, ScoringRows rows, IEmbeddingSource embeddings, MatryoshkaDimensions dimensions, EmbeddingLoss loss)
    {
        var losses = (WeightedLoss)loss;
        double total = _parts.Sum(part => part.Weight);
        var scores = new double[dimensions.Count];
        for (int k = 0; k < _parts.Length; k++)
        {
            double[] ofPart = _parts[k].Objective.Score(examples, rows, embeddings, dimensions, losses.Parts[k].Loss);
            for (int i = 0; i < scores.Length; i++)
            {
                scores[i] += ofPart[i] * _parts[k].Weight / total;
            }
        }
        return scores;
    }

    internal override ResampledMetric? ScoreRows(
        ExampleSet examples, ScoringRows rows, IEmbeddingSource embeddings, MatryoshkaDimensions dimensions, EmbeddingLoss loss)
    {
        var losses = (WeightedLoss)loss;
        var scores = new (ResampledMetric, double)[_parts.Length];
        for (int k = 0; k < _parts.Length; k++)
        {
            if (_parts[k].Objective.ScoreRows(examples, rows, embeddings, dimensions, losses.Parts[k].Loss) is not { } ofPart)
            {
                return null;
            }
            scores[k] = (ofPart, _parts[k].Weight);
        }
        return new MixedMetric(scores);
    }
}
