using System.Text;

namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>GPT-2's character for each byte: itself where it can be seen, and otherwise one from U+0100 on. A blank is Ġ, a line feed Ċ.</summary>
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
                output.Add(Characters[value]);
            }
        }
    }

    /// <summary>The character of a byte.</summary>
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
