using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Tests.Vectors;

public sealed class PanelScoresTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 8)]
    [InlineData(16, 5)]
    [InlineData(17, 33)]
    [InlineData(77, 20)]
    [InlineData(150, 3)]
    public unsafe void Multiply_AnyNumberOfRows_GivesTheDotProductsToTheSameBits(int vectorCount, int columns)
    {
        float[] vectors = SampleMatrices.Random(1, vectorCount, columns).Values.ToArray();
        float[] rows = SampleMatrices.Random(2, PanelScores.RowsAtOnce, columns).Values.ToArray();
        var panels = new PanelScores(vectors, vectorCount, columns);
        var together = new float[PanelScores.RowsAtOnce * panels.Stride];
        var alone = new float[PanelScores.RowsAtOnce * panels.Stride];
        float** pointers = stackalloc float*[PanelScores.RowsAtOnce];
        fixed (float* first = rows, target = together, single = alone)
        {
            for (int i = 0; i < PanelScores.RowsAtOnce; i++)
            {
                pointers[i] = first + (i * columns);
                panels.Multiply(pointers + i, 1, single + (i * panels.Stride));
            }
            panels.Multiply(pointers, PanelScores.RowsAtOnce, target);
        }
        Assert.Equal(alone, together);
        for (int row = 0; row < PanelScores.RowsAtOnce; row++)
        {
            for (int i = 0; i < panels.Stride; i++)
            {
                double expected = i < vectorCount ? Enumerable.Range(0, columns)
                    .Sum(c => (double)rows[(row * columns) + c] * vectors[(i * columns) + c]) : 0;
                Assert.Equal(expected, together[(row * panels.Stride) + i], 1e-5);
            }
        }
        Assert.Equal(vectors[^columns..], panels.Vector(vectorCount - 1));
    }
}
