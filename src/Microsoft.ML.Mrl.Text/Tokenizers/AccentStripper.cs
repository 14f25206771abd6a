using System.Text;

namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>Removes marks of all kinds. A letter that is one character with its accent keeps it unless it was decomposed before.</summary>
internal sealed class AccentStripper : TextNormalizer
{
    public override void Apply(ReadOnlySpan<char> text, CharBuffer output)
    {
        Span<char> units = stackalloc char[2];
        foreach (Rune c in text.EnumerateRunes())
        {
            if (!UnicodeTables.IsMark(c.Value))
            {
                output.Add(units[..c.EncodeToUtf16(units)]);
            }
        }
    }
}

/// <summary>Decomposes characters and removes marks of all kinds, in any globalization mode.</summary>
internal sealed class DecomposingAccentStripper : TextNormalizer
{
    private static readonly AccentStripper s_marks = new();

    public override void Apply(ReadOnlySpan<char> text, CharBuffer output)
    {
        var bare = new CharBuffer();
        AccentTable.Strip(text, bare);
        s_marks.Apply(bare.Written, output);
    }
}
