using System.Buffers;
using System.Text;

namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>
/// Converts every character to lower case, whatever the culture. İ is the only character that becomes two, i and a dot above, as in
/// Unicode.
/// </summary>
internal sealed class LowercaseNormalizer : TextNormalizer
{
    public override bool LowersCase => true;

    public override void Apply(ReadOnlySpan<char> text, CharBuffer output) => Add(text, output, lowers: true);

    /// <summary>Adds a text in lower case, or as it is.</summary>
    public static void Add(ReadOnlySpan<char> text, CharBuffer output, bool lowers)
    {
        if (!lowers)
        {
            output.Add(text);
            return;
        }
        Span<char> units = stackalloc char[2];
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\u0130')
            {
                output.Add("i\u0307");
            }
            else if (char.IsHighSurrogate(text[i]) && Rune.DecodeFromUtf16(text[i..], out Rune c, out _) == OperationStatus.Done)
            {
                output.Add(units[..Rune.ToLowerInvariant(c).EncodeToUtf16(units)]);
                i++;
            }
            else
            {
                output.Add(char.ToLowerInvariant(text[i]));
            }
        }
    }
}
