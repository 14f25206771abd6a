using Microsoft.ML.Mrl.Heads;

namespace Microsoft.ML.Mrl;

/// <summary>How a head came to be: kept with the head in model files, so that it can always be told.</summary>
public sealed record TrainingSummary
{
    /// <summary>What was trained for, as text: <c>Classification(Label)</c>.</summary>
    public string Objective { get; init; } = "";

    /// <summary>Which candidate won on the validation rows and is in the head: <c>learned</c>, <c>PCA</c> or <c>raw</c>.</summary>
    public string Winner { get; init; } = "learned";

    /// <summary>
    /// How the winner was chosen, in a sentence or two: by how much it won, whether noise was measured, and which dimension would have been harmed. Empty where
    /// nothing was compared.
    /// </summary>
    public string Verdict { get; init; } = "";

    /// <summary>The seed used.</summary>
    public int Seed { get; init; }

    /// <summary>Rows that were trained on.</summary>
    public int TrainingRows { get; init; }

    /// <summary>Rows held back to choose by.</summary>
    public int ValidationRows { get; init; }

    /// <summary>Epochs that were run.</summary>
    public int Epochs { get; init; }

    /// <summary>The epoch whose head did best on the rows held back, 0 for the starting point. <see cref="Winner"/> says whether a learned head was kept.</summary>
    public int BestEpoch { get; init; }

    /// <summary>Whether training was cancelled before its end; the head is then the best until that moment.</summary>
    public bool Cancelled { get; init; }

    /// <summary>What the validation scores measure: <c>accuracy</c>, <c>Spearman</c> or <c>MRR</c>.</summary>
    public string ScoreName { get; init; } = "";

    /// <summary>The scores on the validation rows, a row per dimension and ascending; empty when no row could be held back.</summary>
    public IReadOnlyList<ValidationScore> ValidationScores { get; init; } = [];

    /// <summary>The summary as plain text, in the invariant culture: which candidate won, by how much, and a table with a row per dimension.</summary>
    public override string ToString() => TrainingTable.Text(this);
}
