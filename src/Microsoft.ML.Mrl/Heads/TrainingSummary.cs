using Microsoft.ML.Mrl.Heads;

namespace Microsoft.ML.Mrl;

/// <summary>Represents how a head or an encoder was trained. Model files keep the summary together with the weights.</summary>
/// <remarks>This type is immutable and safe for concurrent use.</remarks>
public sealed class TrainingSummary
{
    internal TrainingSummary()
    {
    }

    /// <summary>Gets the objective as text, such as <c>Classification(Label)</c>.</summary>
    public string Objective { get; internal init; } = "";

    /// <summary>Gets the candidate that won on the validation rows and was returned.</summary>
    public TrainingWinner Winner { get; internal init; }

    /// <summary>
    /// Gets a few sentences on how the winner was chosen: what was tried, by how much it won, whether the difference was tested against
    /// noise, and which dimensions would have become worse. The text is empty if nothing was compared.
    /// </summary>
    public string Verdict { get; internal init; } = "";

    /// <summary>Gets the seed of the training.</summary>
    public int Seed { get; internal init; }

    /// <summary>Gets the number of training rows.</summary>
    public int TrainingRows { get; internal init; }

    /// <summary>
    /// Gets the number of validation rows, which were held back from the training. Where rows are few, each is held back once, in parts,
    /// and the head then learns from all of them.
    /// </summary>
    public int ValidationRows { get; internal init; }

    /// <summary>Gets the number of epochs of the training that the learned candidate comes from.</summary>
    public int Epochs { get; internal init; }

    /// <summary>
    /// Gets the epoch whose weights did best on the validation rows, or 0 for the starting point. <see cref="Winner"/> says whether these
    /// weights were returned.
    /// </summary>
    public int BestEpoch { get; internal init; }

    /// <summary>
    /// Gets a value that indicates whether the training was cancelled before its end. The best weights found until then were returned.
    /// </summary>
    public bool Cancelled { get; internal init; }

    /// <summary>Gets the name of the metric of <see cref="ValidationScores"/>: <c>accuracy</c>, <c>Spearman</c> or <c>MRR</c>.</summary>
    public string ScoreName { get; internal init; } = "";

    /// <summary>
    /// Gets the scores on the validation rows, one for each dimension in ascending order. The list is empty if no row could be held back.
    /// </summary>
    public IReadOnlyList<ValidationScore> ValidationScores { get; internal init; } = [];

    /// <summary>
    /// Returns the summary as plain text, in the invariant culture: the winner, by how much it won, and a table with one row for each
    /// dimension.
    /// </summary>
    public override string ToString() => TrainingTable.Text(this);
}
