namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>Cuts by the kind of each character.</summary>
internal sealed class KindStep(WordSplitter splitter) : WordStep
{
    public override void Split(ReadOnlySpan<char> text, bool isStart, WordReceiver next)
    {
        int position = 0;
        while (splitter.Next(text, ref position, out ReadOnlySpan<char> word))
        {
            next.Take(word, isStart && position == word.Length);
        }
    }
}
