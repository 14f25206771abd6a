using System.Globalization;
using Microsoft.ML.Mrl.Cli.Output;
using Parquet;
using Parquet.Schema;

namespace Microsoft.ML.Mrl.Cli.Data;

/// <summary>Reads a Parquet file: lists of numbers are vectors, all else is text. A row group is in memory at a time.</summary>
internal sealed class ParquetFile : RowReader
{
    private readonly Stream _stream;
    private readonly ParquetReader _reader;
    private readonly DataField[] _fields;
    private readonly ParquetColumn?[] _group;
    private int _nextGroup;
    private long _rowInGroup;
    private long _rowsOfGroup;
    private long _row;

    private ParquetFile(string name, Stream stream, ParquetReader reader)
        : base(name)
    {
        _stream = stream;
        _reader = reader;
        _fields = [.. reader.Schema.Fields.Select(field => Single(field)).OfType<DataField>().Where(ParquetColumn.CanRead)];
        Columns = [.. _fields.Select(field => field.Path.FirstPart ?? field.Name)];
        if (_fields.Length == 0)
        {
            throw new CommandException($"Cannot read '{name}': no column holds text, numbers or lists of numbers. Its schema: {string.Join(", ", reader.Schema.Fields.Select(f => f.Name))}.");
        }
        _group = new ParquetColumn?[_fields.Length];
    }

    /// <inheritdoc/>
    public override string Place => string.Create(CultureInfo.InvariantCulture, $"row {_row}");

    /// <summary>Opens a file.</summary>
    /// <exception cref="CommandException">It cannot be read, or is no Parquet file.</exception>
    public static ParquetFile Open(string path)
    {
        FileStream stream = OpenStream(path);
        try
        {
            return new ParquetFile(path, stream, Checked(path, () => ParquetReader.CreateAsync(stream, new ParquetOptions { TreatByteArrayAsString = true }, leaveStreamOpen: true)));
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
            using ParquetRowGroupReader group = _reader.OpenRowGroupReader(_nextGroup++);
            _rowsOfGroup = group.RowCount;
            _rowInGroup = 0;
            for (int i = 0; i < _fields.Length; i++)
            {
                DataField field = _fields[i];
                _group[i] = Checked(Name, () => ParquetColumn.ReadAsync(group, field));
                if (_group[i]!.Count != _rowsOfGroup)
                {
                    throw new CommandException($"'{Name}' is damaged: column '{Columns[i]}' has {_group[i]!.Count} rows in a group of {_rowsOfGroup}. Write it again.");
                }
            }
        }
        _rowInGroup++;
        _row++;
        return true;
    }

    /// <inheritdoc/>
    public override bool IsVector(int column) => _fields[column].MaxRepetitionLevel > 0;

    /// <inheritdoc/>
    public override float[] Vector(int column)
    {
        ReadOnlySpan<float> values = _group[column]!.Vector((int)(_rowInGroup - 1), out bool hasMissing);
        return hasMissing
            ? throw new CommandException($"'{Name}', {Place}, column '{Columns[column]}': a value of the vector is missing. Fill it in, or leave the row out.")
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

    /// <summary>The data field of a plain column or of a list of plain values.</summary>
    private static DataField? Single(Parquet.Schema.Field field) => field switch
    {
        DataField data => data,
        ListField { Item: DataField item } => item,
        _ => null,
    };

    // The reader throws what its parser throws: there is no one type for a broken file.
    private static T Checked<T>(string name, Func<Task<T>> read)
    {
        try
        {
            return read().GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is not (CommandException or OutOfMemoryException))
        {
            throw new CommandException($"Cannot read '{name}' as a Parquet file: {e.Message.Split('\n')[0].TrimEnd('.')}. Write it again, or as .csv.", inner: e);
        }
    }
}
