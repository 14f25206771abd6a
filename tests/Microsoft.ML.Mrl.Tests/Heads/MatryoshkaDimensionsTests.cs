using CsCheck;

namespace Microsoft.ML.Mrl.Tests.Heads;

public sealed class MatryoshkaDimensionsTests
{
    [Fact]
    public void Create_AnyOrder_Sorts()
    {
        var dimensions = new MatryoshkaDimensions(64, 8, 100, 16);
        Assert.Equal([8, 16, 64, 100], dimensions);
        Assert.Equal(4, dimensions.Count);
        Assert.Equal(8, dimensions.Smallest);
        Assert.Equal(100, dimensions.Largest);
        Assert.Equal(16, dimensions[1]);
    }

    [Fact]
    public void Create_ChangingTheSourceAfterwards_ChangesNothing()
    {
        int[] source = [8, 16];
        var dimensions = new MatryoshkaDimensions(source);
        source[0] = 99;
        Assert.Equal([8, 16], dimensions);
    }

    [Fact]
    public void Create_Nothing_Throws() => Assert.Throws<ArgumentException>(() => new MatryoshkaDimensions());

    [Fact]
    public void Create_Null_Throws() => Assert.Throws<ArgumentNullException>(() => new MatryoshkaDimensions((IEnumerable<int>)null!));

    [Theory]
    [InlineData(0)]
    [InlineData(-3)]
    public void Create_LengthBelowOne_NamesIt(int length)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => new MatryoshkaDimensions(8, length));
        Assert.StartsWith($"Dimension {length} is not a prefix length. Choose 1 or more.", error.Message);
    }

    [Fact]
    public void Create_LengthTwice_NamesItAndTheList()
    {
        var error = Assert.Throws<ArgumentException>(() => new MatryoshkaDimensions(16, 8, 16));
        Assert.StartsWith("Dimension 16 is named twice in 8, 16, 16. Name each once.", error.Message);
    }

    [Theory]
    [InlineData(100, 8, new[] { 12, 25, 50, 100 })]
    [InlineData(768, 8, new[] { 12, 24, 48, 96, 192, 384, 768 })]
    [InlineData(5, 8, new[] { 5 })]
    [InlineData(1, 1, new[] { 1 })]
    [InlineData(8, 1, new[] { 1, 2, 4, 8 })]
    public void HalvedFrom_Width_HalvesDownToTheSmallest(int width, int smallest, int[] expected)
        => Assert.Equal(expected, MatryoshkaDimensions.HalvedFrom(width, smallest));

    [Theory]
    [InlineData(100, 8, new[] { 8, 16, 32, 64, 100 })]
    [InlineData(64, 8, new[] { 8, 16, 32, 64 })]
    [InlineData(4, 8, new[] { 4 })]
    [InlineData(1, 1, new[] { 1 })]
    public void DoubledUpTo_Width_DoublesAndEndsAtTheWidth(int width, int smallest, int[] expected)
        => Assert.Equal(expected, MatryoshkaDimensions.DoubledUpTo(width, smallest));

    [Fact]
    public void HalvedAndDoubled_AnyWidth_EndAtTheWidthAndStartNoLowerThanTheSmallest()
        => Gen.Select(Gen.Int[1, 5000], Gen.Int[1, 100]).Sample((width, smallest) =>
        {
            foreach (MatryoshkaDimensions dimensions in new[]
            {
                MatryoshkaDimensions.HalvedFrom(width, smallest),
                MatryoshkaDimensions.DoubledUpTo(width, smallest),
            })
            {
                Assert.Equal(width, dimensions.Largest);
                Assert.True(dimensions.Smallest >= Math.Min(width, smallest));
                Assert.True(dimensions.Zip(dimensions.Skip(1)).All(pair => pair.First < pair.Second));
            }
        });

    [Fact]
    public void HalvedFrom_BelowOne_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => MatryoshkaDimensions.HalvedFrom(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => MatryoshkaDimensions.HalvedFrom(8, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => MatryoshkaDimensions.DoubledUpTo(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => MatryoshkaDimensions.DoubledUpTo(8, 0));
    }

    [Fact]
    public void DoubledUpTo_LargestWidth_DoesNotOverflow()
        => Assert.Equal(int.MaxValue, MatryoshkaDimensions.DoubledUpTo(int.MaxValue).Largest);

    [Fact]
    public void Equals_SameLengths_ComparesByValue()
    {
        var some = new MatryoshkaDimensions(8, 16);
        var same = new MatryoshkaDimensions(16, 8);
        Assert.Equal(some, same);
        Assert.Equal(some.GetHashCode(), same.GetHashCode());
        Assert.False(some.Equals(new MatryoshkaDimensions(8)));
        Assert.False(some.Equals(null));
        Assert.False(some.Equals((object)"8, 16"));
    }

    [Fact]
    public void Contains_OneOfThem_IsTrue()
    {
        var dimensions = new MatryoshkaDimensions(8, 16);
        Assert.True(dimensions.Contains(8));
        Assert.True(dimensions.Contains(16));
        Assert.False(dimensions.Contains(12));
        Assert.False(dimensions.Contains(4));
    }

    [Fact]
    public void UpTo_Width_KeepsThoseThatFit()
    {
        var dimensions = new MatryoshkaDimensions(8, 16, 100);

        Assert.Same(dimensions, dimensions.UpTo(100));
        Assert.Equal([8, 16], dimensions.UpTo(99)!);
        Assert.Equal([8], dimensions.UpTo(8)!);
        Assert.Null(dimensions.UpTo(7));
    }

    [Fact]
    public void ToString_Lengths_ListsThem() => Assert.Equal("8, 16, 100", new MatryoshkaDimensions(100, 8, 16).ToString());
}
