using System.Globalization;
using System.Text;
using CsvHelper;
using Microsoft.ML.Mrl.Cli.Output;
using Microsoft.ML.Mrl.Files;

namespace Microsoft.ML.Mrl.Cli.Data;

/// <summary>Reads a file of separated fields, such as CSV or TSV. A broken line is an error that names the line.</summary>
internal sealed class TabularFile : RowReader
{
    private const int MaxLineLength = 1 << 24;

    private readonly CsvReader _reader;
    private readonly LimitedReader _text;
    private CsvMalformedRecord? _malformed;
    private bool _firstRowIsThere;

    private TabularFile(Stream stream, string name, TextFormat format)
        : base(name)
    {
        Format = format;
        _text = new LimitedReader(
            new StreamReader(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true)), MaxLineLength);
        _reader = CsvReader.Create(_text, CsvReaderOptions.Default with
        {
            Separator = format.Separator,
            HasHeader = format.HasHeader,
            TrackLineNumbers = true,
            PoolStrings = true,
            OnMalformedRecord = NoteMalformed,
        });
    }

    /// <summary>Gets the line, from 1, on which the current row begins.</summary>
    public long LineNumber => _reader.LineNumber;

    /// <summary>Gets the character that separates fields.</summary>
    public char Separator => _reader.Separator is { } found ? found : ',';

    /// <summary>Gets how the lines are written, as it was asked for.</summary>
    public TextFormat Format { get; }

    /// <inheritdoc/>
    public override char DecimalMarker => Format.DecimalMarker;

    /// <inheritdoc/>
    public override string Place => string.Create(CultureInfo.InvariantCulture, $"line {LineNumber}");

    /// <summary>
    /// Opens a file. Unless <paramref name="format"/> names the separator, tabs separate the fields of .tsv and .tab files, and for other
    /// files the separator (comma, semicolon, tab or |) is found from the first lines. With decimal commas, another separator is preferred
    /// to the comma.
    /// </summary>
    /// <exception cref="CommandException">There is no such file, or it cannot be read, or its header cannot be used.</exception>
    public static TabularFile Open(string path, TextFormat? format = null)
    {
        format ??= new TextFormat();
        if (format.Separator is null)
        {
            bool tabs = Path.GetExtension(path).ToUpperInvariant() is ".TSV" or ".TAB";
            char? separator = tabs ? '\t' : format.DecimalMarker == TextFormat.Comma ? SeparatorBesideDecimalCommas(path) : null;
            return Open(OpenStream(path), path, format with { Separator = separator });
        }
        return Open(OpenStream(path), path, format);
    }

    /// <summary>Opens a stream.</summary>
    /// <param name="stream">The content, which is closed with the returned object.</param>
    /// <param name="name">The file as the user named it.</param>
    /// <param name="format">How the lines are written.</param>
    /// <exception cref="CommandException">The header cannot be used.</exception>
    public static TabularFile Open(Stream stream, string name, TextFormat format)
    {
        var file = new TabularFile(stream, name, format);
        try
        {
            if (format.HasHeader)
            {
                file.ReadHeader();
            }
            else
            {
                file.CountColumns();
            }
            file.CheckSeparator();
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override bool Read()
    {
        if (_firstRowIsThere)
        {
            _firstRowIsThere = false;
            return true;
        }
        if (!Decoded(_reader.Read))
        {
            return false;
        }
        ThrowIfMalformed();
        if (_reader.FieldCount != Columns.Count)
        {
            string found = _reader.FieldCount == 1 ? "1 field" : $"{_reader.FieldCount} fields";
            string cause = _reader.FieldCount < Columns.Count
                ? "Add what is missing."
                : $"Put double quotes around a field that holds the separator {SeparatorName()}.";
            string wanted = Format.HasHeader ? $"the header names {Columns.Count} ({Shown(Columns)})"
                : $"the first line has {Columns.Count}";
            throw new CommandException($"'{Name}', line {LineNumber}: {found}, but {wanted}. {cause}");
        }
        return true;
    }

    /// <summary>Gets a field of the current row, without white space around it.</summary>
    public string this[int column] => _reader.GetString(column).Trim();

    /// <inheritdoc/>
    public override string Text(int column) => this[column];

    /// <inheritdoc/>
    public override void Dispose() => _reader.Dispose();

    private static char? SeparatorBesideDecimalCommas(string path)
    {
        using var reader = new LineReader(new StreamReader(OpenStream(path)), MaxLineLength);
        string line = reader.ReadLine() ?? "";
        char most = ";\t|".MaxBy(separator => line.Count(c => c == separator));
        return line.Contains(most, StringComparison.Ordinal) ? most : null;
    }

    // A separator that was named and is not there would make one column of every line.
    private void CheckSeparator()
    {
        if (Format.Separator is { } separator && Columns.Count == 1 && Columns[0].AsSpan().ContainsAny(",;|\t"))
        {
            throw new CommandException(
                $"'{Name}', line 1: the fields are to be separated by {SeparatorName(separator)}, and the line has none: "
                + $"'{NumberArray.Shortened(Columns[0])}'. Name the right one with --separator.");
        }
    }

    private void CountColumns()
    {
        if (!Decoded(_reader.Read))
        {
            throw new CommandException($"'{Name}' is empty. It needs rows.");
        }
        ThrowIfMalformed();
        Columns = [.. Enumerable.Range(0, _reader.FieldCount).Select(i => string.Create(CultureInfo.InvariantCulture, $"Col{i}"))];
        _firstRowIsThere = true;
    }

    private void ReadHeader()
    {
        Columns = [.. Decoded(() => _reader.Headers).Select(name => name.Trim())];
        ThrowIfMalformed();
        if (Columns.All(name => name.Length == 0))
        {
            throw new CommandException($"'{Name}' is empty. It needs a header line that names the columns, and rows below it.");
        }
        if (Columns.Where(name => name.Length > 0).GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(
            g => g.Count() > 1) is { } twice)
        {
            throw new CommandException(
                $"'{Name}', line 1: the header names column '{twice.Key}' {twice.Count()} times ({Shown(Columns)}). "
                + $"Give every column a name of its own.");
        }
    }

    private T Decoded<T>(Func<T> read)
    {
        _text.BeginRecord();
        try
        {
            return read();
        }
        catch (InvalidDataException e)
        {
            throw new CommandException(
                $"'{Name}', after line {Math.Max(0, _reader.LineNumber)}: {e.Message}. A double quote that begins a field may not "
                + "be closed. Close it at the field's end, or end the lines.",
                inner: e);
        }
        catch (DecoderFallbackException e)
        {
            throw new CommandException(
                $"'{Name}' is not UTF-8 text (after line {Math.Max(1, _reader.LineNumber)}). Save it as UTF-8.", inner: e);
        }
        catch (CsvFormatException e)
        {
            throw new CommandException($"'{Name}', line {e.LineNumber}: {e.Message}", inner: e);
        }
    }

    // A quote in the midst of an unquoted field, as in 5" pipe, is text.
    private void NoteMalformed(CsvMalformedRecord record) =>
        _malformed ??= record.Reason is CsvMalformedReason.UnterminatedQuote or CsvMalformedReason.TextAfterClosingQuote ? record : null;

    private void ThrowIfMalformed()
    {
        if (_malformed is { } record)
        {
            string what = record.Reason == CsvMalformedReason.UnterminatedQuote
                ? "a field begins with a double quote that is never closed"
                : "a quoted field is followed by more text before the separator";
            throw new CommandException(
                $"'{Name}', line {record.LineNumber}: {what}. Close the quote at the field's end, "
                + $"and write a quote inside a quoted field as two (\"\").");
        }
    }

    private string SeparatorName() => _reader.Separator == '\t' ? "(tab)" : $"'{_reader.Separator}'";

    private static string SeparatorName(char separator) => separator == '\t' ? "tabs" : $"'{separator}'";
}
