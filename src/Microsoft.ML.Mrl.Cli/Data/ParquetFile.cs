using System.Globalization;
using Microsoft.ML.Mrl.Cli.Output;
using Parquet;
using Parquet.Meta;
using Parquet.Schema;

namespace Microsoft.ML.Mrl.Cli.Data;

/// <summary>Reads a Parquet file: lists of numbers are vectors, and all else is text. One row group is in memory at a time.</summary>
internal sealed class ParquetFile : RowReader
{
    // A reader that comes to no end stands still, and one that works reads far more than a MiB in a second.
    private static readonly TimeSpan s_timeToStart = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_timeByMegabyte = TimeSpan.FromSeconds(1);

    // Up to so many bytes a row group's column may have, and beyond that so many times the bytes that it has in the file.
    private const long FreeBytes = 1L << 29, MaxInflation = 100;

    // A value takes up to 16 bytes in memory, and 8 for its place in lists.
    private const int BytesOfValue = 24;

    private readonly Stream _stream;
    private readonly ParquetReader _reader;
    private readonly (DataField Field, bool IsHalf)[] _fields;
    private readonly ParquetColumn?[] _group;
    private readonly TimeSpan _limit;
    private int _nextGroup;
    private long _rowInGroup;
    private long _rowsOfGroup;
    private long _row;

    private ParquetFile(string name, Stream stream, ParquetFooter footer)
        : base(name)
    {
        _stream = stream;
        _limit = s_timeToStart + (s_timeByMegabyte * (stream.Length >> 20));
        var options = new ParquetOptions { TreatByteArrayAsString = true };
        _reader = Checked(() => ParquetReader.CreateAsync(footer.Readable(stream), options, leaveStreamOpen: true));
        (Columns, _fields) = Checked(() => Task.FromResult(ReadSchema(footer)));
        if (_fields.Length == 0)
        {
            throw new CommandException(
                $"Cannot read '{name}': no column holds text, numbers or lists of numbers. "
                + $"Its columns are {Shown([.. _reader.Schema.Fields.Select(field => field.Name)])}.");
        }
        _group = new ParquetColumn?[_fields.Length];
    }

    /// <inheritdoc/>
    public override string Place => string.Create(CultureInfo.InvariantCulture, $"row {_row}");

    /// <summary>Opens a file.</summary>
    /// <exception cref="CommandException">The file cannot be read, or is not a Parquet file.</exception>
    public static ParquetFile Open(string path)
    {
        FileStream stream = OpenStream(path);
        try
        {
            return new ParquetFile(path, stream, ParquetFooter.Read(stream, path));
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override bool Read()
    {
        while (_rowInGroup + 1 > _rowsOfGroup)
        {
            if (_nextGroup == _reader.RowGroupCount)
            {
                return false;
            }
            _rowsOfGroup = Checked(ReadGroupAsync);
            _rowInGroup = 0;
            for (int i = 0; i < _fields.Length; i++)
            {
                if (_group[i]!.Count != _rowsOfGroup)
                {
                    throw new CommandException(string.Create(
                        CultureInfo.InvariantCulture,
                        $"'{Name}' is damaged: column '{Columns[i]}' has {_group[i]!.Count} rows in a group of {_rowsOfGroup}. "
                        + $"Write it again."));
                }
            }
        }
        _rowInGroup++;
        _row++;
        return true;
    }

    /// <inheritdoc/>
    public override bool IsVector(int column) => _fields[column].Field.MaxRepetitionLevel > 0;

    /// <inheritdoc/>
    public override float[] Vector(int column)
    {
        ReadOnlySpan<float> values = _group[column]!.Vector((int)(_rowInGroup - 1), out bool hasMissing);
        return hasMissing
            ? throw new CommandException(
                $"'{Name}', {Place}, column '{Columns[column]}': a value of the vector is missing. Fill it in, or leave the row out.")
            : values.ToArray();
    }

    /// <inheritdoc/>
    public override string Text(int column) => _group[column]!.Text((int)(_rowInGroup - 1)).Trim();

    /// <inheritdoc/>
    public override void Dispose()
    {
        _reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _stream.Dispose();
    }

    private (string[] Names, (DataField, bool)[] Fields) ReadSchema(ParquetFooter footer)
    {
        DataField[] leaves = _reader.Schema.GetDataFields();
        var names = new List<string>();
        var fields = new List<(DataField, bool)>();
        foreach (DataField field in _reader.Schema.Fields.Select(Single).OfType<DataField>())
        {
            bool isHalf = Array.FindIndex(leaves, leaf => leaf.Path.Equals(field.Path)) is >= 0 and int leaf && footer.IsHalf(leaf);
            if (isHalf || ParquetColumn.CanRead(field))
            {
                names.Add(field.Path.FirstPart ?? field.Name);
                fields.Add((field, isHalf));
            }
        }
        return ([.. names], [.. fields]);
    }

    /// <returns>The number of rows of the next group.</returns>
    private async Task<long> ReadGroupAsync()
    {
        using ParquetRowGroupReader group = _reader.OpenRowGroupReader(_nextGroup++);
        for (int i = 0; i < _fields.Length; i++)
        {
            (DataField field, bool isHalf) = _fields[i];
            CheckSize(group.GetMetadata(field)?.MetaData
                ?? throw new InvalidDataException($"column '{field.Path}' is not in every row group"), field);
            _group[i] = await ParquetColumn.ReadAsync(group, field, isHalf).ConfigureAwait(false);
        }
        return group.RowCount;
    }

    /// <summary>
    /// Checks the size that a column claims. A few bytes may stand for any number of values, so an implausible size is refused.
    /// </summary>
    private void CheckSize(ColumnMetaData claim, DataField field)
    {
        long most = Math.Max(FreeBytes, MaxInflation * Math.Min(claim.TotalCompressedSize, _stream.Length));
        if (claim.NumValues < 0 || claim.NumValues > Math.Min(Array.MaxLength, most / BytesOfValue) || claim.TotalUncompressedSize > most)
        {
            throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture,
                $"column '{field.Path}' claims {claim.NumValues} values of {claim.TotalUncompressedSize} bytes in one row group, "
                + $"from {claim.TotalCompressedSize} bytes in the file"));
        }
    }

    /// <summary>Returns the data field of a plain column or of a list of plain values.</summary>
    private static DataField? Single(Parquet.Schema.Field field) => field switch
    {
        DataField data => data,
        ListField { Item: DataField item } => item,
        _ => null,
    };

    // The library throws what its parser throws, so there is no one type for a broken file, and some broken files make it read without end.
    private T Checked<T>(Func<Task<T>> read)
    {
        Task<T> task = Task.Run(read);
        try
        {
            if (task.Wait(_limit))
            {
                return task.Result;
            }
        }
        catch (AggregateException e)
        {
            Exception inner = e.GetBaseException();
            string what = inner is OutOfMemoryException ? "it asks for more memory than there is" : inner.Message.Split('\n')[0].TrimEnd(
                '.');
            throw new CommandException($"Cannot read '{Name}' as a Parquet file: {what}. Write it again, or as .csv.", inner: inner);
        }
        throw new CommandException(string.Create(
            CultureInfo.InvariantCulture,
            $"Cannot read '{Name}' as a Parquet file: its reader came to no end in {_limit.TotalSeconds:0} s, so it is damaged. "
            + $"Write it again."));
    }
}
