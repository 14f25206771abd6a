namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>Decomposes characters and takes their nonspacing marks off, in any globalization mode.</summary>
internal sealed class DecomposingAccentStripper : TextNormalizer
{
    public override void Apply(ReadOnlySpan<char> text, CharBuffer output) => AccentTable.Strip(text, output);
}
