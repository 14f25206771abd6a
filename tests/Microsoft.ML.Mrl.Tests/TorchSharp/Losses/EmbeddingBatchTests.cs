using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Losses;

[Collection(TorchCollection.Name)]
public class EmbeddingBatchTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(-3)]
    [InlineData(5)]
    public void Cut_OutsideTheWidth_ErrorNamesTheBounds(int dimensions)
    {
        using DisposeScope scope = NewDisposeScope();
        var batch = new EmbeddingBatch { Anchors = zeros(2, 4) };

        var e = Assert.Throws<ArgumentOutOfRangeException>(() => batch.Cut(dimensions, unitLength: true));

        Assert.Equal("dimensions", e.ParamName);
        Assert.Contains($"Cannot cut to {dimensions}: the embeddings have 4 values. Choose 1..4.", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    public void Cut_WithoutRescaling_GivesTheFirstValues(int dimensions)
    {
        using DisposeScope scope = NewDisposeScope();
        var batch = new EmbeddingBatch { Anchors = tensor(new double[] { 1, 2, 3, 4, 5, 6, 7, 8 }, [2, 4]), Labels = zeros(2) };

        EmbeddingBatch cut = batch.Cut(dimensions, unitLength: false);

        double[] expected = [
            .. Enumerable.Range(1, dimensions).Select(v => (double)v), .. Enumerable.Range(5, dimensions).Select(v => (double)v)];
        Assert.Equal(dimensions, cut.Dimensions);
        Assert.Equal(expected, LossCase.Values(cut.Anchors));
        Assert.Null(cut.Positives);
        Assert.Same(batch.Labels, cut.Labels);
    }

    [Fact]
    public void Cut_WithRescaling_CutsFirstAndThenRescales()
    {
        using DisposeScope scope = NewDisposeScope();
        var batch =
            new EmbeddingBatch { Anchors = tensor(new double[] { 3, 4, 100, 0, 0, 7 }, [2, 3]),
            Positives = tensor(new double[] { 0, -2, 1, 5, 12, 1 }, [2, 3]) };

        EmbeddingBatch cut = batch.Cut(2, unitLength: true);

        Assert.Equal([0.6, 0.8, 0, 0], LossCase.Values(cut.Anchors));
        Assert.Equal(
            [0, -1, 5 / 13.0, 12 / 13.0], LossCase.Values(cut.Positives!).Select(v => Math.Round(v, 15)).ToArray(),
            (a, b) => Math.Abs(a - b) < 1e-12);
    }
}
