using System.Text.RegularExpressions;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Tests.Cli;

/// <summary><c>mrl evaluate</c> and <c>mrl recommend</c> without a data set measure with what the training held out.</summary>
public sealed partial class HeldOutTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Evaluate_WithoutADataSet_GivesTheNumbersOfTheTraining()
    {
        string data = _folder.Write("topics.csv", TopicRows.Csv(90));
        CommandRun train = Run(
            "train", "--dataset", data, "--text-features", "--epochs", "2", "--dimensions", "4,8", "--name", "topics", "--output",
            _folder["out"]);

        CommandRun run = Run("evaluate", Model("topics"));

        Assert.Contains(run.Lines, line => line.StartsWith("Measured with the 18 rows of '", StringComparison.Ordinal)
            && line.EndsWith(
                "topics.csv' that the training held out, classified by the 72 that it learned from.", StringComparison.Ordinal));
        string trained = train.Lines.Single(line => line.StartsWith("8 ", StringComparison.Ordinal));
        string measured = run.Lines.Single(line => line.StartsWith("8 ", StringComparison.Ordinal));
        double[] ofTraining = [.. Numbers().Matches(trained).Select(match => Number(match.Value))];
        Assert.Contains(
            Numbers().Matches(measured),
            match => ofTraining.Any(score => Math.Abs(score - (100 * Number(match.Value))) < 0.06 && score > 0));
        Assert.Contains("dimensions", Run("recommend", Model("topics")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_WithoutADataSet_WhereThereIsNone_SaysWhatToGive()
    {
        string data = _folder.Write("vectors.csv", VectorData.Numbers(60).Select(line => line[..line.LastIndexOf(',')]));
        Run("train", "--dataset", data, "--epochs", "1", "--name", "alone", "--output", _folder["out"]);

        CommandRun.Of("evaluate", Model("alone")).AssertFails(ExitCode.Usage, "it learned without labels or pairs", "--dataset");
        File.Delete(Path.ChangeExtension(Model("alone"), ".mbconfig"));
        CommandRun.Of("evaluate", Model("alone")).AssertFails(ExitCode.Usage, "alone.zip' without rows", "alone.mbconfig", "--dataset");
    }

    [Theory]
    [InlineData("--label-col", "category", "the option of a column")]
    [InlineData("--separator", ";", "the option of a file's format")]
    [InlineData("--reference-dataset", "topics.csv", "--reference-dataset")]
    public void Evaluate_WithoutADataSet_RefusesWhatItCannotHonour(string option, string value, string what)
    {
        string data = _folder.Write("topics.csv", TopicRows.Csv(60));
        Run("train", "--dataset", data, "--text-features", "--epochs", "1", "--dimensions", "4", "--name", "topics", "--output",
            _folder["out"]);

        CommandRun.Of("evaluate", Model("topics"), option, value).AssertFails(ExitCode.Usage, $"Cannot use {what} without --dataset");
    }

    [GeneratedRegex(@"\d+\.\d+")]
    private static partial Regex Numbers();

    private static double Number(string text) => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private static CommandRun Run(params string[] args)
    {
        CommandRun run = CommandRun.Of(args);
        Assert.Equal((ExitCode.Ok, ""), (run.ExitCode, run.Error));
        return run;
    }

    private string Model(string name) => Path.Combine(_folder["out"], name, name + ".zip");
}
