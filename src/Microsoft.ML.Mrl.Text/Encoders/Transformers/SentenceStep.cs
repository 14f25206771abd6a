namespace Microsoft.ML.Mrl.Text.Encoders.Transformers;

/// <summary>Something that is done to a pooled vector.</summary>
internal abstract record SentenceStep
{
    /// <summary>x / max(|x|, 1e-12).</summary>
    public static SentenceStep Normalize { get; } = new NormalizeStep();

    private sealed record NormalizeStep : SentenceStep;
}
