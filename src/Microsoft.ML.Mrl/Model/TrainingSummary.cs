namespace Microsoft.ML.Mrl;

/// <summary>How a head came to be: kept with the head in model files, so that it can always be told.</summary>
public sealed record TrainingSummary
{
    /// <summary>What was trained for, as text: <c>Classification(Label)</c>.</summary>
    public string Objective { get; init; } = "";

    /// <summary>Which candidate won on the validation rows and is in the head: <c>learned</c>, <c>PCA</c> or <c>raw</c>.</summary>
    public string Winner { get; init; } = "learned";

    /// <summary>The seed used.</summary>
    public int Seed { get; init; }

    /// <summary>Rows that were trained on.</summary>
    public int TrainingRows { get; init; }

    /// <summary>Rows held back to choose by.</summary>
    public int ValidationRows { get; init; }

    /// <summary>Epochs that were run.</summary>
    public int Epochs { get; init; }

    /// <summary>The epoch whose head was kept, 0 for the starting point.</summary>
    public int BestEpoch { get; init; }

    /// <summary>Whether training was cancelled before its end; the head is then the best until that moment.</summary>
    public bool Cancelled { get; init; }

    /// <summary>What the validation scores measure: <c>accuracy</c>, <c>Spearman</c> or <c>MRR</c>.</summary>
    public string ScoreName { get; init; } = "";

    /// <summary>The scores on the validation rows, a row per dimension and ascending; empty when no row could be held back.</summary>
    public IReadOnlyList<ValidationScore> ValidationScores { get; init; } = [];
}
