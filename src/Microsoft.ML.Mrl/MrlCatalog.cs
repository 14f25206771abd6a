using Microsoft.ML.Mrl;

namespace Microsoft.ML;

/// <summary>Extension methods by which ML.NET's contexts and catalogs reach the Matryoshka components.</summary>
public static class MrlCatalog
{
    /// <summary>What Matryoshka embeddings need that is not a transform: evaluation at every dimension.</summary>
    /// <param name="mlContext">The context.</param>
    /// <exception cref="ArgumentNullException"><paramref name="mlContext"/> is <see langword="null"/>.</exception>
    public static MrlOperations Mrl(this MLContext mlContext) => new(mlContext);
}
