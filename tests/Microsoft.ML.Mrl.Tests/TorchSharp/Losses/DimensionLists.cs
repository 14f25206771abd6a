namespace Microsoft.ML.Mrl.Tests.TorchSharp.Losses;

internal static class DimensionLists
{
    public static MatryoshkaDimensions ToDimensions(this int[] dimensions) => new(dimensions);
}
