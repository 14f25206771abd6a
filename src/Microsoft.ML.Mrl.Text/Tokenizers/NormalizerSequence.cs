namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>One rewriting after another.</summary>
internal sealed class NormalizerSequence(TextNormalizer[] steps) : TextNormalizer
{
    public override void Apply(ReadOnlySpan<char> text, CharBuffer output)
    {
        ReadOnlySpan<char> current = text;
        foreach (TextNormalizer step in steps)
        {
            var next = new CharBuffer();
            step.Apply(current, next);
            current = next.Written;
        }
        output.Add(current);
    }
}
