namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>Takes the tokens of a text, in order.</summary>
internal interface ITokenSink
{
    /// <summary>A token of the vocabulary.</summary>
    void Add(int id);

    /// <summary>A word, or a word's normalised form, that the vocabulary has no tokens for.</summary>
    void AddUnknown(ReadOnlySpan<char> word);
}
