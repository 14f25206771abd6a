using System.Globalization;
using Microsoft.ML.Mrl.Quantization;
using Microsoft.ML.Mrl.Reports;
using Microsoft.ML.Mrl.Reports.Advice;

namespace Microsoft.ML.Mrl;

/// <summary>
/// Represents the length that a short list by quantized vectors needs, so that re-ranking it finds the documents that full vectors find.
/// </summary>
/// <remarks>Immutable and safe for concurrent use.</remarks>
public sealed class RescoringTuning
{
    internal RescoringTuning(RescoringOptions options, int top, EmbeddingType type, int dimensions, int queries, int documents,
        IReadOnlyList<RescoringRow> rows)
    {
        Options = options;
        Top = top;
        Type = type;
        Dimensions = dimensions;
        Queries = queries;
        Documents = documents;
        Rows = rows;
        // From the longest list down to the first that fails: so the level holds for the factor that is returned, though many are tried.
        Factor = rows.Reverse().TakeWhile(row => row.RecallLowerBound >= options.Recall).LastOrDefault()?.Factor;
        ByEstimate = rows.FirstOrDefault(row => row.Recall >= options.Recall)?.Factor;
        Summary = Describe();
    }

    /// <summary>
    /// Gets the smallest factor whose recall, and that of all larger factors, is at least the requested recall with the requested
    /// confidence, or <see langword="null"/> if there is none. Search for Factor · Top documents and re-rank them.
    /// </summary>
    public int? Factor { get; }

    /// <summary>The smallest factor whose measured recall is enough, or <see langword="null"/>.</summary>
    internal int? ByEstimate { get; }

    /// <summary>The bytes that a vector of the short list's type and dimensions takes.</summary>
    internal long BytesPerVector => EmbeddingTypes.Bytes(Type, Dimensions);

    /// <summary>Gets the type of the vectors that make the short list.</summary>
    public EmbeddingType Type { get; }

    /// <summary>The rows that were wanted for a query, or all there are.</summary>
    internal int Top { get; }

    /// <summary>Gets the prefix length of the vectors that make the short list.</summary>
    public int Dimensions { get; }

    /// <summary>The number of queries that the numbers are from.</summary>
    internal int Queries { get; }

    /// <summary>The number of documents that were searched.</summary>
    internal int Documents { get; }

    /// <summary>The options of the tuning.</summary>
    internal RescoringOptions Options { get; }

    /// <summary>Gets the recall of each factor that was tried, in ascending order.</summary>
    public IReadOnlyList<RescoringRow> Rows { get; }

    /// <summary>The result in words, with its confidence.</summary>
    internal string Summary { get; }

    /// <summary>Returns the summary and a table as plain text, in the invariant culture.</summary>
    public override string ToString() => $"{Summary}\n{TextTable.Aligned(Cells())}";

    /// <summary>The summary and a Markdown table, in the invariant culture.</summary>
    internal string ToMarkdown() => $"{TextTable.Escape(Summary)}\n\n{TextTable.Markdown(Cells())}";

    private string[][] Cells() =>
    [
        ["Factor", "Short list", string.Create(CultureInfo.InvariantCulture, $"Recall@{Top}"), "At least"],
        .. Rows.Select(row => (string[])
        [
            row.Factor.ToString(CultureInfo.InvariantCulture),
            row.ShortList.ToString(CultureInfo.InvariantCulture),
            row.Recall.ToString("0.0000", CultureInfo.InvariantCulture),
            row.RecallLowerBound.ToString("0.0000", CultureInfo.InvariantCulture),
        ]),
    ];

    private string Describe()
    {
        string asked = $"{RecommendationText.Level(Options.Recall)} of the {Whole(Top)} nearest of {Whole(Documents)} documents";
        string sure = $"{RecommendationText.Level(Options.Confidence)} confidence";
        RescoringRow last = Rows[^1];
        if (Factor is { } factor)
        {
            RescoringRow row = Rows[factor - 1];
            return $"Search for {Whole(factor)} × {Whole(Top)} documents by {Step(Type, Dimensions)} and re-rank by " +
                $"{Step(Options.RescoreType, Options.RescoreDimensions)}: that finds {asked} with {sure}. "
                + $"On {Whole(Queries)} queries it found {RecommendationText.Percent(row.Recall)}; for queries of the same kind the " +
                $"bound is {RecommendationText.Percent(row.RecallLowerBound)}.";
        }
        return ByEstimate is { } estimate
            ? $"No factor up to {Whole(last.Factor)} finds {asked} with {sure}: {Whole(estimate)} does as measured, but {Whole(Queries)} " +
            "queries are too few to be sure. Tune with more."
            : $"No factor up to {Whole(last.Factor)} finds {asked}: the longest list of {Whole(last.ShortList)} found " +
            $"{RecommendationText.Percent(last.Recall)} on {Whole(Queries)} queries. Choose a finer type, more dimensions or a greater " +
            "factor.";
    }

    private static string Step(EmbeddingType type, int? dimensions) =>
        dimensions is { } m ? $"{EmbeddingTypes.Name(type)} at {Whole(m)} dimensions" : EmbeddingTypes.Name(type);

    private static string Whole(int value) => value.ToString(CultureInfo.InvariantCulture);
}
