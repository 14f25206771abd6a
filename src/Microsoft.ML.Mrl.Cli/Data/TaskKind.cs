namespace Microsoft.ML.Mrl.Cli.Data;

/// <summary>Specifies the kind of task. The columns determine it.</summary>
internal enum TaskKind
{
    /// <summary>Learns from a label.</summary>
    Classification,

    /// <summary>Learns from a positive, and perhaps a negative.</summary>
    Pairs,

    /// <summary>Learns from a second text or vector and a score.</summary>
    ScoredPairs,

    /// <summary>Learns from the texts or vectors alone.</summary>
    Unsupervised,
}

/// <summary>Provides the names of tasks.</summary>
internal static class TaskText
{
    /// <summary>Returns the name of a task.</summary>
    public static string Name(TaskKind task) => task switch
    {
        TaskKind.Classification => "classification",
        TaskKind.Pairs => "pairs, for retrieval",
        TaskKind.ScoredPairs => "scored pairs, for similarity",
        _ => "unsupervised, from the inputs alone",
    };
}
