namespace Microsoft.ML.Mrl;

/// <summary>Represents the progress of a training.</summary>
public sealed class MrlProgress
{
    internal MrlProgress()
    {
    }

    /// <summary>Gets the phase that the training is in.</summary>
    public MrlPhase Phase { get; internal init; }

    /// <summary>Gets the number of the current or last epoch, from 1, or 0 before the first epoch.</summary>
    public int Epoch { get; internal init; }

    /// <summary>Gets the maximum number of epochs.</summary>
    public int Epochs { get; internal init; }

    /// <summary>Gets the number of completed steps in all epochs. In the starting phase, it is the number of embedded texts.</summary>
    public int Step { get; internal init; }

    /// <summary>Gets the maximum number of steps in all epochs. In the starting phase, it is the number of texts to embed.</summary>
    public int Steps { get; internal init; }

    /// <summary>Gets the mean loss of the current epoch so far, summed over the dimensions, or NaN before the first step.</summary>
    public double Loss { get; internal init; } = double.NaN;

    /// <summary>
    /// Gets the validation score of the last epoch, the mean over the dimensions, or NaN before the first score or without validation.
    /// </summary>
    public double ValidationScore { get; internal init; } = double.NaN;

    /// <summary>Gets the best validation score so far, or NaN before the first score or without validation.</summary>
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
    /// Gets the estimated remaining time if the training does not stop early, or <see langword="null"/> before the first step.
    /// </summary>
    public TimeSpan? Remaining { get; internal init; }
}
