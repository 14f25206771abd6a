using System.Globalization;

namespace Microsoft.ML.Mrl;

/// <summary>What <see cref="FunnelIndex.Tune"/> found. Assign <see cref="Plan"/> to <see cref="FunnelIndex.Plan"/> to search by it.</summary>
public sealed class FunnelTuning
{
    internal FunnelTuning(FunnelPlan plan, int k, double targetRecall, double recall, double recallLowerBound, int judgedQueries, long bytesRead, long fullBytesRead)
    {
        Plan = plan;
        K = k;
        TargetRecall = targetRecall;
        Recall = recall;
        RecallLowerBound = recallLowerBound;
        JudgedQueries = judgedQueries;
        BytesRead = bytesRead;
        FullBytesRead = fullBytesRead;
    }

    /// <summary>The cheapest plan found; a full scan where no list that was tried reaches the recall. If it begins above the index's shortest width, an index whose widths begin there scans faster and takes the same plan.</summary>
    public FunnelPlan Plan { get; }

    /// <summary>The number of rows asked for, k.</summary>
    public int K { get; }

    /// <summary>The recall wanted, in (0, 1].</summary>
    public double TargetRecall { get; }

    /// <summary>The share of the k rows of a full scan that the plan found, a mean over queries that had no part in choosing it, in [0, 1].</summary>
    public double Recall { get; }

    /// <summary>
    /// Below what the recall of such queries is unlikely to lie: the lower end of Wilson's one-sided 95 % interval with a query as one observation, which is on the safe side for
    /// shares within a query. Near 1 it is about 1 − 2.7 / <see cref="JudgedQueries"/> at best, however good the plan.
    /// </summary>
    public double RecallLowerBound { get; }

    /// <summary>The number of queries the recall was measured on.</summary>
    public int JudgedQueries { get; }

    /// <summary>Whether the measured recall is at least the one wanted.</summary>
    public bool IsReached => Recall >= TargetRecall;

    /// <summary>Whether the plan is a full scan.</summary>
    public bool IsFullScan => Plan.ListLengths.Count == 0;

    /// <summary>The bytes that one search by the plan reads: all rows at the first width, then whole cache lines of the rows in the lists.</summary>
    public long BytesRead { get; }

    /// <summary>The same of a full scan.</summary>
    public long FullBytesRead { get; }

    /// <summary>All of it in a sentence.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{(IsFullScan ? "No funnel that was tried is cheaper than a full scan: " : "")}plan {Plan} finds {Recall:P2} of the nearest {K} on {JudgedQueries} queries it was not chosen by " +
        $"(at least {RecallLowerBound:P2} with 95 % confidence; {(IsReached ? "reaches" : "misses")} {TargetRecall:P2}) at 1/{(double)FullBytesRead / Math.Max(BytesRead, 1):F1} of the memory that a full scan reads.");
}
