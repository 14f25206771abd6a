using Microsoft.ML.Mrl.Text.Encoders.Transformers;
using Microsoft.ML.Mrl.Text.Encoders.Transformers.Tokenizers;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents a tokenizer that turns a text into the token ids that an encoder takes. Immutable and safe for concurrent use.
/// </summary>
/// <remarks>
/// Tokens are those of the Python library tokenizers, but for characters whose Unicode properties differ between .NET's version of Unicode
/// and its own.
/// </remarks>
public abstract class TextTokenizer
{
    private readonly int[] _before;
    private readonly int[] _after;

    /// <param name="before">The special tokens before every text.</param>
    /// <param name="after">The special tokens after it.</param>
    private protected TextTokenizer(int[] before, int[] after)
    {
        _before = before;
        _after = after;
    }

    /// <summary>Gets the number of token ids, which is the largest id plus one.</summary>
    public abstract int VocabularySize { get; }

    /// <summary>Gets the number of special tokens that are added to every text.</summary>
    internal int SpecialTokens => _before.Length + _after.Length;

    /// <summary>The id that fills up the shorter texts of a batch.</summary>
    internal int PadId { get; init; }

    /// <summary>Whether a text that is too long loses its first tokens, and not its last.</summary>
    internal bool TruncatesLeft { get; init; }

    /// <summary>Loads a tokenizer from a file or a folder.</summary>
    /// <param name="path">
    /// A <c>tokenizer.json</c> of the tokenizers library, a <c>vocab.txt</c> (WordPiece), a <c>vocab.json</c> with its <c>merges.txt</c>
    /// beside it (byte-level BPE), a sentencepiece model, or a folder that holds one of them. Settings in a <c>tokenizer_config.json</c>
    /// beside the file are honored.
    /// </param>
    /// <exception cref="ArgumentException"><paramref name="path"/> is empty.</exception>
    /// <exception cref="IOException">The file or folder is missing, or the folder holds no tokenizer.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or is not a tokenizer.</exception>
    /// <exception cref="NotSupportedException">The tokenizer uses a part that this library does not know; the message names it.</exception>
    public static TextTokenizer Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return TextTokenizerReader.Read(TextTokenizerReader.Files(path), "", modelType: null);
    }

    /// <summary>Loads a tokenizer from a stream that holds a <c>tokenizer.json</c>, a <c>vocab.txt</c> or a sentencepiece model.</summary>
    /// <param name="stream">The stream; it is read to its end and left open.</param>
    /// <exception cref="ArgumentNullException"><paramref name="stream"/> is <see langword="null"/>.</exception>
    /// <exception cref="InvalidDataException">The stream is damaged, or holds no tokenizer.</exception>
    /// <exception cref="NotSupportedException">The tokenizer uses a part that this library does not know; the message names it.</exception>
    public static TextTokenizer Load(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return TextTokenizerReader.Read(TextTokenizerReader.Files(stream), "", modelType: null);
    }

    /// <summary>Returns the token ids of a text, special tokens included.</summary>
    /// <param name="text">The text.</param>
    /// <param name="maxLength">
    /// The largest number of ids, at least the number of special tokens. A longer text loses its last tokens, or its first ones where the
    /// tokenizer's file says so; it never loses the special tokens. The default is no limit.
    /// </param>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxLength"/> leaves no room for the special tokens.</exception>
    /// <exception cref="TimeoutException">A regular expression of the tokenizer does not come to an end on a text within
    /// seconds.</exception>
    /// <exception cref="InvalidDataException">The tokenizer's normalizer makes far more of a text than any needs.</exception>
    public int[] Encode(string text, int maxLength = int.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, SpecialTokens);
        var ids = new List<int>(_before);
        Append(text, ids);
        int extra = ids.Count - _before.Length - (maxLength - SpecialTokens);
        if (extra > 0)
        {
            ids.RemoveRange(TruncatesLeft ? _before.Length : ids.Count - extra, extra);
        }
        ids.AddRange(_after);
        return [.. ids];
    }

    /// <summary>The ids with the special tokens around them.</summary>
    internal int[] Surround(ReadOnlySpan<int> ids) => [.. _before, .. ids, .. _after];

    /// <summary>Whether a token stands around texts or fills them up.</summary>
    internal virtual bool IsSpecial(int id) => id == PadId || Array.IndexOf(_before, id) >= 0 || Array.IndexOf(_after, id) >= 0;

    /// <summary>
    /// The tokenizer as a <c>tokenizer.json</c> without truncation, in which words get the ids behind its own.
    /// </summary>
    /// <exception cref="NotSupportedException">It comes of files that say less.</exception>
    internal virtual byte[] ToJson(IReadOnlyList<string> words) => throw new NotSupportedException(
        "The encoder's tokenizer is not one that can be written as a tokenizer.json. Save it as tokenizer.json in Python first.");

    /// <summary>Hands on the words of a text that are several tokens, and may have an id of their own.</summary>
    internal virtual void ReadWords(string text, Action<string> take)
    {
    }

    /// <summary>Adds the text's own ids.</summary>
    private protected abstract void Append(string text, List<int> ids);
}
