using System.Text;

namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>
/// BERT's rewriting, in the order in which the tokenizers library applies it: controls out, spaces around ideographs, accents off, lower
/// case.
/// </summary>
internal sealed class BertNormalizer(bool cleansText, bool partsIdeographs, bool stripsAccents, bool lowerCase) : TextNormalizer
{
    private const int Replacement = 0xFFFD;

    public override bool LowersCase => lowerCase;

    public override void Apply(ReadOnlySpan<char> text, CharBuffer output)
    {
        if (!Ascii.IsValid(text))
        {
            var clean = new CharBuffer();
            foreach (Rune c in text.EnumerateRunes())
            {
                AddCleaned(c, clean);
            }
            if (stripsAccents)
            {
                var bare = new CharBuffer();
                AccentTable.Strip(clean.Written, bare);
                clean = bare;
            }
            LowercaseNormalizer.Add(clean.Written, output, lowerCase);
            return;
        }
        foreach (char c in text)
        {
            char kept = c;
            if (cleansText && c < ' ')
            {
                if (c is not ('\t' or '\n' or '\r'))
                {
                    continue;
                }
                kept = ' ';
            }
            else if (cleansText && c == 127)
            {
                continue;
            }
            output.Add(lowerCase ? char.ToLowerInvariant(kept) : kept);
        }
    }

    private void AddCleaned(Rune c, CharBuffer output)
    {
        if (cleansText)
        {
            if (c.Value is 0 or Replacement || IsControl(c))
            {
                return;
            }
            if (Rune.IsWhiteSpace(c))
            {
                output.Add(' ');
                return;
            }
        }
        bool parted = partsIdeographs && IsIdeograph(c.Value);
        if (parted)
        {
            output.Add(' ');
        }
        Span<char> units = stackalloc char[2];
        output.Add(units[..c.EncodeToUtf16(units)]);
        if (parted)
        {
            output.Add(' ');
        }
    }

    private static bool IsControl(Rune c) => c.Value is not ('\t' or '\n' or '\r') && UnicodeTables.IsOther(c.Value);

    private static bool IsIdeograph(int c) => c is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF)
        or (>= 0x2A700 and <= 0x2B73F)
        or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B920 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);
}
