using System.Globalization;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Data;

/// <summary>Reads an array of NumPy's .npy format, <c>[N, D]</c>, as one column of vectors. <c>[N]</c> is N vectors of one value.</summary>
internal sealed class NpyFile : RowReader
{
    /// <summary>The name of the only column.</summary>
    public const string VectorColumn = "Vector";

    private readonly Stream _stream;
    private readonly NpyHeader _header;
    private readonly long _dataStart;
    private readonly byte[] _rowBytes;
    private readonly byte[]? _all;
    private long _row = -1;

    private NpyFile(string name, Stream stream)
        : base(name)
    {
        Columns = [VectorColumn];
        _stream = stream;
        _header = NpyHeader.Read(stream, name);
        _dataStart = stream.Position;
        long expected = _header.Rows * _header.Width * _header.Type.Bytes;
        long found = stream.Length - _dataStart;
        if (found != expected)
        {
            throw new CommandException(string.Create(
                CultureInfo.InvariantCulture,
                $"'{name}' is damaged: its header says {_header.Rows} x {_header.Width} values of {_header.Type.Bytes} bytes, {expected} "
                + $"bytes, but {found} bytes follow. Write it again."));
        }
        // A header may claim any width where there is no row to prove it.
        _rowBytes = _header.Rows == 0 ? [] : new byte[_header.Width * _header.Type.Bytes];
        if (_header.IsFortran && _header.Width > 1)
        {
            // The values of a row are not together in the file.
            if (expected > Array.MaxLength)
            {
                throw new CommandException(
                    $"Cannot read '{name}': an array of {expected} bytes in Fortran order does not fit. "
                    + $"Save it in C order (numpy.ascontiguousarray).");
            }
            _all = new byte[expected];
            stream.ReadExactly(_all);
        }
    }

    /// <inheritdoc/>
    public override string Place => string.Create(CultureInfo.InvariantCulture, $"row {_row + 1}");

    /// <summary>Opens a file.</summary>
    /// <exception cref="CommandException">The file cannot be read, or is not an array of numbers.</exception>
    public static NpyFile Open(string path)
    {
        FileStream stream = OpenStream(path);
        try
        {
            return new NpyFile(path, stream);
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
        if (_row + 1 >= _header.Rows)
        {
            return false;
        }
        _row++;
        if (_all is null)
        {
            _stream.ReadExactly(_rowBytes);
        }
        else
        {
            int bytes = _header.Type.Bytes;
            for (int column = 0; column < _header.Width; column++)
            {
                _all.AsSpan((int)((column * _header.Rows + _row) * bytes), bytes).CopyTo(_rowBytes.AsSpan(column * bytes));
            }
        }
        return true;
    }

    /// <inheritdoc/>
    public override bool IsVector(int column) => true;

    /// <inheritdoc/>
    public override float[] Vector(int column)
    {
        var values = new float[_header.Width];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = _header.Type.Value(_rowBytes.AsSpan(i * _header.Type.Bytes));
        }
        return values;
    }

    /// <inheritdoc/>
    public override string Text(int column) => throw new NotSupportedException($"'{Name}' holds vectors, no texts.");

    /// <inheritdoc/>
    public override void Dispose() => _stream.Dispose();
}
