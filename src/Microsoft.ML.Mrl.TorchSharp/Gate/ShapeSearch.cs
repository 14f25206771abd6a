using Microsoft.ML.Mrl.TorchSharp.Options;

namespace Microsoft.ML.Mrl.TorchSharp.Gate;

/// <summary>
/// Finds what to make of learned weights: how far to go from the start to them, and then how many of their first values to keep, how long,
/// with those of the start behind. One after the other, since each is the best whatever the next, or nearly so, and each costs a scoring.
/// </summary>
/// <param name="plan">The dimensions, and what may be made.</param>
/// <param name="measure">Measures a shape; null where it has no scores.</param>
internal sealed class ShapeSearch(TrainingPlan plan, Func<CandidateShape, LearnedCandidate?> measure)
{
    private readonly List<LearnedCandidate> _found = [];

    /// <summary>All that was measured.</summary>
    /// <param name="canPutStartBehind">Whether the start may come behind learned values.</param>
    public IReadOnlyList<LearnedCandidate> Run(bool canPutStartBehind)
    {
        LearnedCandidate[] blends = Measure(plan.Blends.Select(share => new CandidateShape(share)));
        int[] columns = Columns;
        if (!canPutStartBehind || columns.Length == 0 || blends.Length == 0)
        {
            return _found;
        }
        // Long prefixes will be those of the start, so short ones decide.
        double share = blends.MaxBy(b => b.Scores.Take(columns.Length).Average())!.Shape.Share;
        double[] scales = plan.Transfer ? CandidateShape.ScalesForTransfer : CandidateShape.Scales;
        LearnedCandidate[] byColumns = Measure(columns.Select(c => new CandidateShape(share, c, scales[0])));
        if (byColumns.MaxBy(c => c.Worth) is not { } longest)
        {
            return _found;
        }
        LearnedCandidate[] byScale = Measure(scales.Skip(1).Select(scale => longest.Shape with { Scale = scale }));
        double best = byScale.Append(longest).MaxBy(c => c.Worth)!.Shape.Scale;
        if (best != scales[0])
        {
            Measure(columns.Where(c => c != longest.Shape.Columns).Select(c => new CandidateShape(share, c, best)));
        }
        return _found;
    }

    /// <summary>All that was measured of a closed form: as it is, and with only its first values in the order that it has.</summary>
    /// <param name="canTurn">Whether the latter too.</param>
    public IReadOnlyList<LearnedCandidate> RunOnClosedForm(bool canTurn)
    {
        Measure([CandidateShape.Learned, .. (canTurn ? Columns : []).Select(c => new CandidateShape(1, c) { IsTurned = true })]);
        return _found;
    }

    private int[] Columns => [.. plan.Dimensions.Where(m => (plan.Transfer ? 4 : 2) * m <= plan.Dimensions.Largest)];

    private LearnedCandidate[] Measure(IEnumerable<CandidateShape> shapes)
    {
        LearnedCandidate[] measured = [.. shapes.Select(measure).OfType<LearnedCandidate>()];
        _found.AddRange(measured);
        return measured;
    }
}
