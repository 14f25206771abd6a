namespace Microsoft.ML.Mrl.Text;

/// <summary>Which encoder a model applies.</summary>
internal static class AppliedEncoder
{
    /// <summary>The one encoder of a model, in one step or in several.</summary>
    /// <exception cref="ArgumentException">There is none, or there are different ones.</exception>
    public static TextEncoder In(ITransformer model)
    {
        TextEncoder[] encoders = [.. All(model).DistinctBy(e => e.Fingerprint)];
        return encoders.Length switch
        {
            1 => encoders[0],
            0 => throw new ArgumentException("The model applies no text encoder. Give a model that MrlFineTuneEncoder or EncodeText made.", nameof(model)),
            _ => throw new ArgumentException(
                $"The model applies {encoders.Length} different text encoders ({string.Join(", ", encoders.Select(e => $"{e.Fingerprint}: {e.Dimensions} values"))}). " +
                $"Give the {nameof(EncodeTextTransformer)} that is meant.", nameof(model)),
        };
    }

    private static IEnumerable<TextEncoder> All(ITransformer model) => model switch
    {
        EncodeTextTransformer transformer => [transformer.Encoder],
        IEnumerable<ITransformer> chain => chain.SelectMany(All),
        _ => [],
    };
}
