using Microsoft.ML.Mrl.Schema;

namespace Microsoft.ML.Mrl;

/// <summary>Which types an evaluation of quantized vectors compares, and how. All that is wrong with it is reported at once.</summary>
public sealed record QuantizationOptions
{
    /// <summary>The types to evaluate beside single precision, which always is. Default: half precision, signed bytes and bits.</summary>
    public IReadOnlyList<EmbeddingType> Types { get; init; } = [EmbeddingType.Half, EmbeddingType.Int8, EmbeddingType.Binary];

    /// <summary>Whether queries and rows to classify are quantized too. Default: they stay in single precision. Where both sides are of one kind, as in pairs with a score and where one row is left out, both are quantized whatever this says.</summary>
    public QueryPrecision Queries { get; init; } = QueryPrecision.Full;

    /// <summary>
    /// The rows to find the ranges of signed bytes in; the column has the name of what is quantized: of the documents, or of the embeddings. Default <see langword="null"/>: the documents, the
    /// reference rows or, where there is but one view, its own rows, which flatters signed bytes a little, as no value lies outside the ranges; the report says so.
    /// </summary>
    public IDataView? Calibration { get; init; }

    /// <exception cref="ArgumentException">Something is wrong; the message lists all of it.</exception>
    internal void Check(string parameterName)
        => OptionProblems.ThrowIfAny(Problems(), nameof(QuantizationOptions), parameterName);

    private IEnumerable<string> Problems()
    {
        if (Types is null || Types.Count == 0)
        {
            yield return $"{nameof(Types)} are not given; name at least one, such as {EmbeddingType.Int8}.";
        }
        else if (Types.Any(type => !Enum.IsDefined(type)) || Types.Distinct().Count() < Types.Count)
        {
            yield return $"{nameof(Types)} are {string.Join(", ", Types)}; choose of {string.Join(", ", Enum.GetNames<EmbeddingType>())}, each once.";
        }
        if (!Enum.IsDefined(Queries))
        {
            yield return $"{nameof(Queries)} is {Queries}; choose {string.Join(" or ", Enum.GetNames<QueryPrecision>())}.";
        }
    }
}
