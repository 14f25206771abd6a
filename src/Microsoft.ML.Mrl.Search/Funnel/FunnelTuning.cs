using System.Globalization;
using Microsoft.ML.Mrl.Reports.Advice;

namespace Microsoft.ML.Mrl;

/// <summary>Represents the result of tuning a <see cref="FunnelIndex"/> or a short list that is re-ranked.</summary>
public sealed class FunnelTuning
{
    internal FunnelTuning(FunnelPlan plan, FunnelTuningOptions options, double recall, double recallLowerBound, int judgedQueries,
        int? moreQueries)
    {
        Plan = plan;
        Options = options;
        Recall = recall;
        RecallLowerBound = recallLowerBound;
        JudgedQueries = judgedQueries;
        MoreQueries = moreQueries;
    }

    /// <summary>Gets the cheapest plan that was found, which a tuned index follows from now on; an exact search where no graph that was
    /// tried is cheaper or reaches the recall.</summary>
    public FunnelPlan Plan { get; }

    /// <summary>The options of the tuning.</summary>
    internal FunnelTuningOptions Options { get; }

    /// <summary>Gets the share of the nearest rows that the plan found, a mean over queries that had no part in choosing it, in [0,
    /// 1].</summary>
    public double Recall { get; }

    /// <summary>
    /// Gets the lower bound of the recall on such queries at the confidence that was asked for: the betting bound of Waudby-Smith and
    /// Ramdas 2024, which holds for any number of queries. It is 1 for an exact search.
    /// </summary>
    public double RecallLowerBound { get; }

    /// <summary>Gets the number of queries that the recall was measured on.</summary>
    public int JudgedQueries { get; }

    /// <summary>Gets a value that indicates whether the recall is at least the one wanted with the confidence that was asked for, not
    /// only as measured.</summary>
    public bool IsSure => RecallLowerBound >= Options.Recall;

    /// <summary>
    /// Gets about how many more sample queries would make this plan sure, those that choose among them, if they are like the judging ones;
    /// 0 where it is sure, and <see langword="null"/> where no number up to a million would.
    /// </summary>
    public int? MoreQueries { get; }

    /// <summary>Returns the result in words.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{(Plan.IsExact ? "No graph that was tried is cheaper than an exact search: " : "")}plan {Plan} finds {Recall:P2} of the " +
        $"nearest {Options.Top} on {JudgedQueries} queries that had no part in choosing it " +
        $"(at least {RecallLowerBound:P2} with {RecommendationText.Level(Options.Confidence)} confidence). {Verdict()}");

    private string Verdict()
    {
        string wanted = string.Create(CultureInfo.InvariantCulture, $"{Options.Recall:P2}");
        if (IsSure)
        {
            return $"That surely reaches {wanted}.";
        }
        if (MoreQueries is { } more)
        {
            return string.Create(CultureInfo.InvariantCulture,
                $"That reaches {wanted} as measured, but not surely: tune with about {more} more sample queries to be sure of this plan.");
        }
        return Recall >= Options.Recall
            ? $"That reaches {wanted} as measured, but so narrowly that no number of queries makes it sure. Ask for a little less."
            : $"That misses {wanted}: the choosing queries were easier. Tune with more of them, or ask for a little more than is needed.";
    }
}
