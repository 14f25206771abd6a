namespace Microsoft.ML.Mrl.Text.Tokenizers;

/// <summary>How a byte-pair model treats words, as its <c>tokenizer.json</c> names it.</summary>
internal sealed record BytePairOptions
{
    /// <summary>Stands for characters that are in no token; <see langword="null"/>: they are left out.</summary>
    public string? UnknownToken { get; init; }

    /// <summary>What a token that does not begin a word begins with.</summary>
    public string ContinuationPrefix { get; init; } = "";

    /// <summary>What a token that ends a word ends with.</summary>
    public string EndSuffix { get; init; } = "";

    /// <summary>Whether neighbouring unknown characters are one unknown token.</summary>
    public bool FusesUnknown { get; init; }

    /// <summary>Whether the bytes of an unknown character take tokens such as &lt;0x0A&gt;.</summary>
    public bool FallsBackToBytes { get; init; }

    /// <summary>Whether a word that is a token stays one, whatever its merges are.</summary>
    public bool PrefersWholeWords { get; init; }
}
