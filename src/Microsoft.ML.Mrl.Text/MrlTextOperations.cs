using Microsoft.ML.Mrl.Text;

namespace Microsoft.ML.Mrl;

/// <summary>Adds what concerns text encoders to <see cref="MrlOperations"/>.</summary>
public static class MrlTextOperations
{
    /// <summary>Finds the text encoder that a model applies.</summary>
    /// <param name="operations">The operations, as <see cref="MrlCatalog.Mrl"/> returns them.</param>
    /// <param name="model">A fitted pipeline, or an <see cref="EncodeTextTransformer"/>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="operations"/> or <paramref name="model"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">The model applies no encoder, or different ones.</exception>
    public static TextEncoder FindEncoder(this MrlOperations operations, ITransformer model)
    {
        ArgumentNullException.ThrowIfNull(operations);
        ArgumentNullException.ThrowIfNull(model);
        return AppliedEncoder.In(model);
    }
}
