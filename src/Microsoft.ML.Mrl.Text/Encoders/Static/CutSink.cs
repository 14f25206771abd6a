using Microsoft.ML.Mrl.Text.Tokenizers;

namespace Microsoft.ML.Mrl.Text.Encoders.Static;

/// <summary>Collects the tokens of a text until it is known which of them are cut off.</summary>
internal sealed class CutSink : ITokenSink
{
    private readonly List<(int Id, string? Unknown)> _tokens = [];

    public void Add(int id) => _tokens.Add((id, null));

    public void AddUnknown(ReadOnlySpan<char> word) => _tokens.Add((-1, word.ToString()));

    /// <summary>Passes on the first or the last tokens.</summary>
    public void HandOn(ITokenSink sink, int most, bool keepsLast)
    {
        int start = keepsLast ? Math.Max(0, _tokens.Count - most) : 0;
        foreach ((int id, string? unknown) in _tokens.Skip(start).Take(most))
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
    }
}
