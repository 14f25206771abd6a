using Microsoft.Extensions.AI;
using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl;

/// <summary>Represents the options of a collection that finds by a short vector and ranks by the full one.</summary>
/// <remarks><c>AsMatryoshka</c> validates the options and reports everything that is wrong at once.</remarks>
public sealed class MatryoshkaCollectionOptions
{
    /// <summary>
    /// Gets the trained head that is applied to full vectors before they are cut, or <see langword="null"/>, the default, for a model whose
    /// vectors can be cut as they come.
    /// </summary>
    public EmbeddingHead? Head { get; init; }

    /// <summary>
    /// Gets the number of dimensions of the short vectors, at least 1, or <see langword="null"/>, the default, for the number in the
    /// <c>VectorStoreVector</c> attribute of the short property.
    /// </summary>
    public int? ShortDimensions { get; init; }

    /// <summary>
    /// Gets the number of candidates that are found by the short vectors for each requested result, at least 1. The default is 10.
    /// </summary>
    public double Oversampling { get; init; } = 10;

    /// <summary>Gets the minimum number of candidates of a search, at least 1. The default is 100.</summary>
    public int MinNumberOfCandidates { get; init; } = 100;

    /// <summary>
    /// Gets the name of the distance function by which candidates are ranked, one of the cosine, dot product and Euclidean functions of
    /// <c>DistanceFunction</c>, or <see langword="null"/>, the default, for the function in the <c>VectorStoreVector</c> attribute of the
    /// full property, or cosine similarity if it has none.
    /// </summary>
    public string? DistanceFunction { get; init; }

    /// <summary>
    /// Gets the generator of the full vectors of texts that are searched for, or <see langword="null"/>, the default, if all searches are
    /// for vectors.
    /// </summary>
    public IEmbeddingGenerator<string, Embedding<float>>? EmbeddingGenerator { get; init; }

    /// <exception cref="ArgumentException">An option is invalid. The message lists every problem.</exception>
    internal void Check(string parameterName) => OptionProblems.ThrowIfAny(Problems(), nameof(MatryoshkaCollectionOptions), parameterName);

    private IEnumerable<string> Problems()
    {
        if (ShortDimensions < 1)
        {
            yield return $"{nameof(ShortDimensions)} is {ShortDimensions}; choose 1 or more.";
        }
        if (Head is not null && ShortDimensions > Head.OutputDimensions)
        {
            yield return $"{nameof(ShortDimensions)} is {ShortDimensions}, "
                + $"above the {Head.OutputDimensions} values of the head's output; choose fewer.";
        }
        if (!(Oversampling >= 1) || double.IsInfinity(Oversampling))
        {
            yield return $"{nameof(Oversampling)} is {Oversampling}; choose 1 or more.";
        }
        if (MinNumberOfCandidates < 1)
        {
            yield return $"{nameof(MinNumberOfCandidates)} is {MinNumberOfCandidates}; choose 1 or more.";
        }
    }
}
