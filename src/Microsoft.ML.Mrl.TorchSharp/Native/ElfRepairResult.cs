using System.Diagnostics.CodeAnalysis;

namespace Microsoft.ML.Mrl.TorchSharp.Native;

/// <summary>What <see cref="ElfRepair.Repair"/> found: nothing to repair, or the repaired bytes.</summary>
internal sealed class ElfRepairResult
{
    private ElfRepairResult(byte[]? repaired) => Repaired = repaired;

    /// <summary>The file does not ask for the newer version and loads as it is.</summary>
    public static ElfRepairResult NotNeeded { get; } = new(null);

    /// <summary>Whether the file asked for the newer version.</summary>
    [MemberNotNullWhen(true, nameof(Repaired))]
    public bool IsNeeded => Repaired is not null;

    /// <summary>The whole repaired file, as long as the original; <see langword="null"/> when nothing is to be repaired.</summary>
    public byte[]? Repaired { get; }

    /// <summary>The result that carries a repaired file.</summary>
    /// <param name="repaired">The whole file.</param>
    public static ElfRepairResult From(byte[] repaired) => new(repaired);
}
