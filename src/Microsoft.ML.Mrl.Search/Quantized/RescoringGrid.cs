using System.Globalization;
using Microsoft.ML.Mrl.Quantization;
using Microsoft.ML.Mrl.Reports;

namespace Microsoft.ML.Mrl;

/// <summary>How long short lists by several types and dimensions must be for re-ranking to find what full vectors would.</summary>
/// <remarks>
/// The confidence level of each factor is that of its own type and dimension. That the best of many is looked for makes the choice more
/// hopeful than the level says; tuning that one with other queries settles it. Immutable and safe for concurrent use.
/// </remarks>
public sealed class RescoringGrid
{
    internal RescoringGrid(IReadOnlyList<RescoringTuning> tunings)
    {
        Tunings = tunings;
        Smallest = tunings.Where(tuning => tuning.Factor is not null).OrderBy(tuning => tuning.BytesPerVector)
            .ThenBy(tuning => tuning.Factor).FirstOrDefault();
    }

    /// <summary>The result of every type and dimension: by type as they were given, then by rising dimension.</summary>
    public IReadOnlyList<RescoringTuning> Tunings { get; }

    /// <summary>
    /// The result whose short list reads the fewest bytes of a document and surely reaches the recall asked for; of those that take equally
    /// many the one with the least factor. <see langword="null"/> where none reaches it.
    /// </summary>
    public RescoringTuning? Smallest { get; }

    /// <summary>The smallest short list in words.</summary>
    internal string Summary => Smallest is { } smallest
        ? $"The fewest bytes of a document: {smallest.BytesPerVector.ToString(CultureInfo.InvariantCulture)}. {smallest.Summary}"
        : "No type and dimension reaches the recall asked for with a factor up to " +
        $"{Tunings[0].Rows[^1].Factor.ToString(CultureInfo.InvariantCulture)}. Tune with more queries, finer types, more dimensions or a " +
        "greater factor.";

    /// <summary>What was found out about a type and a dimension.</summary>
    /// <param name="type">The type of the short list.</param>
    /// <param name="dimensions">Its prefix length.</param>
    /// <exception cref="KeyNotFoundException">They were not tuned.</exception>
    public RescoringTuning this[EmbeddingType type, int dimensions] => Find(type, dimensions)
        ?? throw new KeyNotFoundException($"{type} at {dimensions} dimensions was not tuned. Tuned were " +
            $"{string.Join(", ", Tunings.Select(tuning => $"{tuning.Type} at {tuning.Dimensions}"))}.");

    /// <summary>An aligned plain-text table and the smallest short list in words, in the invariant culture.</summary>
    public override string ToString() => $"{Summary}\n{TextTable.Aligned(Cells())}";

    /// <summary>The same as a Markdown table.</summary>
    public string ToMarkdown() => $"{TextTable.Escape(Summary)}\n\n{TextTable.Markdown(Cells())}";

    internal RescoringTuning? Find(EmbeddingType type, int dimensions) =>
        Tunings.FirstOrDefault(tuning => tuning.Type == type && tuning.Dimensions == dimensions);

    private static string Number(int? factor) => factor?.ToString(CultureInfo.InvariantCulture) ?? "-";

    private string[][] Cells() =>
    [
        ["Type", "Dimensions", "Bytes", "Factor", "By estimate", string.Create(CultureInfo.InvariantCulture, $"Recall@{Tunings[0].Top}"), "At least"],
        .. Tunings.Select(tuning =>
        {
            RescoringRow row = tuning.Rows[(tuning.Factor ?? tuning.Rows.Count) - 1];
            return (string[])
            [
                EmbeddingTypes.Name(tuning.Type),
                tuning.Dimensions.ToString(CultureInfo.InvariantCulture),
                tuning.BytesPerVector.ToString(CultureInfo.InvariantCulture),
                Number(tuning.Factor),
                Number(tuning.ByEstimate),
                row.Recall.ToString("0.0000", CultureInfo.InvariantCulture),
                row.RecallLowerBound.ToString("0.0000", CultureInfo.InvariantCulture),
            ];
        }),
    ];
}
