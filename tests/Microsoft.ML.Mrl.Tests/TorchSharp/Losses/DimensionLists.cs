namespace Microsoft.ML.Mrl.Tests.Losses;

internal static class DimensionLists
{
    public static MatryoshkaDimensions ToDimensions(this int[] dimensions) => new(dimensions);
}
