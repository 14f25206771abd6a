using System.Globalization;
using Microsoft.ML.Mrl.Reports.Advice;

namespace Microsoft.ML.Mrl;

/// <summary>What <see cref="FunnelIndex.Tune(ReadOnlySpan{float}, FunnelTuningOptions)"/> found. Assign <see cref="Plan"/> to <see cref="FunnelIndex.Plan"/> to search by it.</summary>
public sealed class FunnelTuning
{
    internal FunnelTuning(FunnelPlan plan, FunnelTuningOptions options, double recall, double recallLowerBound, int judgedQueries, int? moreQueries, long bytesRead, long fullBytesRead)
    {
        Plan = plan;
        Options = options;
        Recall = recall;
        RecallLowerBound = recallLowerBound;
        JudgedQueries = judgedQueries;
        MoreQueries = moreQueries;
        BytesRead = bytesRead;
        FullBytesRead = fullBytesRead;
    }

    /// <summary>The cheapest plan found; a full scan where no list that was tried reaches the recall. If it begins above the index's shortest width, an index whose widths begin there scans faster and takes the same plan.</summary>
    public FunnelPlan Plan { get; }

    /// <summary>What was asked for.</summary>
    public FunnelTuningOptions Options { get; }

    /// <summary>The number of rows asked for, k.</summary>
    public int K => Options.K;

    /// <summary>The recall wanted, in (0, 1].</summary>
    public double TargetRecall => Options.Recall;

    /// <summary>The share of the k rows of a full scan that the plan found, a mean over queries that had no part in making it, in [0, 1].</summary>
    public double Recall { get; }

    /// <summary>
    /// Below what the recall of such queries is unlikely to lie, with the confidence asked for: the betting bound of Waudby-Smith and Ramdas 2024, which holds for any number of queries. 1 for a full
    /// scan, which finds all by itself.
    /// </summary>
    public double RecallLowerBound { get; }

    /// <summary>The number of queries the recall was measured on.</summary>
    public int JudgedQueries { get; }

    /// <summary>Whether the measured recall is at least the one wanted; see <see cref="IsSure"/>.</summary>
    public bool IsReached => Recall >= TargetRecall;

    /// <summary>Whether the recall is at least the one wanted with the confidence asked for, not only as measured.</summary>
    public bool IsSure => RecallLowerBound >= TargetRecall;

    /// <summary>
    /// About how many more sample queries would make this plan sure, half of them to judge, if they are like the judging ones; 0 where it is sure, and <see langword="null"/> where no number up to a million would.
    /// </summary>
    public int? MoreQueries { get; }

    /// <summary>Whether the plan is a full scan.</summary>
    public bool IsFullScan => Plan.ListLengths.Count == 0;

    /// <summary>The bytes that one search by the plan reads: all rows at the first width, then whole cache lines of the rows in the lists.</summary>
    public long BytesRead { get; }

    /// <summary>The same of a full scan.</summary>
    public long FullBytesRead { get; }

    /// <summary>All of it in words.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{(IsFullScan ? "No funnel that was tried is cheaper than a full scan: " : "")}plan {Plan} finds {Recall:P2} of the nearest {K} on {JudgedQueries} queries that had no part in making it " +
        $"(at least {RecallLowerBound:P2} with {RecommendationText.Level(Options.Confidence)} confidence) at 1/{(double)FullBytesRead / Math.Max(BytesRead, 1):F1} of the memory that a full scan reads. {Verdict()}");

    private string Verdict()
    {
        string wanted = string.Create(CultureInfo.InvariantCulture, $"{TargetRecall:P2}");
        if (IsSure)
        {
            return $"That surely reaches {wanted}.";
        }
        if (MoreQueries is { } more)
        {
            return string.Create(CultureInfo.InvariantCulture, $"That reaches {wanted} as measured, but not surely: tune with about {more} more sample queries to be sure of this plan.");
        }
        return IsReached
            ? $"That reaches {wanted} as measured, but so narrowly that no number of queries makes it sure. Ask for a little less."
            : $"That misses {wanted}: the choosing queries were easier. Tune with more of them, or ask for a little more than is needed.";
    }
}
