namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>Represents a buffer of characters whose memory is reused.</summary>
/// <param name="time">
/// The time that regular expressions have for the text that is rewritten; that of an empty text where it is not given.
/// </param>
/// <param name="source">The path of the tokenizer's file, for messages.</param>
internal sealed class CharBuffer(MatchTime? time = null, string? source = null)
{
    // The longest form that Unicode has for one character is of 18.
    private const int FreeLength = 1 << 16, MaxGrowth = 100;

    private readonly long _longest = time is null ? Array.MaxLength : FreeLength + ((long)MaxGrowth * time.Characters);
    private char[] _values = new char[256];

    public MatchTime Time => time ??= new MatchTime(0);

    public string? Source => source;

    public int Length { get; private set; }

    public ReadOnlySpan<char> Written => _values.AsSpan(0, Length);

    public void Clear() => Length = 0;

    public void Add(char value)
    {
        if (Length == _values.Length)
        {
            Check(1);
            Array.Resize(ref _values, (int)Math.Min(Length * 2L, Array.MaxLength));
        }
        _values[Length++] = value;
    }

    public void Add(ReadOnlySpan<char> values)
    {
        if (Length + values.Length > _values.Length)
        {
            Check(values.Length);
            Array.Resize(ref _values, (int)Math.Min(Math.Max(_values.Length * 2L, Length + values.Length), Array.MaxLength));
        }
        values.CopyTo(_values.AsSpan(Length));
        Length += values.Length;
    }

    /// <summary>Rules of a file may put any number of characters in the place of one, again and again.</summary>
    private void Check(int more)
    {
        if (Length + (long)more > _longest)
        {
            throw new InvalidDataException(
                $"The normalizer of {(source is null ? "the tokenizer" : $"'{source}'")} makes more than {_longest} characters of a text " +
                $"of {time?.Characters}. None needs so many: the file is damaged, or was made to fill the memory.");
        }
    }
}
