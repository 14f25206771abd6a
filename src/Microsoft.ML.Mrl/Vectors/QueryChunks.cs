namespace Microsoft.ML.Mrl.Vectors;

/// <summary>Chooses the number of queries that are compared at once, which limits the memory for their results.</summary>
internal static class QueryChunks
{
    private const int Max = 4096;
    private const int Min = 64;
    private const int KeptAtOnce = 8 << 20;

    /// <param name="dimensions">The number of dimensions M.</param>
    /// <param name="neighbors">The documents kept for a query at a dimension, K.</param>
    public static int Size(int dimensions, int neighbors) => (int)Math.Clamp(KeptAtOnce / ((long)dimensions * neighbors), Min, Max);
}
