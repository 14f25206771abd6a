namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>A word is one token.</summary>
internal sealed class WordLevelModel(TokenVocabulary vocabulary, string? unknownToken) : WordModel
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
