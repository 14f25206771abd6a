namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>Takes the words of a text, in order.</summary>
internal abstract class WordReceiver
{
    /// <param name="word">The word, as the step before it left it.</param>
    /// <param name="isStart">Whether it stands at the very start of the text.</param>
    public abstract void Take(ReadOnlySpan<char> word, bool isStart);
}
