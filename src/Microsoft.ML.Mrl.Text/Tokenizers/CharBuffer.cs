namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>Represents a buffer of characters whose memory is reused.</summary>
/// <param name="time">
/// The time that regular expressions have for the text that is rewritten; that of an empty text where it is not given.
/// </param>
internal sealed class CharBuffer(MatchTime? time = null)
{
    private char[] _values = new char[256];

    public MatchTime Time => time ??= new MatchTime(0);

    public int Length { get; private set; }

    public ReadOnlySpan<char> Written => _values.AsSpan(0, Length);

    public void Clear() => Length = 0;

    public void Add(char value)
    {
        if (Length == _values.Length)
        {
            Array.Resize(ref _values, Length * 2);
        }
        _values[Length++] = value;
    }

    public void Add(ReadOnlySpan<char> values)
    {
        if (Length + values.Length > _values.Length)
        {
            Array.Resize(ref _values, Math.Max(_values.Length * 2, Length + values.Length));
        }
        values.CopyTo(_values.AsSpan(Length));
        Length += values.Length;
    }
}
