using Microsoft.ML.Mrl.Text.Tokenizers;

namespace Microsoft.ML.Mrl.Text.Encoders.Transformers.Tokenizers;

/// <summary>How a WordPiece tokenizer treats text before it looks up pieces.</summary>
internal sealed record WordPieceTokenizerOptions
{
    private static readonly string[] s_usual = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    /// <summary>Gets a value indicating whether text is lower-cased.</summary>
    public bool LowerCase { get; init; } = true;

    /// <summary>Gets a value indicating whether accents are removed.</summary>
    public bool StripAccents { get; init; } = true;

    /// <summary>Gets a value indicating whether each Chinese character is a word.</summary>
    public bool SplitChinese { get; init; } = true;

    public string FirstToken { get; init; } = "[CLS]";

    public string LastToken { get; init; } = "[SEP]";

    public string UnknownToken { get; init; } = "[UNK]";

    /// <summary>What marks a piece that does not begin a word.</summary>
    public string ContinuationPrefix { get; init; } = "##";

    /// <summary>A longer word, in characters, is unknown.</summary>
    public int MaxWordLength { get; init; } = 100;

    /// <summary>Tokens that are found in the text itself; those that the vocabulary lacks get the ids behind it.</summary>
    public IReadOnlyList<AddedToken> AddedTokens { get; init; } =
        [.. s_usual.Select(AddedToken.Special)];

    /// <summary>Gets a value indicating whether texts are converted to lower case first, whatever <see cref="LowerCase"/> says.</summary>
    public bool LowersFirst { get; init; }
}
