using System.Buffers.Binary;
using System.Text;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Native;

/// <summary>Lays out a small ELF shared library with symbols and versions: just what the repair reads, no code.</summary>
public sealed class ElfFileBuilder
{
    private readonly StringBuilder _names = new("\0");

    /// <summary>Where the section headers go.</summary>
    public enum Headers
    {
        AtTheEnd,
        BeforeTheSections,
    }

    public Headers SectionHeaders { get; init; } = Headers.AtTheEnd;

    public byte Class { get; init; } = 2;

    public byte ByteOrder { get; init; } = 1;

    public ushort Type { get; init; } = 3;

    public ushort Machine { get; init; } = 62;

    public string Library { get; init; } = "libstdc++.so.6";

    /// <summary>The versions needed of <see cref="Library"/>, each with its index.</summary>
    public IReadOnlyList<(string Name, ushort Index)> Versions { get; init; } = [("GLIBCXX_3.4.30", 5), ("GLIBCXX_3.4.32", 4), ("GLIBCXX_3.4", 2)];

    /// <summary>The imported symbols, each with its version's index. Index 1 is no version.</summary>
    public IReadOnlyList<(string Name, ushort Index)> Symbols { get; init; } = [("memcpy", 3), ("_ZSt21ios_base_library_initv", 4), ("_ZNSt8ios_baseD2Ev", 2)];

    /// <summary>The section that the symbols are defined in: 0 for imports.</summary>
    public ushort DefinedIn { get; init; }

    /// <summary>Text that goes right before each symbol's name, as when the name is the tail of a longer one.</summary>
    public string SymbolNamePrefix { get; init; } = "";

    /// <summary>Whether to have the section <c>.gnu.version_r</c>.</summary>
    public bool HasVersionNeeds { get; init; } = true;

    /// <summary>Symbols with names that are the tail of the previous symbol's name share its text, as linkers make them do.</summary>
    public bool SharesTails { get; init; }

    public byte[] Build()
    {
        byte[] needs = [.. Need("libc.so.6", [("GLIBC_2.14", 3)], isLast: false), .. Need(Library, Versions, isLast: true)];
        byte[] versions = new byte[2 * (Symbols.Count + 1)];
        byte[] symbols = new byte[24 * (Symbols.Count + 1)];
        for (int i = 0; i < Symbols.Count; i++)
        {
            Span<byte> symbol = symbols.AsSpan(24 * (i + 1));
            BinaryPrimitives.WriteUInt32LittleEndian(symbol, NameAt(Symbols[i].Name, SymbolNamePrefix));
            symbol[4] = 0x12;
            BinaryPrimitives.WriteUInt16LittleEndian(symbol[6..], DefinedIn);
            BinaryPrimitives.WriteUInt16LittleEndian(versions.AsSpan(2 * (i + 1)), Symbols[i].Index);
        }
        byte[] strings = Encoding.ASCII.GetBytes(_names.ToString());
        List<(uint Type, uint Link, byte[] Content)> sections =
        [
            (0, 0, []),
            (11, 2, symbols),
            (3, 0, strings),
            (0x6fffffff, 1, versions),
        ];
        if (HasVersionNeeds)
        {
            sections.Add((0x6ffffffe, 2, needs));
        }
        return Assemble(sections);
    }

    private byte[] Assemble(List<(uint Type, uint Link, byte[] Content)> sections)
    {
        const int header = 64;
        int tableLength = 64 * sections.Count;
        int contentLength = sections.Sum(s => s.Content.Length);
        int content = SectionHeaders == Headers.AtTheEnd ? header : header + tableLength;
        int table = SectionHeaders == Headers.AtTheEnd ? header + contentLength : header;
        byte[] file = new byte[header + tableLength + contentLength];
        "\u007fELF"u8.CopyTo(file);
        file[4] = Class;
        file[5] = ByteOrder;
        file[6] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(16), Type);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(18), Machine);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(40), (ulong)table);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(58), 64);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(60), (ushort)sections.Count);
        foreach ((uint type, uint link, byte[] bytes) in sections)
        {
            bytes.CopyTo(file, content);
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(table + 4), type);
            BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(table + 24), (ulong)content);
            BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(table + 32), (ulong)bytes.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(table + 40), link);
            content += bytes.Length;
            table += 64;
        }
        return file;
    }

    private byte[] Need(string library, IReadOnlyList<(string Name, ushort Index)> versions, bool isLast)
    {
        byte[] need = new byte[16 * (versions.Count + 1)];
        BinaryPrimitives.WriteUInt16LittleEndian(need, 1);
        BinaryPrimitives.WriteUInt16LittleEndian(need.AsSpan(2), (ushort)versions.Count);
        BinaryPrimitives.WriteUInt32LittleEndian(need.AsSpan(4), NameAt(library));
        BinaryPrimitives.WriteUInt32LittleEndian(need.AsSpan(8), versions.Count == 0 ? 0u : 16u);
        BinaryPrimitives.WriteUInt32LittleEndian(need.AsSpan(12), isLast ? 0u : (uint)need.Length);
        for (int i = 0; i < versions.Count; i++)
        {
            Span<byte> entry = need.AsSpan(16 * (i + 1));
            BinaryPrimitives.WriteUInt32LittleEndian(entry, Hash(versions[i].Name));
            BinaryPrimitives.WriteUInt16LittleEndian(entry[6..], versions[i].Index);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], NameAt(versions[i].Name));
            BinaryPrimitives.WriteUInt32LittleEndian(entry[12..], i == versions.Count - 1 ? 0u : 16u);
        }
        return need;
    }

    private uint NameAt(string name, string prefix = "")
    {
        if (SharesTails && _names.ToString().EndsWith($"{name}\0", StringComparison.Ordinal))
        {
            return (uint)(_names.Length - name.Length - 1);
        }
        _names.Append(prefix);
        uint at = (uint)_names.Length;
        _names.Append(name).Append('\0');
        return at;
    }

    /// <summary>The hash of a version's name, by the System V gABI, chapter 5, "Hash Table".</summary>
    public static uint Hash(string name)
    {
        uint hash = 0;
        foreach (char c in name)
        {
            hash = (hash << 4) + c;
            uint high = hash & 0xf0000000;
            hash = (hash ^ (high >> 24)) & ~high;
        }
        return hash;
    }
}
