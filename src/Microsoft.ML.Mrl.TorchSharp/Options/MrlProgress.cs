namespace Microsoft.ML.Mrl;

/// <summary>Represents where a training stands.</summary>
public sealed class MrlProgress
{
    internal MrlProgress()
    {
    }

    /// <summary>Gets what is being done.</summary>
    public MrlPhase Phase { get; internal init; }

    /// <summary>Gets the epoch under way or just ended, from 1; 0 before the first.</summary>
    public int Epoch { get; internal init; }

    /// <summary>Gets the most epochs there can be.</summary>
    public int Epochs { get; internal init; }

    /// <summary>Gets the number of steps done, of all epochs.</summary>
    public int Step { get; internal init; }

    /// <summary>Gets the most steps there can be, of all epochs.</summary>
    public int Steps { get; internal init; }

    /// <summary>Gets the mean loss of the epoch so far, summed over the dimensions; NaN before the first step.</summary>
    public double Loss { get; internal init; } = double.NaN;

    /// <summary>
    /// Gets the validation score of the last epoch, a mean over the dimensions; NaN before the first, or without validation.
    /// </summary>
    public double ValidationScore { get; internal init; } = double.NaN;

    /// <summary>Gets the best validation score so far; NaN before the first, or without validation.</summary>
    public double BestScore { get; internal init; } = double.NaN;

    /// <summary>Gets which of several candidates is trained, from 1; 0 before the first.</summary>
    internal int Candidate { get; init; }

    /// <summary>Gets how many candidates are trained.</summary>
    internal int Candidates { get; init; }

    /// <summary>Gets the epoch of the candidate, from 1.</summary>
    internal int CandidateEpoch { get; init; }

    /// <summary>Gets the most epochs of the candidate.</summary>
    internal int CandidateEpochs { get; init; }

    /// <summary>Gets the time since the training began.</summary>
    public TimeSpan Elapsed { get; internal init; }

    /// <summary>
    /// Gets an estimate of the time left if training does not stop early; <see langword="null"/> before there is anything to estimate from.
    /// </summary>
    public TimeSpan? Remaining { get; internal init; }
}
