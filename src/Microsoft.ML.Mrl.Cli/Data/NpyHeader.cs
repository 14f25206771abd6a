using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Data;

/// <summary>
/// Represents the header of a .npy file (NumPy enhancement proposal 1): <c>\x93NUMPY</c>, the version, the length, and a Python dictionary
/// with the keys descr, fortran_order and shape. As numpy.load does, it takes the whole numbers of Python 2, such as 3L, in versions 1 and
/// 2.
/// </summary>
/// <param name="Type">The type of the values.</param>
/// <param name="IsFortran">Whether the values of a column, not those of a row, are together.</param>
/// <param name="Rows">The number of rows N.</param>
/// <param name="Width">The number D of values of a row.</param>
internal sealed partial record NpyHeader(NpyType Type, bool IsFortran, long Rows, int Width)
{
    private const int MaxHeaderBytes = 1 << 20;

    /// <summary>Gets the bytes that every file begins with.</summary>
    public static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Reads the header and leaves the stream before the first value.</summary>
    /// <exception cref="CommandException">There is no such header, or the array holds no vectors.</exception>
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
            throw new CommandException(
                $"Cannot read '{name}': its format version is {major}.{minor}; 1.0, 2.0 and 3.0 are known. Save it again with numpy.save.");
        }
        int lengthBytes = major == 1 ? 2 : 4;
        Span<byte> lengthField = stackalloc byte[4];
        lengthField.Clear();
        if (stream.ReadAtLeast(lengthField[..lengthBytes], lengthBytes, throwOnEndOfStream: false) < lengthBytes)
        {
            throw Damaged(name, "it ends within the header");
        }
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(lengthField);
        if (length > MaxHeaderBytes || length > stream.Length - stream.Position)
        {
            throw Damaged(name, string.Create(CultureInfo.InvariantCulture, $"its header is {length} bytes long by its own account"));
        }
        var bytes = new byte[length];
        stream.ReadExactly(bytes);
        return Parse((major == 3 ? Encoding.UTF8 : Encoding.Latin1).GetString(bytes), major < 3, name);
    }

    private static NpyHeader Parse(string text, bool takesLongs, string name)
    {
        Match match = Dictionary().Match(text);
        if (!match.Success)
        {
            throw Damaged(
                name, $"its header is '{NumberArray.Shortened(text.Trim())}', not a dictionary of 'descr', 'fortran_order' and " +
                    "'shape' of plain numbers");
        }
        string[] keys = [.. match.Groups["key"].Captures.Select(key => key.Value)];
        if (keys.Length != 3 || keys.Distinct().Count() != 3)
        {
            throw Damaged(name, $"its header has the keys {RowReader.List(keys)}, not 'descr', 'fortran_order' and 'shape', each once");
        }
        string descriptor = match.Groups["descr"].Value;
        NpyType type = NpyType.Of(descriptor)
            ?? throw new CommandException(
                $"Cannot read '{name}': its values are of type '{NumberArray.Shortened(descriptor)}'. Save one of {NpyType.Known}, " +
                    "such as array.astype('f4').");
        string[] parts = match.Groups["shape"].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string shown = $"({NumberArray.Shortened(match.Groups["shape"].Value)})";
        var shape = new long[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            string digits = takesLongs && parts[i].EndsWith('L') ? parts[i][..^1] : parts[i];
            if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out shape[i]))
            {
                throw Damaged(name, $"its shape is {shown}");
            }
        }
        if (shape.Length is not (1 or 2))
        {
            throw new CommandException(
                $"Cannot read '{name}': its shape is {shown}. Save an array of rows and columns, [N, D].");
        }
        (long rows, long width) = (shape[0], shape.Length == 2 ? shape[1] : 1);
        long maxWidth = Array.MaxLength / type.Bytes;
        if (width < 1 || width > maxWidth || rows > long.MaxValue / type.Bytes / width)
        {
            throw new CommandException(string.Create(
                CultureInfo.InvariantCulture,
                $"Cannot read '{name}': its shape is {shown}, and a vector has 1..{maxWidth} values."));
        }
        return new NpyHeader(type, match.Groups["order"].Value == "True", rows, (int)width);
    }

    private static CommandException Damaged(string name, string what) =>
        new($"'{name}' is damaged: {what}. Save it again with numpy.save.");

    [GeneratedRegex(
        """
        ^\{\s*
        (?:
          (?: (?<q>['"])(?<key>descr)\k<q>\s*:\s*(?:'(?<descr>[^']*)'|"(?<descr>[^"]*)")
            | (?<q>['"])(?<key>fortran_order)\k<q>\s*:\s*(?<order>True|False)
            | (?<q>['"])(?<key>shape)\k<q>\s*:\s*\((?<shape>[\dL,\s]*)\)
          )
          \s*(?:,\s*|(?=\}))
        )+
        \}\s*$
        """,
        RegexOptions.ExplicitCapture | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Dictionary();
}
