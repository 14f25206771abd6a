using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.Mrl.Files;

namespace Microsoft.ML.Mrl.Text.Encoders.Static;

/// <summary>Reads files of word vectors.</summary>
internal static class WordVectorFile
{
    private const int MaxLineLength = 1 << 24;
    private const int MaxWordLength = 1 << 16;
    private const int MaxVectorWidth = 1 << 20;

    public static StaticTextEncoder Read(string path, int? maxWords, bool? lowerCase, double? frequencyWeighting)
    {
        var table = new WordVectorTable(path, maxWords, lowerCase, frequencyWeighting);
        using var stream = new BufferedStream(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1), 1 << 20);
        if (IsBinary(path, stream))
        {
            ReadBinary(path, stream, table);
        }
        else
        {
            ReadText(path, stream, table);
        }
        return table.ToEncoder();
    }

    /// <summary>
    /// Determines whether a file is word2vec's binary form: a line of two counts, and bytes after the first word that are not text.
    /// </summary>
    /// <exception cref="InvalidDataException">The file is a pointer of Git LFS.</exception>
    private static bool IsBinary(string path, BufferedStream stream)
    {
        var start = new byte[1 << 12];
        ReadOnlySpan<byte> bytes = start.AsSpan(0, stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false));
        stream.Position = 0;
        LfsPointer.Check(bytes, $"'{path}'");
        int line = bytes.IndexOf((byte)'\n');
        return line > 0 && IsHeader(Encoding.Latin1.GetString(bytes[..line]).AsSpan().TrimEnd(" \t\r"), out _, out _)
            && bytes[(line + 1)..].ContainsAnyInRange((byte)0, (byte)8);
    }

    private static void ReadText(string path, Stream stream, WordVectorTable table)
    {
        long? count = null;
        long words = 0;
        using var reader = new LineReader(new StreamReader(stream, new UTF8Encoding(false), true, 1 << 16), MaxLineLength);
        float[] values = [];
        int number = 0;
        long? declared = null;
        for (string? line = reader.ReadLine(); line is not null && !table.IsFull; line = reader.ReadLine())
        {
            number++;
            if (line.Length > MaxLineLength)
            {
                throw new InvalidDataException(
                    $"'{path}', line {number} has more than {MaxLineLength} characters. A line is a word and its values.");
            }
            ReadOnlySpan<char> rest = line.AsSpan().TrimEnd(" \t\r");
            if (number == 1 && IsHeader(rest, out long expected, out long width))
            {
                count = expected;
                declared = width;
                continue;
            }
            if (rest.IsEmpty)
            {
                continue;
            }
            if (table.Dimensions == 0)
            {
                table.SetWidth(CountValues(rest));
                values = new float[table.Dimensions];
                if (values.Length == 0)
                {
                    throw new InvalidDataException(
                        $"'{path}', line {number}: expected a word and its values, found '{Start(rest)}'. Is it a file of word vectors?");
                }
                if (declared is { } wanted && wanted != values.Length)
                {
                    throw new InvalidDataException(
                        $"'{path}' says that its vectors have {wanted} values, but line {number} has {values.Length}. Copy the file " +
                            "again.");
                }
            }
            // From the end: a word may itself have blanks.
            for (int i = values.Length - 1; i >= 0; i--)
            {
                int blank = rest.LastIndexOfAny(' ', '\t');
                if (blank <= 0 || !TryParse(rest[(blank + 1)..], out values[i]))
                {
                    throw new InvalidDataException(
                        $"'{path}', line {number}: expected a word and {values.Length} values, found '{Start(line)}'.");
                }
                rest = rest[..blank].TrimEnd(" \t");
            }
            table.Add(rest.ToString(), values);
            words++;
        }
        if (words > 0 && words != count && count is not null && !table.IsFull)
        {
            throw new InvalidDataException($"'{path}' says that it has {count} words, but it has {words}. Copy the file again.");
        }
    }

    private static void ReadBinary(string path, Stream stream, WordVectorTable table)
    {
        string[] header = ReadUntil('\n').Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (header.Length != 2 || !long.TryParse(header[0], NumberStyles.None, CultureInfo.InvariantCulture, out long count)
            || !int.TryParse(header[1], NumberStyles.None, CultureInfo.InvariantCulture, out int width) || count < 1
                || width is < 1 or > MaxVectorWidth)
        {
            throw new InvalidDataException(
                $"'{path}' is not word2vec's binary form: it does not start with the number of words and a width of 1 to " +
                    $"{MaxVectorWidth}.");
        }
        table.SetWidth(width, count);
        var values = new float[width];
        Span<byte> bytes = MemoryMarshal.AsBytes(values.AsSpan());
        for (long i = 0; i < count && !table.IsFull; i++)
        {
            string word = ReadUntil(' ').TrimStart('\n');
            try
            {
                stream.ReadExactly(bytes);
            }
            catch (EndOfStreamException e)
            {
                throw Short(e);
            }
            if (!BitConverter.IsLittleEndian)
            {
                for (int v = 0; v < width; v++)
                {
                    bytes.Slice(v * sizeof(float), sizeof(float)).Reverse();
                }
            }
            table.Add(word, values);
        }

        string ReadUntil(char end)
        {
            var word = new List<byte>();
            for (int next = stream.ReadByte(); next != end; next = stream.ReadByte())
            {
                if (next < 0)
                {
                    throw Short(null);
                }
                word.Add((byte)next);
                if (word.Count > MaxWordLength)
                {
                    throw new InvalidDataException(
                        $"'{path}' is not word2vec's binary form, or is damaged: a word in it has more than {MaxWordLength} bytes.");
                }
            }
            return Encoding.UTF8.GetString(CollectionsMarshal.AsSpan(word));
        }

        InvalidDataException Short(Exception? inner) =>
            new($"'{path}' is cut short: the file ends inside a word vector. Copy it again.", inner);
    }

    /// <summary>Determines whether a line has two whole numbers and nothing else, which are word2vec's counts.</summary>
    private static bool IsHeader(ReadOnlySpan<char> line, out long count, out long width)
    {
        (count, width) = (0, 0);
        int blank = line.IndexOfAny(' ', '\t');
        return blank > 0 && long.TryParse(line[..blank], NumberStyles.None, CultureInfo.InvariantCulture, out count)
            && long.TryParse(line[(blank + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out width);
    }

    /// <summary>Counts the numbers at the end of a line, without its first word.</summary>
    private static int CountValues(ReadOnlySpan<char> line)
    {
        int count = 0;
        for (int blank = line.LastIndexOfAny(' ', '\t'); blank > 0
            && TryParse(line[(blank + 1)..], out _); blank = line.LastIndexOfAny(' ', '\t'))
        {
            count++;
            line = line[..blank].TrimEnd(" \t");
        }
        return count;
    }

    private static bool TryParse(ReadOnlySpan<char> text, out float value) =>
        float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);

    private static string Start(ReadOnlySpan<char> line) => line.Length <= 60 ? line.ToString() : $"{line[..60]}…";
}
