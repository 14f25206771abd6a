using Microsoft.ML.Mrl.Tests.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Modules.Space;
using TorchSharp;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Modules.Space;

[Collection(TorchCollection.Name)]
public class TrainingSpaceTests
{
    private const int Width = 5;
    private const int Count = 40;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Variances_AreTheMeanSquaresOfTheCoordinatesThatItWasFittedTo(bool holdsBack)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var random = new Random(1);
        float[] Values() => [.. Enumerable.Range(0, Count * Width).Select(i => (1 + i % Width) * (random.NextSingle() - 0.3f))];
        int[] fitted = [.. Enumerable.Range(0, Count).Where(row => !holdsBack || row % 4 != 1)];
        using TrainingSpace space = TrainingSpace.Of(
            new ExampleSet
            {
                Vectors = new Dictionary<VectorRole, VectorRows>
                {
                    [VectorRole.Anchor] = RowsOf.Dense(Values(), Count, Width),
                    [VectorRole.Positive] = RowsOf.Dense(Values(), Count, Width),
                },
            },
            Width, new Random(1), fitted: fitted);

        double[] found = space.Variances.data<double>().ToArray();

        float[][] coordinates =
        [
            .. space.Coordinates(VectorRole.Anchor, fitted).data<float>().ToArray().Chunk(Width),
            .. space.Coordinates(VectorRole.Positive, fitted).data<float>().ToArray().Chunk(Width),
        ];
        Assert.Equal(1, found.Sum(), 1e-9);
        for (int i = 0; i < Width; i++)
        {
            Assert.Equal(coordinates.Average(row => row[i] * (double)row[i]), found[i], 1e-5);
            // They vary independently, most first.
            Assert.True(i == 0 || found[i] <= found[i - 1]);
            Assert.All(Enumerable.Range(0, i), j => Assert.Equal(0, coordinates.Average(row => row[i] * (double)row[j]), 1e-5));
        }
    }
}
