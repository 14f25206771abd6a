using System.Globalization;
using System.Text;

namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>
/// sentencepiece's map of characters as the tokenizers library applies it: a grapheme of fewer than 6 bytes as a whole, by the shortest
/// sequence that it begins with, and others character by character. sentencepiece itself takes the longest sequence, at every place.
/// </summary>
/// <remarks>Graphemes are those of .NET (Unicode Standard Annex 29), whose version of Unicode may be another than that of the tokenizers
/// library.</remarks>
internal sealed class PrecompiledNormalizer(CharacterMap map) : TextNormalizer
{
    private const int MaxWholeLength = 6;

    public override void Apply(ReadOnlySpan<char> text, CharBuffer output)
    {
        Span<byte> bytes = stackalloc byte[32];
        Span<char> units = stackalloc char[2];
        while (!text.IsEmpty)
        {
            ReadOnlySpan<char> grapheme = text[..StringInfo.GetNextTextElementLength(text)];
            text = text[grapheme.Length..];
            if (grapheme.Length >= MaxWholeLength || !TryAdd(grapheme, bytes, output))
            {
                foreach (Rune c in grapheme.EnumerateRunes())
                {
                    ReadOnlySpan<char> character = units[..c.EncodeToUtf16(units)];
                    if (!TryAdd(character, bytes, output))
                    {
                        output.Add(character);
                    }
                }
            }
        }
    }

    private bool TryAdd(ReadOnlySpan<char> chunk, Span<byte> bytes, CharBuffer output)
    {
        int length = Encoding.UTF8.GetBytes(chunk, bytes);
        if (length >= MaxWholeLength || !map.TryFind(bytes[..length], wantsLongest: false, out _, out ReadOnlySpan<byte> text))
        {
            return false;
        }
        output.Add(Encoding.UTF8.GetString(text));
        return true;
    }
}
