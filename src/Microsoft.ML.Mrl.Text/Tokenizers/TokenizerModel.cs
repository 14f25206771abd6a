namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>Turns one word into tokens.</summary>
internal abstract class TokenizerModel
{
    /// <summary>Gets the token that stands for unknown words, as the tokenizer's file names it, or null if it names none.</summary>
    public abstract string? UnknownToken { get; }

    public abstract void Encode(ReadOnlySpan<char> word, ITokenSink sink);
}

/// <summary>Receives the tokens of a text, in order.</summary>
internal interface ITokenSink
{
    /// <summary>Receives a token of the vocabulary.</summary>
    void Add(int id);

    /// <summary>Receives a word, in its normalized form, that has no tokens in the vocabulary.</summary>
    void AddUnknown(ReadOnlySpan<char> word);
}

/// <summary>Encodes a word as one token.</summary>
internal sealed class WordLevelModel(TokenVocabulary vocabulary, string? unknownToken) : TokenizerModel
{
    public override string? UnknownToken => unknownToken;

    public override void Encode(ReadOnlySpan<char> word, ITokenSink sink)
    {
        int id = vocabulary.Find(word);
        if (id >= 0)
        {
            sink.Add(id);
        }
        else
        {
            sink.AddUnknown(word);
        }
    }
}
