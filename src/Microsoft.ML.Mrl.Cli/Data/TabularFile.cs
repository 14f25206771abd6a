using System.Globalization;
using System.Text;
using CsvHelper;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Data;

/// <summary>Reads a CSV or TSV file, strictly: a broken line is an error that names the line.</summary>
internal sealed class TabularFile : RowReader
{
    private readonly CsvReader _reader;
    private CsvMalformedRecord? _malformed;
    private bool _firstRowIsThere;

    private TabularFile(Stream stream, string name, char? separator, bool hasHeader)
        : base(name)
    {
        HasHeader = hasHeader;
        var text = new StreamReader(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
        _reader = CsvReader.Create(text, CsvReaderOptions.Default with
        {
            Separator = separator,
            HasHeader = hasHeader,
            TrackLineNumbers = true,
            PoolStrings = true,
            OnMalformedRecord = NoteMalformed,
        });
    }

    /// <summary>The line, from 1, on which the current row begins.</summary>
    public long LineNumber => _reader.LineNumber;

    /// <summary>What separates fields.</summary>
    public char Separator => _reader.Separator is { } found ? found : ',';

    /// <summary>Whether the first line names the columns.</summary>
    public bool HasHeader { get; }

    /// <inheritdoc/>
    public override string Place => string.Create(CultureInfo.InvariantCulture, $"line {LineNumber}");

    /// <summary>Opens a file: tabs separate the fields of .tsv and .tab; for others the separator (comma, semicolon, tab or |) is found from the first lines.</summary>
    /// <exception cref="CommandException">There is no such file, or it cannot be read, or its header is of no use.</exception>
    public static TabularFile Open(string path, bool hasHeader = true)
    {
        bool tabs = Path.GetExtension(path).ToUpperInvariant() is ".TSV" or ".TAB";
        return Open(OpenStream(path), path, tabs ? '\t' : null, hasHeader);
    }

    /// <summary>Opens a stream.</summary>
    /// <param name="stream">The content; closed with this object.</param>
    /// <param name="name">What the user calls it.</param>
    /// <param name="separator">What separates fields, or <see langword="null"/> to find out.</param>
    /// <param name="hasHeader">Whether the first line names the columns; else they are <c>Col0</c>, <c>Col1</c> and so on.</param>
    /// <exception cref="CommandException">The header is of no use.</exception>
    public static TabularFile Open(Stream stream, string name, char? separator, bool hasHeader = true)
    {
        var file = new TabularFile(stream, name, separator, hasHeader);
        try
        {
            if (hasHeader)
            {
                file.ReadHeader();
            }
            else
            {
                file.CountColumns();
            }
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
            throw new CommandException($"'{Name}', line {LineNumber}: {found}, but {(HasHeader ? $"the header names {Columns.Count} ({Shown(Columns)})" : $"the first line has {Columns.Count}")}. {cause}");
        }
        return true;
    }

    /// <summary>A field of the current row, without white space around it.</summary>
    public string this[int column] => _reader.GetString(column).Trim();

    /// <inheritdoc/>
    public override string Text(int column) => this[column];

    /// <inheritdoc/>
    public override void Dispose() => _reader.Dispose();

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
        if (Columns.Where(name => name.Length > 0).GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new CommandException(
                $"'{Name}', line 1: the header names column '{twice.Key}' {twice.Count()} times ({Shown(Columns)}). Give every column a name of its own.");
        }
    }

    private T Decoded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (DecoderFallbackException e)
        {
            throw new CommandException($"'{Name}' is not UTF-8 text (after line {Math.Max(1, _reader.LineNumber)}). Save it as UTF-8.", inner: e);
        }
        catch (CsvFormatException e)
        {
            throw new CommandException($"'{Name}', line {e.LineNumber}: {e.Message}", inner: e);
        }
    }

    // A quote in the midst of an unquoted field (5" pipe) is text.
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
                $"'{Name}', line {record.LineNumber}: {what}. Close the quote at the field's end, and write a quote inside a quoted field as two (\"\").");
        }
    }

    private string SeparatorName() => _reader.Separator == '\t' ? "(tab)" : $"'{_reader.Separator}'";
}
