using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Microsoft.ML.Mrl.TorchSharp.Native;

/// <summary>
/// Makes a library that was linked with GCC 13 or newer loadable where libstdc++ is older, when all it asks of the newer one is
/// the hook <see cref="NewerSymbol"/>.
/// </summary>
/// <remarks>
/// The hook makes sure that iostreams are initialised. Older libraries do this with <see cref="OlderSymbol"/>, which every libstdc++
/// has and which ignores its argument; so the import is renamed, and its version is lowered. Nothing else in the file changes.
/// TorchSharp 0.107.0 imports the hook without ever calling it (no relocation names it), and libtorch's own files call the older one.
/// </remarks>
internal static class ElfRepair
{
    /// <summary>The version that older systems lack; it came with GCC 13.</summary>
    internal const string NewerVersion = "GLIBCXX_3.4.32";

    /// <summary>The version that every libstdc++.so.6 has.</summary>
    internal const string OlderVersion = "GLIBCXX_3.4";

    /// <summary><c>std::ios_base_library_init()</c>.</summary>
    internal const string NewerSymbol = "_ZSt21ios_base_library_initv";

    /// <summary><c>std::ios_base::Init::Init()</c>. Shorter than <see cref="NewerSymbol"/>, so it fits in place.</summary>
    internal const string OlderSymbol = "_ZNSt8ios_base4InitC1Ev";

    internal const uint DynamicSymbols = 11;
    internal const uint SymbolVersions = 0x6fffffff;
    internal const uint VersionNeeds = 0x6ffffffe;

    private const string Library = "libstdc++.so.6";
    private const int NewerMinor = 32;
    private const int SymbolLength = 24;
    private const int VersionLength = sizeof(ushort);
    // The topmost bit says "hidden" and is no part of the number.
    private const int IndexBits = 0x7fff;

    /// <summary>Repairs a file if it needs it.</summary>
    /// <param name="file">The whole file; not changed.</param>
    /// <returns>The repaired copy, or <see cref="ElfRepairResult.NotNeeded"/>.</returns>
    /// <exception cref="ElfRepairException">
    /// The file is no little-endian 64-bit x86-64 library, is damaged, or asks for more of the newer libstdc++ than that one symbol.
    /// </exception>
    public static ElfRepairResult Repair(ReadOnlySpan<byte> file)
    {
        var image = new ElfImage(file);
        if (!image.TryFindSection(VersionNeeds, out ElfSection needsSection))
        {
            return ElfRepairResult.NotNeeded;
        }
        List<ElfVersionNeed> needs = ElfVersionNeed.ReadAll(image, needsSection);
        RefuseStillNewerVersions(needs);
        if (Find(needs, NewerVersion) is not { } newer)
        {
            return ElfRepairResult.NotNeeded;
        }
        ElfVersionNeed older = Find(needs, OlderVersion)
            ?? throw new ElfRepairException(
                $"The file needs {NewerVersion} but not {OlderVersion} of {Library}, so there is no version to lower it to.");

        ElfSection symbols = image.FindSection(DynamicSymbols, ".dynsym");
        ElfSection versions = image.FindSection(SymbolVersions, ".gnu.version");
        ElfSection strings = image.StringsOf(symbols);
        if (strings != image.StringsOf(needsSection))
        {
            throw new ElfRepairException("Symbols and versions have their names in different string tables; one is expected.");
        }
        int symbol = FindSymbol(image, symbols, versions, newer.Index);
        uint name = CheckName(image, symbols, strings, symbol, needs);

        byte[] repaired = file.ToArray();
        Span<byte> nameBytes = repaired.AsSpan(strings.Offset + (int)name, NewerSymbol.Length);
        nameBytes.Clear();
        Encoding.ASCII.GetBytes(OlderSymbol, nameBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(repaired.AsSpan(versions.Offset + symbol * VersionLength), older.Index);
        BinaryPrimitives.WriteUInt32LittleEndian(repaired.AsSpan(newer.EntryOffset + ElfVersionNeed.HashField), older.Hash);
        BinaryPrimitives.WriteUInt32LittleEndian(repaired.AsSpan(newer.EntryOffset + ElfVersionNeed.NameField), older.NameOffset);
        return ElfRepairResult.From(repaired);
    }

    private static void RefuseStillNewerVersions(List<ElfVersionNeed> needs)
    {
        const string prefix = OlderVersion + ".";
        foreach (ElfVersionNeed need in needs)
        {
            if (need.Library == Library && need.Name.StartsWith(prefix, StringComparison.Ordinal)
                && int.TryParse(need.Name.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int minor)
                    && minor > NewerMinor)
            {
                throw new ElfRepairException($"The file needs {need.Name} of {Library}; only {NewerVersion} can be done without.");
            }
        }
    }

    private static ElfVersionNeed? Find(List<ElfVersionNeed> needs, string version)
    {
        ElfVersionNeed? found = null;
        foreach (ElfVersionNeed need in needs)
        {
            if (need.Library != Library || need.Name != version)
            {
                continue;
            }
            if (found is not null)
            {
                throw new ElfRepairException($"The file names {version} of {Library} twice; once is expected.");
            }
            found = need;
        }
        return found;
    }

    private static int FindSymbol(ElfImage image, ElfSection symbols, ElfSection versions, ushort index)
    {
        int count = symbols.Length / SymbolLength;
        if (versions.Length / VersionLength != count)
        {
            throw new ElfRepairException($"The file has {count} symbols but {versions.Length / VersionLength} symbol versions.");
        }
        var found = new List<int>();
        for (int i = 0; i < count; i++)
        {
            if (((image.ReadUInt16(versions.Offset + i * VersionLength) ^ index) & IndexBits) == 0)
            {
                found.Add(i);
            }
        }
        return found.Count == 1
            ? found[0]
            : throw new ElfRepairException(
                $"The file has {found.Count} symbols of version {NewerVersion}; only {NewerSymbol} is expected.");
    }

    private static uint CheckName(ElfImage image, ElfSection symbols, ElfSection strings, int symbol, List<ElfVersionNeed> needs)
    {
        int at = symbols.Offset + symbol * SymbolLength;
        uint name = image.ReadUInt32(at);
        string text = image.ReadString(strings, name);
        ushort definedIn = image.ReadUInt16(at + 6);
        if (text != NewerSymbol || definedIn != 0)
        {
            throw new ElfRepairException(
                $"The symbol of version {NewerVersion} is '{text}' of section {definedIn}; an import of {NewerSymbol} is expected.");
        }
        // A linker may let a name be the tail of a longer one. Then writing over it would change both.
        if (name > 0 && image.ReadByte(strings.Offset + (int)name - 1) != 0)
        {
            throw new ElfRepairException($"The name {NewerSymbol} is a part of a longer one and cannot be written over.");
        }
        bool shared = needs.Exists(need => Overlaps(need.NameOffset, name) || Overlaps(need.LibraryOffset, name));
        for (int i = 0; i < symbols.Length / SymbolLength && !shared; i++)
        {
            shared = i != symbol && Overlaps(image.ReadUInt32(symbols.Offset + i * SymbolLength), name);
        }
        return shared
            ? throw new ElfRepairException($"The name {NewerSymbol} is shared with another one and cannot be written over.")
            : name;
    }

    private static bool Overlaps(uint offset, uint name) => offset >= name && offset - name < NewerSymbol.Length;
}

/// <summary>The exception that is thrown if a file is not an ELF file that <see cref="ElfRepair"/> can repair.</summary>
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

/// <summary>Represents the result of <see cref="ElfRepair.Repair"/>: nothing to repair, or the repaired bytes.</summary>
internal sealed class ElfRepairResult
{
    private ElfRepairResult(byte[]? repaired) => Repaired = repaired;

    /// <summary>Gets the result for a file that does not need the newer version and loads unchanged.</summary>
    public static ElfRepairResult NotNeeded { get; } = new(null);

    /// <summary>Gets a value indicating whether the file asked for the newer version.</summary>
    [MemberNotNullWhen(true, nameof(Repaired))]
    public bool IsNeeded => Repaired is not null;

    /// <summary>Gets the whole repaired file, as long as the original, or <see langword="null"/> if nothing is to be repaired.</summary>
    public byte[]? Repaired { get; }

    /// <summary>Returns the result that carries a repaired file.</summary>
    /// <param name="repaired">The whole file.</param>
    public static ElfRepairResult From(byte[] repaired) => new(repaired);
}
