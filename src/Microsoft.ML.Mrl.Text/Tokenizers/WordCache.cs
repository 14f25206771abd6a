namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>Remembers the tokens of words that were cut lately, since most words of a text are a few that come again.</summary>
/// <remarks>
/// A table of fixed size in which a word takes the place of another one; places are replaced whole, so that any number of threads may read
/// and write.
/// </remarks>
/// <param name="model">Cuts words.</param>
internal sealed class WordCache(TokenizerModel model) : TokenizerModel
{
    private const int Places = 1 << 13;
    private const int MaxLength = 64;

    private readonly Entry?[] _entries = new Entry?[Places];

    public override string? UnknownToken => model.UnknownToken;

    public override void Encode(ReadOnlySpan<char> word, ITokenSink sink)
    {
        if (word.Length > MaxLength)
        {
            model.Encode(word, sink);
            return;
        }
        ref Entry? place = ref _entries[string.GetHashCode(word) & (Places - 1)];
        if (Volatile.Read(ref place) is { } entry && word.SequenceEqual(entry.Word))
        {
            foreach ((int id, string? unknown) in entry.Tokens)
            {
                if (unknown is null)
                {
                    sink.Add(id);
                }
                else
                {
                    sink.AddUnknown(unknown);
                }
            }
            return;
        }
        var recorder = new Recorder(sink);
        model.Encode(word, recorder);
        Volatile.Write(ref place, new Entry(word.ToString(), [.. recorder.Tokens]));
    }

    private sealed record Entry(string Word, (int Id, string? Unknown)[] Tokens);

    /// <summary>Hands tokens on and keeps them.</summary>
    private sealed class Recorder(ITokenSink sink) : ITokenSink
    {
        public List<(int Id, string? Unknown)> Tokens { get; } = [];

        public void Add(int id)
        {
            Tokens.Add((id, null));
            sink.Add(id);
        }

        public void AddUnknown(ReadOnlySpan<char> word)
        {
            Tokens.Add((-1, word.ToString()));
            sink.AddUnknown(word);
        }
    }
}
