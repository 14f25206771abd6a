namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>A rewriting that is a function of strings: normal forms, trimming, replacements.</summary>
internal sealed class MappedNormalizer(Func<string, string> map) : TextNormalizer
{
    public override void Apply(ReadOnlySpan<char> text, CharBuffer output) => output.Add(map(text.ToString()));
}
