using System.Text;

namespace Microsoft.ML.Mrl.Files;

/// <summary>
/// Reads lines that end with CR, LF or both. The length of a line is limited, since a line of a damaged file may never end.
/// </summary>
/// <param name="reader">The text; closed with this object.</param>
/// <param name="longest">The maximum number of characters of a line.</param>
internal sealed class LineReader(TextReader reader, int longest) : IDisposable
{
    private readonly char[] _block = new char[1 << 14];
    private readonly StringBuilder _line = new();
    private int _start, _end;

    /// <summary>Returns the next line.</summary>
    /// <returns>The line without its end; <see langword="null"/> after the last. One that is too long has one character more than allowed,
    /// and must be the last that is asked for.</returns>
    public string? ReadLine()
    {
        _line.Clear();
        while (Fill())
        {
            ReadOnlySpan<char> rest = _block.AsSpan(_start, _end - _start);
            int length = rest.IndexOfAny('\r', '\n');
            _line.Append(length < 0 ? rest : rest[..length]);
            if (_line.Length > longest)
            {
                return _line.ToString(0, longest + 1);
            }
            if (length < 0)
            {
                _start = _end;
                continue;
            }
            _start += length + 1;
            if (rest[length] == '\r' && Fill() && _block[_start] == '\n')
            {
                _start++;
            }
            return _line.ToString();
        }
        return _line.Length == 0 ? null : _line.ToString();
    }

    public void Dispose() => reader.Dispose();

    /// <returns>Whether there is a character.</returns>
    private bool Fill()
    {
        if (_start == _end)
        {
            (_start, _end) = (0, reader.Read(_block));
        }
        return _start < _end;
    }
}
