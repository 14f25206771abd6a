namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>Rewrites a text before it is cut into words.</summary>
internal abstract class TextNormalizer
{
    /// <summary>Gets a value indicating whether texts come out in lower case.</summary>
    public virtual bool LowersCase => false;

    /// <summary>Adds the rewritten text to the output.</summary>
    /// <param name="text">Valid UTF-16.</param>
    /// <param name="output">Where to add.</param>
    public abstract void Apply(ReadOnlySpan<char> text, CharBuffer output);
}

/// <summary>Applies several normalizers in order.</summary>
internal sealed class NormalizerSequence(TextNormalizer[] steps) : TextNormalizer
{
    public override bool LowersCase => Array.Exists(steps, step => step.LowersCase);

    public override void Apply(ReadOnlySpan<char> text, CharBuffer output)
    {
        ReadOnlySpan<char> current = text;
        foreach (TextNormalizer step in steps)
        {
            var next = new CharBuffer(output.Time, output.Source);
            step.Apply(current, next);
            current = next.Written;
        }
        output.Add(current);
    }
}

/// <summary>Replaces the matches of an expression with a text.</summary>
internal sealed class ReplacingNormalizer(LimitedExpression pattern, string content) : TextNormalizer
{
    public override void Apply(ReadOnlySpan<char> text, CharBuffer output)
    {
        int done = 0;
        foreach ((int start, int end) in pattern.Matches(text, output.Time))
        {
            output.Add(text[done..start]);
            output.Add(content);
            done = end;
        }
        output.Add(text[done..]);
    }
}

/// <summary>Replaces a text by another one.</summary>
internal sealed class TextReplacingNormalizer(string pattern, string content) : TextNormalizer
{
    public override void Apply(ReadOnlySpan<char> text, CharBuffer output)
    {
        for (int at = text.IndexOf(pattern); at >= 0; at = text.IndexOf(pattern))
        {
            output.Add(text[..at]);
            output.Add(content);
            text = text[(at + pattern.Length)..];
        }
        output.Add(text);
    }
}

/// <summary>Applies a function of strings, such as a normal form or trimming.</summary>
internal sealed class MappedNormalizer(Func<string, string> map) : TextNormalizer
{
    public override void Apply(ReadOnlySpan<char> text, CharBuffer output) => output.Add(map(text.ToString()));
}
