using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.TorchSharp.Objectives;

/// <summary>Makes batches of examples: which rows go together, their embeddings, and what supervises them.</summary>
internal sealed class BatchBuilder
{
    private readonly ExampleSet _examples;
    private readonly RoleColumns _columns;
    private readonly double _scale;
    private readonly Dictionary<VectorRole, int[]> _numbers;

    /// <param name="examples">The examples.</param>
    /// <param name="columns">What the objective needs.</param>
    /// <param name="scale">What inputs are divided by to be at the scale of the embeddings.</param>
    public BatchBuilder(ExampleSet examples, RoleColumns columns, double scale)
    {
        _examples = examples;
        _columns = columns;
        _scale = scale;
        _numbers = MarksEqualVectors ? EqualVectors.Number(examples) : [];
    }

    private bool MarksEqualVectors =>
        _columns.FalseNegatives.HasFlag(FalseNegativeRule.EqualVectors) && _examples.Vectors.ContainsKey(VectorRole.Positive);

    /// <summary>
    /// Reorders an epoch's shuffled rows so that, where that is possible, no two rows of a batch are each other's false negative by equal
    /// vectors.
    /// </summary>
    public void Arrange(int[] order, int batchSize)
    {
        if (MarksEqualVectors)
        {
            BatchOrder.Separate(order, batchSize, _numbers[VectorRole.Anchor], _numbers[VectorRole.Positive]);
        }
    }

    /// <summary>Makes the batch of some rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="embed">Gives their embeddings in a role, <c>[B, D]</c>.</param>
    public EmbeddingBatch Build(ReadOnlySpan<int> rows, Func<VectorRole, Tensor> embed)
    {
        int[] numbers = rows.ToArray();
        int negatives = _examples.NegativeColumns;
        return new EmbeddingBatch
        {
            Anchors = embed(VectorRole.Anchor),
            Positives = _examples.Vectors.ContainsKey(VectorRole.Positive) ? embed(VectorRole.Positive) : null,
            Negatives = negatives switch
            {
                0 => null,
                1 => embed(VectorRole.Negative),
                _ => cat([.. Enumerable.Range(0, negatives).Select(i => embed(VectorRole.NegativeAt(i)))], 0),
            },
            Labels = _examples.Labels is { } labels ? tensor(Array.ConvertAll(numbers, n => (long)labels[n])) : null,
            Scores = _examples.Scores is { } scores ? tensor(Array.ConvertAll(numbers, n => scores[n])) : null,
            Originals = _columns.Originals ? Vectors(VectorRole.Anchor, numbers).Times(1 / _scale) : null,
            Teachers = _examples.Vectors.ContainsKey(VectorRole.Teacher) ? Vectors(VectorRole.Teacher, numbers) : null,
            FalseNegatives = FalseNegatives(numbers, negatives),
        };
    }

    private Tensor Vectors(VectorRole role, int[] rows)
    {
        VectorRows vectors = _examples.Vectors[role];
        var values = new float[rows.Length * vectors.Width];
        vectors.Prepare(rows);
        for (int i = 0; i < rows.Length; i++)
        {
            vectors.CopyPrefix(rows[i], values.AsSpan(i * vectors.Width, vectors.Width));
        }
        return tensor(values, [rows.Length, vectors.Width]);
    }

    /// <summary>The marks of what is known, <c>[B, (1 + K)·B]</c>; null where nothing is marked.</summary>
    private Tensor? FalseNegatives(int[] rows, int negativeColumns)
    {
        int[]? labels = _columns.FalseNegatives.HasFlag(FalseNegativeRule.EqualLabels) ? _examples.Labels : null;
        if (!_examples.Vectors.ContainsKey(VectorRole.Positive) || (!MarksEqualVectors && labels is null))
        {
            return null;
        }
        int count = rows.Length;
        int width = (1 + negativeColumns) * count;
        var marks = new bool[count * width];
        bool any = false;
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < count; j++)
            {
                if (i != j && labels is not null && labels[rows[i]] == labels[rows[j]])
                {
                    any = marks[i * width + j] = true;
                }
            }
        }
        if (MarksEqualVectors)
        {
            int[] anchors = _numbers[VectorRole.Anchor];
            int[] positives = _numbers[VectorRole.Positive];
            for (int i = 0; i < count; i++)
            {
                (int anchor, int positive) = (anchors[rows[i]], positives[rows[i]]);
                for (int column = 0; column <= negativeColumns; column++)
                {
                    int[] candidates = column == 0 ? positives : _numbers[VectorRole.NegativeAt(column - 1)];
                    for (int j = 0; j < count; j++)
                    {
                        int candidate = candidates[rows[j]];
                        bool isOwn = column == 0 && i == j;
                        if (!isOwn && (candidate == positive || candidate == anchor || (column == 0 && anchors[rows[j]] == anchor)))
                        {
                            any = marks[i * width + column * count + j] = true;
                        }
                    }
                }
            }
        }
        return any ? tensor(marks, [count, width]) : null;
    }
}
