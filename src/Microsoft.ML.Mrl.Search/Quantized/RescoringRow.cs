namespace Microsoft.ML.Mrl;

/// <summary>Represents what short lists of one length find.</summary>
public sealed class RescoringRow
{
    internal RescoringRow(int factor, int shortList, double recall, double recallLowerBound)
    {
        Factor = factor;
        ShortList = shortList;
        Recall = recall;
        RecallLowerBound = recallLowerBound;
    }

    /// <summary>Gets the factor f.</summary>
    public int Factor { get; }

    /// <summary>Gets the number of documents on the list: f times those wanted, or all there are.</summary>
    public int ShortList { get; }

    /// <summary>Gets the measured recall, a mean over queries, in [0, 1].</summary>
    public double Recall { get; }

    /// <summary>Gets the lower bound of the recall for queries of the same kind at the confidence that was asked for; of this factor
    /// alone.</summary>
    public double RecallLowerBound { get; }
}
