using Microsoft.ML.Mrl.Text.Tokenizers;

namespace Microsoft.ML.Mrl.Text.Encoders.Transformers.Tokenizers;

/// <summary>How a WordPiece tokenizer treats text before it looks up pieces.</summary>
internal sealed record WordPieceTokenizerOptions
{
    /// <summary>Whether text is lower-cased.</summary>
    public bool LowerCase { get; init; } = true;

    /// <summary>Whether accents are removed.</summary>
    public bool StripAccents { get; init; } = true;

    /// <summary>Whether each Chinese character is a word.</summary>
    public bool SplitChinese { get; init; } = true;

    public string FirstToken { get; init; } = "[CLS]";

    public string LastToken { get; init; } = "[SEP]";

    public string UnknownToken { get; init; } = "[UNK]";

    /// <summary>What marks a piece that does not begin a word.</summary>
    public string ContinuationPrefix { get; init; } = "##";

    /// <summary>A longer word, in characters, is unknown.</summary>
    public int MaxWordLength { get; init; } = 100;

    /// <summary>Tokens that are found in the text as they are, before anything else is done to it.</summary>
    public IReadOnlyCollection<string> SpecialTokens { get; init; } = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
}
