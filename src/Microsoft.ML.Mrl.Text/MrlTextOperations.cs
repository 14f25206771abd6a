namespace Microsoft.ML.Mrl;

/// <summary>Provides extension methods that add operations on text encoders to <see cref="MrlOperations"/>.</summary>
public static class MrlTextOperations
{
    /// <summary>Returns the text encoder that a model applies.</summary>
    /// <param name="operations">The operations, as <see cref="MrlCatalog.Mrl"/> returns them.</param>
    /// <param name="model">A fitted pipeline, or an <see cref="EncodeTextTransformer"/>.</param>
    /// <exception cref="ArgumentNullException">
    /// <paramref name="operations"/> or <paramref name="model"/> is <see langword="null"/>.
    /// </exception>
    /// <exception cref="ArgumentException">The model applies no encoder, or several different ones.</exception>
    public static TextEncoder FindEncoder(this MrlOperations operations, ITransformer model)
    {
        ArgumentNullException.ThrowIfNull(operations);
        ArgumentNullException.ThrowIfNull(model);
        return OneOf(model);
    }

    /// <summary>Returns the one encoder of a model, in one step or in several.</summary>
    /// <exception cref="ArgumentException">There is none, or there are different ones.</exception>
    private static TextEncoder OneOf(ITransformer model)
    {
        TextEncoder[] encoders = [.. All(model).DistinctBy(e => e.Fingerprint)];
        return encoders.Length switch
        {
            1 => encoders[0],
            0 => throw new ArgumentException(
                "The model applies no text encoder. Give a model that MrlFineTuneEncoder or EncodeText made.", nameof(model)),
            _ => throw new ArgumentException(
                $"The model applies {encoders.Length} different text encoders " +
                    $"({string.Join(", ", encoders.Select(e => $"{e.Fingerprint}: {e.Dimensions} values"))}). " +
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
