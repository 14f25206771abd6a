namespace Microsoft.ML.Mrl.Reports;

/// <summary>Provides the names of the tasks of reports, and the names of their rows.</summary>
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
