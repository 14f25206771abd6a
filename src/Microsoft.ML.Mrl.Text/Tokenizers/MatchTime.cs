using System.Diagnostics;

namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>Represents the time that all regular expressions of a tokenizer may take for one text.</summary>
/// <param name="characters">The length of the text.</param>
/// <param name="limit">The time, or <see langword="null"/> for 10 seconds and one more for each 100,000 characters.</param>
internal sealed class MatchTime(int characters, TimeSpan? limit = null)
{
    /// <summary>How long the search for a single match may take.</summary>
    public static readonly TimeSpan OfOneMatch = TimeSpan.FromSeconds(10);

    private const double SecondsByCharacter = 1e-5;

    private readonly Stopwatch _watch = new();
    private readonly TimeSpan _limit = limit ?? OfOneMatch + TimeSpan.FromSeconds(SecondsByCharacter * characters);

    public int Characters => characters;

    public TimeSpan Elapsed => _watch.Elapsed;

    public bool IsUp => _watch.Elapsed > _limit;

    public void Start() => _watch.Start();

    public void Stop() => _watch.Stop();
}
