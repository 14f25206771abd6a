using System.Buffers.Binary;
using System.Text;

namespace Microsoft.ML.Mrl.TorchSharp.Native;

/// <summary>
/// Reads a little-endian 64-bit x86-64 shared library. Every offset and length is checked before it is followed; an invalid one throws
/// <see cref="ElfRepairException"/>.
/// </summary>
/// <remarks>
/// Layout: System V gABI, chapter 4 (object files), and the GNU symbol versioning extension.
/// </remarks>
internal readonly ref struct ElfImage
{
    private const int HeaderLength = 64;
    private const int SectionHeaderLength = 64;
    private const byte Class64 = 2;
    private const byte LittleEndian = 1;
    private const ushort SharedObject = 3;
    private const ushort X64 = 62;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly ReadOnlySpan<byte> _sectionHeaders;

    /// <summary>Checks the header and finds the table of sections.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <exception cref="ElfRepairException">The file is of another kind, or its headers lie outside it.</exception>
    public ElfImage(ReadOnlySpan<byte> bytes)
    {
        _bytes = bytes;
        if (!bytes.StartsWith("\u007fELF"u8))
        {
            throw new ElfRepairException("The file is not an ELF file.");
        }
        _ = Slice(0, HeaderLength);
        if (bytes[4] != Class64 || bytes[5] != LittleEndian)
        {
            throw new ElfRepairException(
                $"The ELF file has class {bytes[4]} and byte order {bytes[5]}, not 64-bit ({Class64}) and little-endian ({LittleEndian}).");
        }
        ushort type = ReadUInt16(16);
        ushort machine = ReadUInt16(18);
        if (type != SharedObject || machine != X64)
        {
            throw new ElfRepairException(
                $"The ELF file has type {type} and machine {machine}, not shared library ({SharedObject}) and x86-64 ({X64}).");
        }
        ushort entryLength = ReadUInt16(58);
        ushort count = ReadUInt16(60);
        if (entryLength != SectionHeaderLength || count == 0)
        {
            throw new ElfRepairException(
                $"The ELF file has {count} section headers of {entryLength} bytes; {SectionHeaderLength} bytes each are expected.");
        }
        _sectionHeaders = Slice(ReadUInt64(40), (ulong)count * SectionHeaderLength);
    }

    /// <summary>Finds the only section of a type.</summary>
    /// <param name="type">The section type, as in <c>sh_type</c>.</param>
    /// <param name="section">The section found.</param>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="ElfRepairException">There are two, or the section lies outside the file.</exception>
    public bool TryFindSection(uint type, out ElfSection section)
    {
        int found = -1;
        for (int i = 0; i < _sectionHeaders.Length / SectionHeaderLength; i++)
        {
            if (TypeOfSection(i) != type)
            {
                continue;
            }
            if (found >= 0)
            {
                throw new ElfRepairException($"Sections {found} and {i} are both of type 0x{type:x}; one is expected.");
            }
            found = i;
        }
        section = found < 0 ? default : SectionAt(found);
        return found >= 0;
    }

    /// <summary>Finds the only section of a type.</summary>
    /// <param name="type">The section type, as in <c>sh_type</c>.</param>
    /// <param name="name">Its usual name, for the message.</param>
    /// <exception cref="ElfRepairException">There are none or two, or the section lies outside the file.</exception>
    public ElfSection FindSection(uint type, string name) =>
        TryFindSection(type, out ElfSection section) ? section : throw new ElfRepairException($"The ELF file has no section {name}.");

    /// <summary>Returns the string table that a section refers to.</summary>
    /// <param name="section">The section of symbols or versions.</param>
    /// <exception cref="ElfRepairException">The link leads nowhere, or to a section of another type.</exception>
    public ElfSection StringsOf(ElfSection section)
    {
        const uint stringTable = 3;
        if (section.Link >= (uint)(_sectionHeaders.Length / SectionHeaderLength) || TypeOfSection((int)section.Link) != stringTable)
        {
            throw new ElfRepairException(
                $"Section {section.Link} is not a string table, but the section at offset {section.Offset} names it as its own.");
        }
        return SectionAt((int)section.Link);
    }

    /// <summary>Returns the zero-terminated text at an offset of a string table.</summary>
    /// <param name="strings">The string table.</param>
    /// <param name="offset">The offset in it.</param>
    /// <exception cref="ElfRepairException">The text begins or ends outside the table.</exception>
    public string ReadString(ElfSection strings, uint offset)
    {
        ReadOnlySpan<byte> table = _bytes.Slice(strings.Offset, strings.Length);
        int length = offset < (uint)table.Length ? table[(int)offset..].IndexOf((byte)0) : -1;
        return length < 0
            ? throw new ElfRepairException($"A name at offset {offset} runs out of its string table of {strings.Length} bytes.")
            : Encoding.Latin1.GetString(table.Slice((int)offset, length));
    }

    /// <summary>Returns the byte at an offset of the file.</summary>
    /// <param name="offset">The offset.</param>
    public byte ReadByte(int offset) => Slice((ulong)offset, 1)[0];

    /// <summary>Returns the 16-bit number at an offset of the file.</summary>
    /// <param name="offset">The offset.</param>
    public ushort ReadUInt16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(Slice((ulong)offset, sizeof(ushort)));

    /// <summary>Returns the 32-bit number at an offset of the file.</summary>
    /// <param name="offset">The offset.</param>
    public uint ReadUInt32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(Slice((ulong)offset, sizeof(uint)));

    private ulong ReadUInt64(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(Slice((ulong)offset, sizeof(ulong)));

    private uint TypeOfSection(int index) =>
        BinaryPrimitives.ReadUInt32LittleEndian(_sectionHeaders.Slice(index * SectionHeaderLength + 4, sizeof(uint)));

    private ElfSection SectionAt(int index)
    {
        ReadOnlySpan<byte> header = _sectionHeaders.Slice(index * SectionHeaderLength, SectionHeaderLength);
        ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(header[24..]);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(header[32..]);
        _ = Slice(offset, length);
        return new ElfSection((int)offset, (int)length, BinaryPrimitives.ReadUInt32LittleEndian(header[40..]));
    }

    private ReadOnlySpan<byte> Slice(ulong offset, ulong length)
    {
        ulong available = (ulong)_bytes.Length;
        // Written so that no sum can wrap around.
        if (offset > available || length > available - offset)
        {
            throw new ElfRepairException(
                $"The ELF file of {available} bytes is cut short or damaged: it refers to {length} bytes at offset {offset}.");
        }
        return _bytes.Slice((int)offset, (int)length);
    }
}

/// <summary>Represents a section whose bytes are known to lie inside the file.</summary>
/// <param name="Offset">Where the section begins, in bytes from the start of the file.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Link">The index of the section it refers to: for symbols and versions, their strings.</param>
internal readonly record struct ElfSection(int Offset, int Length, uint Link);
