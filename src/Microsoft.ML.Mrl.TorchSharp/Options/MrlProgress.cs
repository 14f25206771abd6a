namespace Microsoft.ML.Mrl;

/// <summary>Where a training stands.</summary>
public sealed record MrlProgress
{
    /// <summary>What is being done.</summary>
    public MrlPhase Phase { get; init; }

    /// <summary>The epoch under way or just ended, from 1; 0 before the first.</summary>
    public int Epoch { get; init; }

    /// <summary>The most epochs there can be.</summary>
    public int Epochs { get; init; }

    /// <summary>Steps done, of all epochs.</summary>
    public int Step { get; init; }

    /// <summary>The most steps there can be, of all epochs.</summary>
    public int Steps { get; init; }

    /// <summary>The mean loss of the epoch so far, summed over the dimensions; NaN before the first step.</summary>
    public double Loss { get; init; } = double.NaN;

    /// <summary>The validation score of the last epoch, a mean over the dimensions; NaN before the first, or without validation.</summary>
    public double ValidationScore { get; init; } = double.NaN;

    /// <summary>The best validation score so far; NaN before the first, or without validation.</summary>
    public double BestScore { get; init; } = double.NaN;

    /// <summary>Time since the training began.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>A guess of the time left if no early stop comes; <see langword="null"/> before there is anything to guess from.</summary>
    public TimeSpan? Remaining { get; init; }
}
