namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>Cuts a piece of text into smaller ones, and may rewrite them: a pre-tokenizer of the tokenizers library.</summary>
internal abstract class PreTokenizer
{
    /// <param name="text">Valid UTF-16, one character or more.</param>
    /// <param name="isStart">Whether it stands at the very start of the text.</param>
    /// <param name="next">Takes the words, none of which is empty.</param>
    public abstract void Split(ReadOnlySpan<char> text, bool isStart, WordReceiver next);

    /// <summary>Connects steps, and returns the receiver of the first one.</summary>
    public static WordReceiver Chain(IReadOnlyList<PreTokenizer> steps, WordReceiver last)
    {
        for (int i = steps.Count - 1; i >= 0; i--)
        {
            last = new Link(steps[i], last);
        }
        return last;
    }

    private sealed class Link(PreTokenizer step, WordReceiver next) : WordReceiver(next.Time)
    {
        public override void Take(ReadOnlySpan<char> word, bool isStart) => step.Split(word, isStart, next);
    }
}

/// <summary>Receives the words of a text, in order.</summary>
/// <param name="time">The time that regular expressions have for the text.</param>
internal abstract class WordReceiver(MatchTime time)
{
    /// <summary>Gets the time that regular expressions have for the text.</summary>
    public MatchTime Time => time;

    /// <param name="word">The word, as the step before it left it.</param>
    /// <param name="isStart">Whether it stands at the very start of the text.</param>
    public abstract void Take(ReadOnlySpan<char> word, bool isStart);
}
