using System.Globalization;
using System.Text;

namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>
/// GPT-2's character for each byte: itself if it is visible, and otherwise one from U+0100 on. A space is Ġ, a line feed Ċ.
/// </summary>
internal static class ByteAlphabet
{
    private static readonly char[] Characters = Make();

    /// <summary>Adds a character for each UTF-8 byte of a text.</summary>
    /// <param name="text">Valid UTF-16.</param>
    /// <param name="output">Where to add.</param>
    public static void Write(ReadOnlySpan<char> text, CharBuffer output)
    {
        Span<byte> bytes = stackalloc byte[4];
        foreach (Rune c in text.EnumerateRunes())
        {
            foreach (byte value in bytes[..c.EncodeToUtf8(bytes)])
            {
                output.Add(Of(value));
            }
        }
    }

    /// <summary>Returns the character of a byte.</summary>
    public static char Of(byte value) => Characters[value];

    private static char[] Make()
    {
        var characters = new char[256];
        char next = (char)256;
        for (int value = 0; value < characters.Length; value++)
        {
            characters[value] = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or >= 0xAE ? (char)value : next++;
        }
        return characters;
    }
}

/// <summary>Finds the tokens that stand for single bytes: &lt;0x00&gt; to &lt;0xFF&gt;.</summary>
internal static class ByteTokens
{
    /// <summary>Returns the tokens of a text's UTF-8 bytes, or <see langword="null"/> if one is not in the vocabulary.</summary>
    public static int[]? TryFind(TokenVocabulary vocabulary, ReadOnlySpan<char> text)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, bytes);
        int[] ids = Array.ConvertAll(bytes, b => vocabulary.Find(Name(b)));
        return Array.TrueForAll(ids, id => id >= 0) ? ids : null;
    }

    public static string Name(byte value) => string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>");
}
