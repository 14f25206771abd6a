using Microsoft.ML.Mrl.Transforms;

namespace Microsoft.ML.Mrl.Tests.Transforms;

public class RotatedRowsTests
{
    [Fact]
    public void CheckRoom_DirectionsThatFitHalfAnArray_AndOneMore()
    {
        const int Width = 4;
        var rows = new RotatedRows(SampleVectors.View(new MLContext(1), SampleVectors.Random(2, Width)), "Embedding", 1);
        // 16 directions more than are asked for are searched for.
        int most = (Array.MaxLength / 2 / Width) - 16;

        rows.CheckRoom(most);
        var refused = Assert.Throws<InvalidOperationException>(() => rows.CheckRoom(most + 1));

        Assert.Contains($"A rotation of {Width} values to {most + 1} needs more numbers", refused.Message, StringComparison.Ordinal);
    }
}
