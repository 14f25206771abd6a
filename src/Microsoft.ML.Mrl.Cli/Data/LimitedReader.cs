namespace Microsoft.ML.Mrl.Cli.Data;

/// <summary>
/// Hands on a text, and refuses one of whose records more characters are asked for than it may have: a quote that is never closed makes one
/// record of all that follows, and a damaged file may have no end of a line.
/// </summary>
/// <param name="inner">The text; closed with this object.</param>
/// <param name="longest">The most characters of a record.</param>
/// <param name="endsWithLine">Whether a record ends with its line; otherwise <see cref="BeginRecord"/> says where one begins.</param>
internal sealed class LimitedReader(TextReader inner, long longest, bool endsWithLine = false) : TextReader
{
    private long _length;

    /// <summary>Says that what is read from here on is another record.</summary>
    public void BeginRecord() => _length = 0;

    /// <inheritdoc/>
    public override int Peek() => inner.Peek();

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The record is too long.</exception>
    public override int Read()
    {
        int next = inner.Read();
        if (next >= 0)
        {
            Count([(char)next]);
        }
        return next;
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The record is too long.</exception>
    public override int Read(Span<char> buffer)
    {
        int count = inner.Read(buffer);
        Count(buffer[..count]);
        return count;
    }

    /// <inheritdoc/>
    public override int Read(char[] buffer, int index, int count) => Read(buffer.AsSpan(index, count));

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        inner.Dispose();
        base.Dispose(disposing);
    }

    private void Count(ReadOnlySpan<char> read)
    {
        int end = endsWithLine ? read.LastIndexOf('\n') : -1;
        _length = end >= 0 ? read.Length - end - 1 : _length + read.Length;
        if (_length > longest)
        {
            throw new InvalidDataException($"a record has more than {longest} characters");
        }
    }
}
