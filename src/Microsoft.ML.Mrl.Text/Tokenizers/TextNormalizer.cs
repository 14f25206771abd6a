namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>Rewrites a text before it is cut into words.</summary>
internal abstract class TextNormalizer
{
    /// <summary>Adds the rewritten text to the output.</summary>
    /// <param name="text">Valid UTF-16.</param>
    /// <param name="output">Where to add.</param>
    public abstract void Apply(ReadOnlySpan<char> text, CharBuffer output);
}
