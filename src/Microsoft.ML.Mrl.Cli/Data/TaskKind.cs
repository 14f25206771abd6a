namespace Microsoft.ML.Mrl.Cli.Data;

/// <summary>What is learned, which the columns decide.</summary>
internal enum TaskKind
{
    /// <summary>From a label.</summary>
    Classification,

    /// <summary>From a positive, and perhaps a negative.</summary>
    Pairs,

    /// <summary>From another side and a score.</summary>
    ScoredPairs,

    /// <summary>From the vectors alone.</summary>
    Unsupervised,
}

/// <summary>What tasks are called.</summary>
internal static class TaskText
{
    /// <summary>The task in words.</summary>
    public static string Name(TaskKind task) => task switch
    {
        TaskKind.Classification => "classification",
        TaskKind.Pairs => "pairs, for retrieval",
        TaskKind.ScoredPairs => "scored pairs, for similarity",
        _ => "unsupervised, the vectors alone",
    };
}
