namespace Microsoft.ML.Mrl.Reports;

/// <summary>The names of the tasks that reports know, and what each task calls its rows.</summary>
internal static class ReportTasks
{
    public const string Classification = "classification";
    public const string Similarity = "similarity";
    public const string Retrieval = "retrieval";

    public static string Rows(string task) => task switch
    {
        Retrieval => "queries",
        Similarity => "pairs",
        _ => "rows",
    };
}
