using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Microsoft.ML.Mrl.Text.Encoders.Static;

/// <summary>Reads files of word vectors.</summary>
internal static class WordVectorFile
{
    private const int MaxLineLength = 1 << 24;
    private const int MaxWordLength = 1 << 16;
    private const int MaxVectorWidth = 1 << 20;

    public static StaticTextEncoder Read(string path, WordVectorOptions options)
    {
        var table = new WordVectorTable(path, options);
        using var stream = new BufferedStream(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1), 1 << 20);
        bool isBinary = options.Format switch
        {
            WordVectorFormat.Binary => true,
            WordVectorFormat.Text => false,
            _ => Path.GetExtension(path).Equals(".bin", StringComparison.OrdinalIgnoreCase),
        };
        if (isBinary)
        {
            ReadBinary(path, stream, table);
        }
        else
        {
            ReadText(path, stream, table);
        }
        return table.ToEncoder();
    }

    private static void ReadText(string path, Stream stream, WordVectorTable table)
    {
        using var reader = new StreamReader(stream, new UTF8Encoding(false), detectEncodingFromByteOrderMarks: true, 1 << 16);
        float[] values = [];
        int number = 0;
        for (string? line = reader.ReadLine(); line is not null && !table.IsFull; line = reader.ReadLine())
        {
            number++;
            if (line.Length > MaxLineLength)
            {
                throw new InvalidDataException($"'{path}', line {number} has {line.Length} characters. A line is a word and its values.");
            }
            ReadOnlySpan<char> rest = line.AsSpan().TrimEnd(" \t\r");
            if (rest.IsEmpty || (number == 1 && IsHeader(rest)))
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
                        $"'{path}', line {number}: expected a word and its values, found '{Start(rest)}'. Is it word2vec's binary form? " +
                        $"Set {nameof(WordVectorOptions)}.{nameof(WordVectorOptions.Format)}.");
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
                $"'{path}' is not word2vec's binary form: it does not start with the number of words and their width. Is it text? Set " +
                $"{nameof(WordVectorOptions)}.{nameof(WordVectorOptions.Format)}.");
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

    /// <summary>Two whole numbers and nothing else: word2vec's counts.</summary>
    private static bool IsHeader(ReadOnlySpan<char> line)
    {
        int blank = line.IndexOfAny(' ', '\t');
        return blank > 0 && long.TryParse(line[..blank], NumberStyles.None, CultureInfo.InvariantCulture, out _)
            && long.TryParse(line[(blank + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out _);
    }

    /// <summary>The numbers at the end of a line, its first word not among them.</summary>
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
