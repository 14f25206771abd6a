using System.Text;
using Microsoft.ML.Mrl.Cli.Models;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Evaluate;

/// <summary>Writes a report in the format that the extension of the file says.</summary>
internal static class ReportFile
{
    /// <summary>Checks that the extension is that of a known format.</summary>
    /// <exception cref="CommandException">The extension is not known.</exception>
    public static void CheckFormat(string path)
    {
        if (Path.GetExtension(path).ToUpperInvariant() is not (".HTML" or ".HTM" or ".JSON" or ".CSV" or ".MD"))
        {
            throw new CommandException(
                $"Cannot write a report to '{path}': its extension says no known format. Choose .html, .json, .csv or .md.",
                    ExitCode.Usage);
        }
    }

    /// <summary>Writes the report.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="report">The report.</param>
    /// <param name="name">The name of the file, which says the format.</param>
    /// <param name="stream">Takes the text.</param>
    public static void Write(MLContext mlContext, DimensionReport report, string name, Stream stream) =>
        stream.Write(Encoding.UTF8.GetBytes(Path.GetExtension(name).ToUpperInvariant() switch
    {
        ".JSON" => report.ToJson(),
        ".CSV" => report.ToCsv(),
        ".MD" => report.ToMarkdown(),
        _ => report.ToHtml(report.Rows[^1].Dimensions == report.FullDimensions
            ? [mlContext.Mrl().RecommendDimensions(report, TaskEvaluation.DefaultShareToKeep)] : []),
    }));
}
