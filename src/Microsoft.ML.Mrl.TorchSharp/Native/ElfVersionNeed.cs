namespace Microsoft.ML.Mrl.TorchSharp.Native;

/// <summary>Represents one version that a library needs of another: an aux entry of <c>.gnu.version_r</c>.</summary>
/// <param name="Library">The library that must have it, such as <c>libstdc++.so.6</c>.</param>
/// <param name="LibraryOffset">Where that name is in the string table.</param>
/// <param name="Name">The version, such as <c>GLIBCXX_3.4</c>.</param>
/// <param name="NameOffset">Where that name is in the string table.</param>
/// <param name="Hash">The hash of the version's name.</param>
/// <param name="Index">The number by which <c>.gnu.version</c> refers to it.</param>
/// <param name="EntryOffset">Where the entry is, in bytes from the start of the file.</param>
internal readonly record struct ElfVersionNeed(
    string Library, uint LibraryOffset, string Name, uint NameOffset, uint Hash, ushort Index, int EntryOffset)
{
    /// <summary>
    /// The length of an entry (<c>Elf64_Vernaux</c>) and, equally, of the record of a library (<c>Elf64_Verneed</c>), in bytes.
    /// </summary>
    public const int EntryLength = 16;

    /// <summary>Where an entry's hash is, in bytes from its start.</summary>
    public const int HashField = 0;

    /// <summary>Where an entry's name offset is, in bytes from its start.</summary>
    public const int NameField = 8;

    /// <summary>Reads all entries.</summary>
    /// <param name="image">The file.</param>
    /// <param name="section">Its section <c>.gnu.version_r</c>.</param>
    /// <exception cref="ElfRepairException">An entry or a name lies outside its section.</exception>
    public static List<ElfVersionNeed> ReadAll(ElfImage image, ElfSection section)
    {
        ElfSection strings = image.StringsOf(section);
        var needs = new List<ElfVersionNeed>();
        // The links of an intact section are all forward and lead to entries of their own; a damaged one may make them overlap.
        int recordsLeft = section.Length / EntryLength;
        long record = 0;
        while (true)
        {
            int at = Locate(section, record, ref recordsLeft);
            uint libraryOffset = image.ReadUInt32(at + 4);
            string library = image.ReadString(strings, libraryOffset);
            long entry = record + image.ReadUInt32(at + 8);
            for (int left = image.ReadUInt16(at + 2); left > 0; left--)
            {
                int e = Locate(section, entry, ref recordsLeft);
                uint nameOffset = image.ReadUInt32(e + NameField);
                needs.Add(new ElfVersionNeed(
                    library, libraryOffset, image.ReadString(strings, nameOffset), nameOffset, image.ReadUInt32(e + HashField),
                    image.ReadUInt16(e + 6), e));
                entry += image.ReadUInt32(e + 12);
            }
            uint next = image.ReadUInt32(at + 12);
            if (next == 0)
            {
                return needs;
            }
            record += next;
        }
    }

    private static int Locate(ElfSection section, long position, ref int recordsLeft)
    {
        if (position > section.Length - EntryLength || recordsLeft-- == 0)
        {
            throw new ElfRepairException(
                $"An entry at {position} of the needed versions runs out of their section of {section.Length} bytes.");
        }
        return section.Offset + (int)position;
    }
}
