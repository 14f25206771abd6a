using System.Globalization;

namespace Microsoft.ML.Mrl;

/// <summary>Provides the options of a tuning of a <see cref="FunnelIndex"/>.</summary>
public sealed class FunnelTuningOptions : RecallOptions
{
    /// <summary>Initializes a new instance of the <see cref="FunnelTuningOptions"/> class.</summary>
    public FunnelTuningOptions()
        : base(recall: 0.99)
    {
    }

    /// <summary>Gets the largest number of candidates to try, at least <see cref="RecallOptions.Top"/>. Default 2048.</summary>
    public int MaxCandidates { get; init; } = 2048;

    private protected override IEnumerable<string> Problems()
        => MaxCandidates >= Top ? base.Problems()
            : [.. base.Problems(), string.Create(
                CultureInfo.InvariantCulture,
                $"{nameof(MaxCandidates)} is {MaxCandidates}, which cannot hold the {Top} asked for; choose {Top} or more.")];
}
