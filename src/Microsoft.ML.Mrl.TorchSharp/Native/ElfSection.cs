namespace Microsoft.ML.Mrl.TorchSharp.Native;

/// <summary>A section whose bytes are known to lie inside the file.</summary>
/// <param name="Offset">Where the section begins, in bytes from the start of the file.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Link">The index of the section it refers to: for symbols and versions, their strings.</param>
internal readonly record struct ElfSection(int Offset, int Length, uint Link);
