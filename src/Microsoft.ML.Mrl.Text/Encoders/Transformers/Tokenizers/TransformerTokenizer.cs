namespace Microsoft.ML.Mrl.Text.Encoders.Transformers.Tokenizers;

/// <summary>Turns a text into the token ids that an encoder takes. Immutable and safe for concurrent use.</summary>
internal abstract class TransformerTokenizer
{
    /// <summary>Every text has two special tokens, one first and one last.</summary>
    public const int SpecialTokens = 2;

    /// <summary>The largest id plus one.</summary>
    public abstract int Count { get; }

    /// <summary>The token ids of a text: the first special token, the text's own, the last special token.</summary>
    /// <param name="text">The text.</param>
    /// <param name="longest">The most ids in all, at least 2; the text's last tokens are left out, the special tokens never.</param>
    public int[] Encode(string text, int longest)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(longest, SpecialTokens);
        var ids = new List<int> { FirstId };
        Append(text, ids);
        if (ids.Count > longest - 1)
        {
            ids.RemoveRange(longest - 1, ids.Count - longest + 1);
        }
        ids.Add(LastId);
        return [.. ids];
    }

    private protected abstract int FirstId { get; }

    private protected abstract int LastId { get; }

    /// <summary>Adds the text's ids.</summary>
    private protected abstract void Append(string text, List<int> ids);
}
