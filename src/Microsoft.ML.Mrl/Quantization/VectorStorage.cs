namespace Microsoft.ML.Mrl;

/// <summary>
/// The bytes that one vector takes, which are also the megabytes (10⁶ bytes) that a million vectors take. The values alone: without ids, an index, or the
/// ranges that a quantization needs.
/// </summary>
/// <remarks>What is measured is the quality of single-precision vectors. How much a coarser value type loses on top is another question.</remarks>
public readonly record struct VectorStorage
{
    /// <param name="dimensions">The number of values m, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="dimensions"/> is below 1.</exception>
    public VectorStorage(int dimensions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        Float32Bytes = 4L * dimensions;
        Float16Bytes = 2L * dimensions;
        Int8Bytes = dimensions;
        BinaryBytes = (dimensions + 7L) / 8;
    }

    /// <summary>As single-precision values: 4 m.</summary>
    public long Float32Bytes { get; }

    /// <summary>As half-precision values: 2 m.</summary>
    public long Float16Bytes { get; }

    /// <summary>As bytes: m.</summary>
    public long Int8Bytes { get; }

    /// <summary>As bits: m / 8, rounded up.</summary>
    public long BinaryBytes { get; }
}
