namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>Turns one word into tokens.</summary>
internal abstract class WordModel
{
    /// <summary>The token that stands for unknown words, as the tokenizer's file names it; null where it names none.</summary>
    public abstract string? UnknownToken { get; }

    public abstract void Encode(ReadOnlySpan<char> word, ITokenSink sink);
}
