using Microsoft.ML.Mrl.Heads;

namespace Microsoft.ML.Mrl;

/// <summary>Represents how a head or an encoder was trained. It is kept with it in model files.</summary>
public sealed record TrainingSummary
{
    /// <summary>Gets what was trained for, as text: <c>Classification(Label)</c>.</summary>
    public string Objective { get; init; } = "";

    /// <summary>Gets the candidate that won on the rows held back and was handed back.</summary>
    public TrainingWinner Winner { get; init; }

    /// <summary>
    /// Gets how the winner was chosen, in a few sentences: what was tried, by how much it won, whether noise was measured, and which dimension would have been
    /// harmed. Empty where nothing was compared.
    /// </summary>
    public string Verdict { get; init; } = "";

    /// <summary>Gets the seed used.</summary>
    public int Seed { get; init; }

    /// <summary>Gets the number of rows that were trained on.</summary>
    public int TrainingRows { get; init; }

    /// <summary>Gets the number of rows held back to choose by.</summary>
    public int ValidationRows { get; init; }

    /// <summary>Gets the number of epochs that were run, of the training that the learned candidate is from.</summary>
    public int Epochs { get; init; }

    /// <summary>Gets the epoch whose weights did best on the rows held back, 0 for the starting point. <see cref="Winner"/> says whether they were kept.</summary>
    public int BestEpoch { get; init; }

    /// <summary>Gets a value that indicates whether training was cancelled before its end; what is handed back is then the best until that moment.</summary>
    public bool Cancelled { get; init; }

    /// <summary>Gets what the validation scores measure: <c>accuracy</c>, <c>Spearman</c> or <c>MRR</c>.</summary>
    public string ScoreName { get; init; } = "";

    /// <summary>Gets the scores on the validation rows, one per dimension and ascending; empty when no row could be held back.</summary>
    public IReadOnlyList<ValidationScore> ValidationScores { get; init; } = [];

    /// <summary>Returns the summary as plain text, in the invariant culture: which candidate won, by how much, and a table with a row per dimension.</summary>
    public override string ToString() => TrainingTable.Text(this);
}
