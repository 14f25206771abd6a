namespace Microsoft.ML.Mrl.Benchmarks.Fuzz;

/// <summary>A file format, and how the project reads and uses a file of it.</summary>
/// <param name="Extension">The ending of its files' names.</param>
/// <param name="Good">Makes well-formed files.</param>
/// <param name="Read">Reads the file and uses what is in it.</param>
internal sealed record FuzzFormat(string Extension, Func<byte[][]> Good, Action<string> Read)
{
    /// <summary>Makes checksums fit again, so that what stands behind them is tried as well.</summary>
    public Func<byte[], byte[]>? Sign { get; init; }

    /// <summary>Damages a file, given another one to take pieces of.</summary>
    public Func<byte[], byte[], Random, byte[]> Damage { get; init; } = Fuzz.Damage.Of;
}
