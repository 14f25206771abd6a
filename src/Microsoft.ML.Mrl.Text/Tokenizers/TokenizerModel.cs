namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>Turns one word into tokens.</summary>
internal abstract class TokenizerModel
{
    /// <summary>Gets the token that stands for unknown words, as the tokenizer's file names it, or null if it names none.</summary>
    public abstract string? UnknownToken { get; }

    public abstract void Encode(ReadOnlySpan<char> word, ITokenSink sink);
}

/// <summary>Takes the tokens of a text, in order.</summary>
internal interface ITokenSink
{
    /// <summary>A token of the vocabulary.</summary>
    void Add(int id);

    /// <summary>A word, or a word's normalised form, that the vocabulary has no tokens for.</summary>
    void AddUnknown(ReadOnlySpan<char> word);
}

/// <summary>A word is one token.</summary>
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
