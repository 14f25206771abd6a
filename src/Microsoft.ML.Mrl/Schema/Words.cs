using Microsoft.ML.Mrl.Evaluation;

namespace Microsoft.ML.Mrl.Schema;

/// <summary>What a task calls its rows.</summary>
internal static class Words
{
    public static string Rows(string task) => task switch
    {
        RetrievalEvaluation.Task => "queries",
        SimilarityEvaluation.Task => "pairs",
        _ => "rows",
    };
}
