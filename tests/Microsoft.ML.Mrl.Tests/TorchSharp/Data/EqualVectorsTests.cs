using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.Transforms;
using Microsoft.ML.Mrl.TorchSharp.Data;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Data;

public class EqualVectorsTests
{
    [Fact]
    public void Number_EqualRowsAcrossColumns_SameNumber()
    {
        Dictionary<VectorRole, int[]> numbers = EqualVectors.Number(new ExampleSet
        {
            Vectors = new Dictionary<VectorRole, VectorRows>
            {
                [VectorRole.Anchor] = RowsOf.Dense([1, 2, 0, 0, 1, 2], 3, 2),
                [VectorRole.Positive] = RowsOf.Dense([-0f, 0, 2, 1, 1, 2], 3, 2),
                [VectorRole.Teacher] = RowsOf.Dense([1, 1, 1], 3, 1),
            },
        });

        Assert.Equal([0, 1, 0], numbers[VectorRole.Anchor]);
        Assert.Equal([1, 2, 0], numbers[VectorRole.Positive]);
        Assert.DoesNotContain(VectorRole.Teacher, numbers.Keys);
    }

    [Fact]
    public void Number_SparseRows_ComparesPositionsAndValues()
    {
        var rows = new SparseRows([0, 1, 2, 3, 4], [4, 4, 5, 4], [1f, 1f, 1f, 2f], 2000);

        Assert.Equal(
            [0, 0, 1, 2], EqualVectors.Number(
                new ExampleSet { Vectors = new Dictionary<VectorRole, VectorRows> { [VectorRole.Anchor] = rows } })[VectorRole.Anchor]);
    }
}
