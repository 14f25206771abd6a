using System.Globalization;
using System.Text;

namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>Takes marks of all kinds off; a letter that is one character with its accent keeps it, unless it was decomposed
/// before.</summary>
internal sealed class AccentStripper : TextNormalizer
{
    public override void Apply(ReadOnlySpan<char> text, CharBuffer output)
    {
        Span<char> units = stackalloc char[2];
        foreach (Rune c in text.EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(c) is not
                (UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark))
            {
                output.Add(units[..c.EncodeToUtf16(units)]);
            }
        }
    }
}

/// <summary>Decomposes characters and takes their nonspacing marks off, in any globalization mode.</summary>
internal sealed class DecomposingAccentStripper : TextNormalizer
{
    public override void Apply(ReadOnlySpan<char> text, CharBuffer output) => AccentTable.Strip(text, output);
}
