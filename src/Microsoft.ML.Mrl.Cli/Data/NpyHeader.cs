using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Data;

/// <summary>
/// The header of a .npy file (NumPy enhancement proposal 1): <c>\x93NUMPY</c>, the version, the length, and a Python dictionary with the keys descr, fortran_order and shape.
/// </summary>
/// <param name="Type">The values' type.</param>
/// <param name="IsFortran">Whether columns, not rows, are together.</param>
/// <param name="Rows">N.</param>
/// <param name="Width">D.</param>
internal sealed partial record NpyHeader(NpyType Type, bool IsFortran, long Rows, int Width)
{
    private const int MostHeaderBytes = 1 << 20;

    /// <summary>What every file begins with.</summary>
    public static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Reads the header and leaves the stream at the first value.</summary>
    /// <exception cref="CommandException">It is no header, or of an array that holds no vectors.</exception>
    public static NpyHeader Read(Stream stream, string name)
    {
        Span<byte> start = stackalloc byte[8];
        if (stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) < start.Length || !start[..6].SequenceEqual(Magic))
        {
            throw new CommandException($"'{name}' is not a .npy file: it does not begin with \\x93NUMPY. Save it with numpy.save.");
        }
        (int major, int minor) = (start[6], start[7]);
        if (major is < 1 or > 3 || minor != 0)
        {
            throw new CommandException($"Cannot read '{name}': its format version is {major}.{minor}; 1.0, 2.0 and 3.0 are known. Save it again with numpy.save.");
        }
        int lengthBytes = major == 1 ? 2 : 4;
        Span<byte> lengthField = stackalloc byte[4];
        lengthField.Clear();
        if (stream.ReadAtLeast(lengthField[..lengthBytes], lengthBytes, throwOnEndOfStream: false) < lengthBytes)
        {
            throw Damaged(name, "it ends within the header");
        }
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(lengthField);
        if (length > MostHeaderBytes || length > stream.Length - stream.Position)
        {
            throw Damaged(name, string.Create(CultureInfo.InvariantCulture, $"its header is {length} bytes long by its own account"));
        }
        var bytes = new byte[length];
        stream.ReadExactly(bytes);
        return Parse((major == 3 ? Encoding.UTF8 : Encoding.Latin1).GetString(bytes), name);
    }

    private static NpyHeader Parse(string text, string name)
    {
        Match match = Dictionary().Match(text);
        if (!match.Success)
        {
            throw Damaged(name, $"its header is '{text.Trim()}', not a dictionary of 'descr', 'fortran_order' and 'shape' of plain numbers");
        }
        string[] keys = [.. match.Groups["key"].Captures.Select(key => key.Value)];
        if (keys.Length != 3 || keys.Distinct().Count() != 3)
        {
            throw Damaged(name, $"its header has the keys {RowReader.List(keys)}, not 'descr', 'fortran_order' and 'shape', each once");
        }
        string descriptor = match.Groups["descr"].Value;
        NpyType type = NpyType.Of(descriptor)
            ?? throw new CommandException($"Cannot read '{name}': its values are of type '{descriptor}'. Save one of {NpyType.Known}, such as array.astype('f4').");
        string[] parts = match.Groups["shape"].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var shape = new long[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!long.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out shape[i]))
            {
                throw Damaged(name, $"its shape is ({match.Groups["shape"].Value})");
            }
        }
        if (shape.Length is not (1 or 2))
        {
            throw new CommandException($"Cannot read '{name}': its shape is ({match.Groups["shape"].Value}). Save an array of rows and columns, [N, D].");
        }
        (long rows, long width) = (shape[0], shape.Length == 2 ? shape[1] : 1);
        if (width is < 1 or > int.MaxValue / 8 || rows > long.MaxValue / 8 / width)
        {
            throw new CommandException($"Cannot read '{name}': its shape is ({match.Groups["shape"].Value}), and a vector has 1..{int.MaxValue / 8} values.");
        }
        return new NpyHeader(type, match.Groups["order"].Value == "True", rows, (int)width);
    }

    private static CommandException Damaged(string name, string what) => new($"'{name}' is damaged: {what}. Save it again with numpy.save.");

    [GeneratedRegex(
        """
        ^\{\s*(?:(?:'(?<key>descr)'\s*:\s*'(?<descr>[^']*)'|'(?<key>fortran_order)'\s*:\s*(?<order>True|False)|'(?<key>shape)'\s*:\s*\((?<shape>[\d,\s]*)\))\s*(?:,\s*|(?=\})))+\}\s*$
        """,
        RegexOptions.ExplicitCapture)]
    private static partial Regex Dictionary();
}
