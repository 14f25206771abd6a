using System.Globalization;

namespace Microsoft.ML.Mrl;

/// <summary>What a short list of one length finds.</summary>
/// <param name="Factor">The factor f.</param>
/// <param name="ShortList">The documents on the list: f · K, or all there are.</param>
/// <param name="Recall">The measured recall, the mean over queries.</param>
/// <param name="RecallLow">The lower bound of the recall for queries of the same kind, at the confidence level asked for; of this factor alone.</param>
public sealed record RescoringRow(int Factor, int ShortList, double Recall, double RecallLow)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Factor} ({ShortList}): recall {Recall:0.0000}, at least {RecallLow:0.0000}");
}
