using System.Globalization;
using Microsoft.ML.Mrl.Quantization;
using Microsoft.ML.Mrl.Reports;

namespace Microsoft.ML.Mrl;

/// <summary>Represents the results of <see cref="MrlSearchOperations.TuneRescoring"/> for several types and dimensions.</summary>
/// <remarks>
/// The confidence level holds for each type and dimension by itself. The best of many is likely to be a little worse than it was measured;
/// tune that one again with other queries to be sure. Instances are immutable and safe for concurrent use.
/// </remarks>
public sealed class RescoringGrid
{
    internal RescoringGrid(IReadOnlyList<RescoringTuning> tunings)
    {
        Tunings = tunings;
        Smallest = tunings.Where(tuning => tuning.Factor is not null).OrderBy(tuning => tuning.BytesPerVector)
            .ThenBy(tuning => tuning.Factor).FirstOrDefault();
    }

    /// <summary>Gets the results, in the order of the given types and then by ascending dimension.</summary>
    public IReadOnlyList<RescoringTuning> Tunings { get; }

    /// <summary>
    /// Gets the result that reaches the requested recall and reads the fewest bytes of a document for its short list, or
    /// <see langword="null"/> if none reaches it. If several read equally many, it is the one with the smallest factor.
    /// </summary>
    public RescoringTuning? Smallest { get; }

    /// <summary>The smallest short list in words.</summary>
    internal string Summary => Smallest is { } smallest
        ? $"The fewest bytes of a document: {smallest.BytesPerVector.ToString(CultureInfo.InvariantCulture)}. {smallest.Summary}"
        : "No type and dimension reaches the recall asked for with a factor up to " +
        $"{Tunings[0].Rows[^1].Factor.ToString(CultureInfo.InvariantCulture)}. Tune with more queries, finer types, more dimensions or a " +
        "greater factor.";

    /// <summary>Gets the result of a type and a dimension.</summary>
    /// <param name="type">The type of the vectors that make the short list.</param>
    /// <param name="dimensions">The prefix length of these vectors.</param>
    /// <exception cref="KeyNotFoundException">They were not tuned.</exception>
    public RescoringTuning this[EmbeddingType type, int dimensions] => Find(type, dimensions)
        ?? throw new KeyNotFoundException($"{type} at {dimensions} dimensions was not tuned. Tuned were " +
            $"{string.Join(", ", Tunings.Select(tuning => $"{tuning.Type} at {tuning.Dimensions}"))}.");

    /// <summary>Returns the smallest short list in words and a table as plain text, in the invariant culture.</summary>
    public override string ToString() => $"{Summary}\n{TextTable.Aligned(Cells())}";

    /// <summary>Returns the smallest short list in words and a Markdown table, in the invariant culture.</summary>
    public string ToMarkdown() => $"{TextTable.Escape(Summary)}\n\n{TextTable.Markdown(Cells())}";

    internal RescoringTuning? Find(EmbeddingType type, int dimensions) =>
        Tunings.FirstOrDefault(tuning => tuning.Type == type && tuning.Dimensions == dimensions);

    private static string Number(int? factor) => factor?.ToString(CultureInfo.InvariantCulture) ?? "-";

    private string[][] Cells() =>
    [
        ["Type", "Dimensions", "Bytes", "Factor", "By estimate",
            string.Create(CultureInfo.InvariantCulture, $"Recall@{Tunings[0].Top}"), "At least"],
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
