using Microsoft.ML.Mrl.Text.Encoders.Transformers;
using Microsoft.ML.Mrl.Text.Encoders.Transformers.Tokenizers;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents a tokenizer that turns a text into the token ids that an encoder reads. This type is immutable and safe for concurrent use.
/// </summary>
/// <remarks>
/// The tokens are those of the Python library tokenizers, except for characters whose Unicode properties differ between the Unicode
/// versions of .NET and of that library.
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

    /// <summary>Gets the padding id of shorter texts of a batch.</summary>
    internal int PadId { get; init; }

    /// <summary>Gets a value indicating whether a text that is too long loses its first tokens, and not its last.</summary>
    internal bool TruncatesLeft { get; init; }

    /// <summary>Loads a tokenizer from a file or a folder.</summary>
    /// <param name="path">
    /// The path of a <c>tokenizer.json</c> of the tokenizers library, a <c>vocab.txt</c> (WordPiece), a <c>vocab.json</c> with its
    /// <c>merges.txt</c> beside it (byte-level BPE), or a sentencepiece model, or the path of a folder that holds one of them. Settings in
    /// a <c>tokenizer_config.json</c> beside the file are used.
    /// </param>
    /// <exception cref="ArgumentException"><paramref name="path"/> is empty.</exception>
    /// <exception cref="IOException">The file or folder is missing, or the folder holds no tokenizer.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or is not a tokenizer.</exception>
    /// <exception cref="NotSupportedException">The tokenizer uses a part that is not supported. The message names it.</exception>
    public static TextTokenizer Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return TextTokenizerReader.Read(TextTokenizerReader.Files(path), "", modelType: null);
    }

    /// <summary>Loads a tokenizer from a stream that holds a <c>tokenizer.json</c>, a <c>vocab.txt</c> or a sentencepiece model.</summary>
    /// <param name="stream">The stream. It is read to its end and left open.</param>
    /// <exception cref="ArgumentNullException"><paramref name="stream"/> is <see langword="null"/>.</exception>
    /// <exception cref="InvalidDataException">The stream is damaged, or holds no tokenizer.</exception>
    /// <exception cref="NotSupportedException">The tokenizer uses a part that is not supported. The message names it.</exception>
    public static TextTokenizer Load(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return TextTokenizerReader.Read(TextTokenizerReader.Files(stream), "", modelType: null);
    }

    /// <summary>Returns the token ids of a text, including special tokens.</summary>
    /// <param name="text">The text.</param>
    /// <param name="maxLength">
    /// The maximum number of ids, at least the number of special tokens. A longer text loses its last tokens, or its first ones if the
    /// tokenizer's file says so, but never the special tokens. By default, there is no limit.
    /// </param>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxLength"/> leaves no room for the special tokens.</exception>
    /// <exception cref="TimeoutException">A regular expression of the tokenizer does not finish on the text within seconds.</exception>
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

    /// <summary>Adds the special tokens to ids.</summary>
    internal int[] Surround(ReadOnlySpan<int> ids) => [.. _before, .. ids, .. _after];

    /// <summary>Determines whether a token is a special token or the padding token.</summary>
    internal virtual bool IsSpecial(int id) => id == PadId || Array.IndexOf(_before, id) >= 0 || Array.IndexOf(_after, id) >= 0;

    /// <summary>Returns the tokenizer as a <c>tokenizer.json</c> without truncation, in which words get the ids after its own.</summary>
    /// <exception cref="NotSupportedException">The files of the tokenizer do not describe it completely.</exception>
    internal virtual byte[] ToJson(IReadOnlyList<string> words) => throw new NotSupportedException(
        "The encoder's tokenizer is not one that can be written as a tokenizer.json. Save it as tokenizer.json in Python first.");

    /// <summary>Passes on the words of a text that consist of several tokens and may get their own id.</summary>
    internal virtual void ReadWords(string text, Action<string> take)
    {
    }

    /// <summary>Appends the ids of the text, without special tokens.</summary>
    private protected abstract void Append(string text, List<int> ids);
}
