namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>Writes a mark such as ▁ for each space, puts one before the text, and cuts before each mark.</summary>
/// <param name="mark">The mark.</param>
/// <param name="adds">Which texts get a mark before them if they have none.</param>
/// <param name="cuts">Whether the text is cut, or stays one word.</param>
internal sealed class MetaspacePreTokenizer(char mark, MetaspacePreTokenizer.Prefix adds, bool cuts) : PreTokenizer
{
    public enum Prefix
    {
        Never,
        AtTheStart,
        Always,
    }

    public override void Split(ReadOnlySpan<char> text, bool isStart, WordReceiver next)
    {
        const int Few = 256;
        bool isPrefixed = (adds == Prefix.Always || (adds == Prefix.AtTheStart && isStart)) && text[0] != ' ' && text[0] != mark;
        int length = text.Length + (isPrefixed ? 1 : 0);
        Span<char> marked = length <= Few ? stackalloc char[Few] : new char[length];
        marked = marked[..length];
        if (isPrefixed)
        {
            marked[0] = mark;
        }
        text.Replace(isPrefixed ? marked[1..] : marked, ' ', mark);
        ReadOnlySpan<char> rest = marked;
        bool first = isStart;
        while (!rest.IsEmpty)
        {
            int end = cuts ? rest[1..].IndexOf(mark) + 1 : 0;
            ReadOnlySpan<char> word = end == 0 ? rest : rest[..end];
            next.Take(word, first);
            rest = rest[word.Length..];
            first = false;
        }
    }
}
