namespace Microsoft.ML.Mrl.TorchSharp.Native;

/// <summary>Thrown when a file is not the one ELF file that <see cref="ElfRepair"/> knows how to repair.</summary>
internal sealed class ElfRepairException : Exception
{
    private const string Advice = "Update the system's libstdc++ to the one of GCC 13 or newer.";

    /// <summary>Creates the refusal; the message is what was found, followed by what to do.</summary>
    /// <param name="found">What was found, a whole sentence.</param>
    public ElfRepairException(string found)
        : base($"{found} {Advice}")
    {
    }
}
