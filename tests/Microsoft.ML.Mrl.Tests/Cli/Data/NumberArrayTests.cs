using Microsoft.ML.Mrl.Cli.Data;

namespace Microsoft.ML.Mrl.Tests.Cli.Data;

public sealed class NumberArrayTests
{
    [Theory]
    [InlineData("[1, 2e-3, -4]", new[] { 1f, 0.002f, -4f })]
    [InlineData("[1 2 3]", new[] { 1f, 2f, 3f })]
    [InlineData(" [ 1 ,2,  3 ] ", new[] { 1f, 2f, 3f })]
    [InlineData("[1\n 2]", new[] { 1f, 2f })]
    [InlineData("[.5, +1]", new[] { 0.5f, 1f })]
    [InlineData("[]", new float[0])]
    public void Parse_Numbers_WithCommasOrSpaces(string cell, float[] expected)
    {
        Assert.Equal(expected, NumberArray.Parse(cell, out string? problem));
        Assert.Null(problem);
    }

    [Theory]
    [InlineData("[0,5; -2]", new[] { 0.5f, -2f })]
    [InlineData("[0,5 -2 1e3]", new[] { 0.5f, -2f, 1000f })]
    public void Parse_DecimalCommas_WithSemicolonsOrSpaces(string cell, float[] expected) =>
        Assert.Equal(expected, NumberArray.Parse(cell, out _, ','));

    [Theory]
    [InlineData("", "empty")]
    [InlineData("1, 2", "not an array")]
    [InlineData("[1, 2", "not an array")]
    [InlineData("[", "not an array")]
    [InlineData("[1, , 2]", "comma without a number")]
    [InlineData("[,1]", "comma without a number")]
    [InlineData("[1,]", "ends with a comma")]
    [InlineData("[1, two]", "'two'")]
    [InlineData("[1, NaN]", "'NaN'")]
    [InlineData("[1, Infinity]", "'Infinity'")]
    [InlineData("[1, 1e39]", "'1e39'")]
    [InlineData("[1;2]", "'1;2'")]
    [InlineData("[[1, 2]]", "'[1'")]
    public void Parse_AnythingElse_SaysWhat(string cell, string what)
    {
        Assert.Null(NumberArray.Parse(cell, out string? problem));
        Assert.Contains(what, problem, StringComparison.Ordinal);
    }
}
