namespace Microsoft.ML.Mrl.TorchSharp.Training.Encoders;

/// <summary>Numbers that are drawn for a step, from the seed and the step alone, so that a training can go on from anywhere.</summary>
/// <param name="Seed">The training's seed.</param>
/// <param name="Step">The step, from 0.</param>
internal readonly record struct StepNumbers(int Seed, int Step)
{
    /// <summary>The seed of what is drawn for a chunk of a batch.</summary>
    public ulong SeedOf(int batch, int chunk) => Mixed(Mixed(Mixed((uint)Seed) + (uint)Step) + ((ulong)(uint)batch << 32 | (uint)chunk));

    /// <summary>A number of from..to, both included.</summary>
    public int Between(int from, int to) => from + (int)(SeedOf(-1, -1) % (ulong)(to - from + 1));

    /// <summary>SplitMix64's finaliser (Steele, Lea and Flood 2014).</summary>
    private static ulong Mixed(ulong value)
    {
        unchecked
        {
            value += 0x9E3779B97F4A7C15;
            value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
            value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
            return value ^ (value >> 31);
        }
    }
}
