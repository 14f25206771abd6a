using Microsoft.ML.Mrl.Text.Tokenizers;

namespace Microsoft.ML.Mrl.Text.Encoders.Transformers.Tokenizers;

/// <summary>Represents how a WordPiece tokenizer changes text before it looks up pieces.</summary>
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

    /// <summary>Gets the prefix of pieces that do not begin a word.</summary>
    public string ContinuationPrefix { get; init; } = "##";

    /// <summary>Gets the maximum number of characters of a word. Longer words are unknown.</summary>
    public int MaxWordLength { get; init; } = 100;

    /// <summary>Gets the tokens that are found in the text itself. Tokens that are not in the vocabulary get the ids after it.</summary>
    public IReadOnlyList<AddedToken> AddedTokens { get; init; } =
        [.. s_usual.Select(AddedToken.Special)];

    /// <summary>Gets a value indicating whether texts are converted to lower case first, whatever <see cref="LowerCase"/> says.</summary>
    public bool LowersFirst { get; init; }
}
