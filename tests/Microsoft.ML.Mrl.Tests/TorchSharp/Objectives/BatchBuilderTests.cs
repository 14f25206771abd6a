using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;
using Microsoft.ML.Mrl.Tests.Transforms;
using Microsoft.ML.Mrl.Tests.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Objectives;

[Collection(TorchCollection.Name)]
public class BatchBuilderTests
{
    [Fact]
    public void Build_EqualVectors_MarkedWhereACandidateIsNoNegative()
    {
        using DisposeScope scope = NewDisposeScope();
        // Rows 0 and 1 have one anchor; row 2's positive is row 0's; row 3's positive is row 0's anchor; row 0's negative is its own
        // positive.
        ExampleSet examples = Set([1, 1, 2, 3], [10, 11, 10, 1], [10, 20, 21, 22]);

        Tensor marks = Build(examples, FalseNegativeRule.EqualVectors).FalseNegatives!;

        Assert.Equal(
            [
                "0 1 1 1 1 0 0 0",
                "1 0 0 1 0 0 0 0",
                "1 0 0 0 1 0 0 0",
                "0 0 0 0 0 0 0 0",
            ],
            Rows(marks, 8));
    }

    [Fact]
    public void Build_EqualLabels_MarkPositivesOfTheOtherRows()
    {
        using DisposeScope scope = NewDisposeScope();
        ExampleSet examples = Set([1, 2, 3], [4, 5, 6], [7, 8, 9], [0, 1, 0]);

        Assert.Equal(
            ["0 0 1 0 0 0", "0 0 0 0 0 0", "1 0 0 0 0 0"],
            Rows(Build(examples, FalseNegativeRule.EqualLabels | FalseNegativeRule.EqualVectors).FalseNegatives!, 6));
        Assert.Null(Build(examples, FalseNegativeRule.EqualVectors).FalseNegatives);
        Assert.Null(Build(examples, FalseNegativeRule.None).FalseNegatives);
    }

    [Fact]
    public void Build_OriginalsAndTeacher_WholeVectorsOfTheAskedRows()
    {
        using DisposeScope scope = NewDisposeScope();
        var examples = new ExampleSet
        {
            Vectors =
                new Dictionary<VectorRole, VectorRows> { [VectorRole.Anchor] = RowsOf.Dense([2, 4, 6, 8], 2, 2),
                [VectorRole.Teacher] = RowsOf.Dense([1, 2, 3, 4, 5, 6], 2, 3) },
        };
        var builder = new BatchBuilder(examples, new RoleColumns { Originals = true }, 2);

        EmbeddingBatch batch = builder.Build([1, 0, 1], _ => zeros(3, 2));

        Assert.Equal([3.0, 4, 1, 2, 3, 4], Values(batch.Originals!));
        Assert.Equal([4.0, 5, 6, 1, 2, 3, 4, 5, 6], Values(batch.Teachers!));
        Assert.Null(new BatchBuilder(examples, new RoleColumns(), 2).Build([0], _ => zeros(1, 2)).Originals);
    }

    [Fact]
    public void Build_SeveralNegatives_OneBlockForEachColumn()
    {
        using DisposeScope scope = NewDisposeScope();
        var examples = new ExampleSet
        {
            Vectors =
                new Dictionary<VectorRole, VectorRows> { [VectorRole.Anchor] = Column([1, 2]), [VectorRole.NegativeAt(0)] = Column([3, 4]),
                [VectorRole.NegativeAt(1)] = Column([5, 6]) },
        };

        EmbeddingBatch batch = new BatchBuilder(examples, new RoleColumns(), 1)
            .Build([0, 1], role => tensor(Synthetic.ValuesOf(examples.Vectors[role]), [2, 1]));

        Assert.Equal([3.0, 4, 5, 6], Values(batch.Negatives!));
        Assert.Null(batch.Positives);
    }

    [Fact]
    public void Arrange_EqualPositives_KeptApart()
    {
        ExampleSet examples = Set(
            [.. Enumerable.Range(0, 40).Select(i => (float)i)], [.. Enumerable.Range(0, 40).Select(i => 100f + i % 20)], new float[40]);
        var builder = new BatchBuilder(examples, new RoleColumns { FalseNegatives = FalseNegativeRule.EqualVectors }, 1);
        int[] order = [.. Enumerable.Range(0, 40)];
        new Random(1).Shuffle(order);

        builder.Arrange(order, 10);

        Assert.Equal(Enumerable.Range(0, 40), order.Order());
        Assert.All(order.Chunk(10).Take(3), batch => Assert.Equal(10, batch.Select(row => row % 20).Distinct().Count()));
    }

    private static EmbeddingBatch Build(ExampleSet examples, FalseNegativeRule rule) =>
        new BatchBuilder(examples, new RoleColumns { FalseNegatives = rule }, 1)
            .Build([.. Enumerable.Range(0, examples.Count)], _ => zeros(examples.Count, 1));

    private static ExampleSet Set(float[] anchors, float[] positives, float[] negatives, int[]? labels = null) => new()
    {
        Vectors =
            new Dictionary<VectorRole, VectorRows> { [VectorRole.Anchor] = Column(anchors), [VectorRole.Positive] = Column(positives),
            [VectorRole.Negative] = Column(negatives) },
        Labels = labels,
    };

    private static DenseRows Column(float[] values) => RowsOf.Dense(values, values.Length, 1);

    private static double[] Values(Tensor tensor) => tensor.to(ScalarType.Float64).data<double>().ToArray();

    private static string[] Rows(Tensor marks, int width) => [.. Values(marks).Chunk(width).Select(row => string.Join(' ', row))];
}
