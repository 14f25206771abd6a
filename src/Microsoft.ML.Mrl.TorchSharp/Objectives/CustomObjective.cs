using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.Vectors;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.TorchSharp.Objectives;

/// <summary>See <see cref="MrlObjective.Custom"/>.</summary>
internal sealed class CustomObjective : MrlObjective
{
    /// <summary>Rows held back are scored in batches of this size.</summary>
    private const int RowsAtOnce = 256;

    private readonly RoleColumns _columns;
    private readonly Func<EmbeddingLoss> _loss;

    public CustomObjective(MrlCustomColumns columns, Func<EmbeddingLoss> loss)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(columns.NegativeColumnNames);
        ArgumentNullException.ThrowIfNull(loss);
        _columns = new RoleColumns
        {
            Positive = columns.PositiveColumnName,
            Negatives = [.. columns.NegativeColumnNames],
            Teacher = columns.TeacherColumnName,
            Label = columns.LabelColumnName,
            Score = columns.ScoreColumnName,
            Originals = columns.IncludeOriginals,
        };
        _loss = loss;
    }

    internal override RoleColumns Columns => _columns;

    internal override string ScoreName => "minus loss";

    internal override bool IsOfUser => true;

    public override string ToString()
    {
        IEnumerable<string> columns = _columns.Vectors.Select(v => v.ColumnName)
            .Concat(new[] { _columns.Label, _columns.Score }.OfType<string>());
        return $"Custom({string.Join(", ", columns)})";
    }

    internal override EmbeddingLoss CreateLoss(ExampleSet examples, MatryoshkaDimensions dimensions) =>
        _loss() ?? throw new InvalidOperationException("The function that makes the loss of a Custom objective returned null.");

    /// <summary>Minus the mean loss of rows held back, at each dimension.</summary>
    internal override double[] Score(
        ExampleSet examples, ScoringRows rows, IEmbeddingSource embeddings, MatryoshkaDimensions dimensions, EmbeddingLoss loss)
    {
        using IDisposable gradients = no_grad();
        var batches = new BatchBuilder(examples, _columns, embeddings.Scale);
        var scores = new double[dimensions.Count];
        for (int start = 0; start < rows.Held.Length; start += RowsAtOnce)
        {
            using DisposeScope scope = NewDisposeScope();
            int[] part = rows.Held[start..Math.Min(start + RowsAtOnce, rows.Held.Length)];
            EmbeddingBatch batch = loss.Prepare(batches.Build(part, role => Read(role, part)));
            for (int i = 0; i < scores.Length; i++)
            {
                scores[i] -= loss.Forward(
                    batch.Cut(dimensions[i], loss.UnitLength)).to(ScalarType.Float64).item<double>() * part.Length / rows.Held.Length;
            }
        }
        return scores;

        Tensor Read(VectorRole role, int[] numbers)
        {
            EmbeddingMatrix read = embeddings.Read(role, numbers);
            return tensor(read.Values.ToArray(), [read.Count, read.Width]);
        }
    }
}
