using System.Text;

namespace Microsoft.ML.Mrl.Tests.Text.Tokenizers;

/// <summary>Texts that find what a tokenizer gets wrong: blanks of all kinds, marks, emoji, letters beyond the Basic Multilingual Plane,
/// halves of surrogate pairs.</summary>
internal static class RandomText
{
    private static readonly string[] Pieces =
    [
        "a", "b", "c", "e", "s", "t", "A", "B", "1", "23", "½", " ", " ", "  ", "\t", "\n", "\r\n", "\u00A0", "\u3000", ".", ",", "-", "'s",
        "'ll", "'S", "'", "é", "e\u0301", "\u0308", "中", "の", "ж",
        "😀", "👍🏽", "👨‍👩‍👧", "𝔘", "𐌰", "𝟗", "\u200B", "\u200D", "\uFFFD", "\0", "\u2581", "ﬁ", "①", "ab", "abc", "the", "ing",
    ];

    public static string Of(Random random, int most, bool withHalves = false)
    {
        var text = new StringBuilder();
        for (int left = random.Next(most + 1); left > 0; left--)
        {
            text.Append(
                withHalves && random.Next(12) == 0 ? random.Next(2) == 0 ? "\uD83D" : "\uDC4D" : Pieces[random.Next(Pieces.Length)]);
        }
        return text.ToString();
    }

    /// <summary>The text with U+FFFD for each half of a surrogate pair.</summary>
    public static string Repaired(string text) => string.Concat(text.EnumerateRunes().Select(c => c.ToString()));
}
