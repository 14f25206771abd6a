using Microsoft.ML.Mrl.Cli.Data;

namespace Microsoft.ML.Mrl.Cli.Project;

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
