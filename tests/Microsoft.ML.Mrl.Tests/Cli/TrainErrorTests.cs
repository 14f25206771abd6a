using Microsoft.ML.Mrl.Cli.Output;
using Microsoft.ML.Mrl.Postgres.Tables;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;

namespace Microsoft.ML.Mrl.Tests.Cli;

public sealed class TrainErrorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Train_MissingFile_NamesIt() =>
        Train("nowhere.csv").AssertFails(ExitCode.BadInput, "'nowhere.csv'", "no such file");

    [Fact]
    public void Train_EmptyFile_SaysSo() =>
        Train(_folder.Write("a.csv")).AssertFails(ExitCode.BadInput, "a.csv' is empty", "header");

    [Fact]
    public void Train_HeaderOnly_SaysSo() =>
        Train(_folder.Write("a.csv", "text,label")).AssertFails(ExitCode.BadInput, "no rows", "'text', 'label'");

    [Theory]
    [InlineData("\"unclosed,x", "never closed")]
    [InlineData("one,x,more", "3 fields, but the header names 2")]
    [InlineData("one", "1 field, but the header names 2")]
    public void Train_BrokenLine_NamesTheLine(string broken, string what) =>
        Train(_folder.Write("a.csv", [.. Rows(30), broken])).AssertFails(ExitCode.BadInput, "a.csv', line 32: ", what);

    [Theory]
    [InlineData("--text-col", "text", "--vector-col", "label", "cannot both name the input")]
    [InlineData("--label-col", "label", "--positive-col", "text", "two tasks")]
    [InlineData("--negative-col", "label", "--text-col", "text", "needs --positive-col")]
    [InlineData("--score-col", "label", "--text-col", "text", "needs --positive-col")]
    public void Train_OptionsThatDoNotGoTogether_SayWhy(
        string first, string firstColumn, string second, string secondColumn, string what) =>
        Train(_folder.Write("a.csv", Rows(30)), first, firstColumn, second, secondColumn).AssertFails(ExitCode.Usage, first, what);

    [Fact]
    public void Train_FolderOfAnother_IsLeftAlone()
    {
        Directory.CreateDirectory(Path.Combine(_folder["out"], "AMrl"));
        string own = Path.Combine(_folder["out"], "AMrl", "notes.txt");
        File.WriteAllText(own, "mine");

        CommandRun run = CommandRun.Of("train", "--dataset", _folder.Write("a.csv", Rows(30)), "--output", _folder["out"]);

        run.AssertFails(ExitCode.BadInput, "AMrl' is there already", "--name");
        Assert.Equal([own], Directory.GetFiles(Path.GetDirectoryName(own)!));
    }

    [Theory]
    [InlineData("x3", "", "line 7, column 'x3': the cell is empty")]
    [InlineData("x9", "much", "line 7, column 'x9': 'much' is not a finite number")]
    [InlineData("x0", "NaN", "line 7, column 'x0': 'NaN' is not a finite number")]
    [InlineData("x0", "1e39", "line 7, column 'x0': '1e39' is not a finite number")]
    public void Train_BadNumber_NamesFileLineAndColumn(string column, string cell, string what)
    {
        string[] names = [.. Enumerable.Range(0, 10).Select(i => $"x{i}")];
        IEnumerable<string> lines = Enumerable.Range(0, 40).Select(
            row => string.Join(',', names.Select(name => row == 5 && name == column ? cell : $"{row % 7}")));

        Train(_folder.Write("a.csv", [string.Join(',', names), .. lines]), "--vector-col", "x0..x9").AssertFails(
            ExitCode.BadInput, "a.csv', " + what);
    }

    [Theory]
    [InlineData("[1, 2, 3]", "has 3 values, but those before it have 2")]
    [InlineData("[1; 2]", "'1;' is not a finite number")]
    [InlineData("[1, 2", "is not an array")]
    [InlineData("[]", "the vector is empty")]
    [InlineData("", "the cell is empty")]
    public void Train_BadArray_NamesFileLineAndColumn(string cell, string what)
    {
        string path = _folder.Write(
            "a.tsv", ["vector\tlabel", .. Enumerable.Range(0, 40).Select(i => $"{(i == 30 ? cell : "[1, 2e0]")}\t{i % 2}")]);

        Train(path).AssertFails(ExitCode.BadInput, "a.tsv', line 32, column 'vector': ", what);
    }

    [Fact]
    public void Train_MissingColumn_ListsTheColumns() =>
        Train(_folder.Write("a.csv", Rows(30)), "--text-col", "body").AssertFails(ExitCode.BadInput, "--text-col body", "'text', 'label'");

    [Fact]
    public void Train_ColumnsCannotBeGuessed_ListsTheColumns() =>
        Train(_folder.Write("a.csv", "foo,bar", "one,x")).AssertFails(ExitCode.BadInput, "--text-col", "'foo', 'bar'");

    [Fact]
    public void Train_ColumnNamedTwice_SaysWhich() =>
        Train(_folder.Write("a.csv", "text,text,label", "one,two,x")).AssertFails(ExitCode.BadInput, "line 1", "column 'text' 2 times");

    [Fact]
    public void Train_OneLabel_SaysWhich() =>
        Train(_folder.Write("a.csv", ["text,label", .. Enumerable.Range(0, 30).Select(i => $"text {i},same")]))
            .AssertFails(ExitCode.BadInput, "'same' in every row", "at least 2");

    [Fact]
    public void Train_TooFewRows_SaysHowMany() =>
        Train(_folder.Write("a.csv", Rows(6))).AssertFails(ExitCode.BadInput, "too few rows", "6", "at least 10");

    [Fact]
    public void Train_TenRows_SaysHowManyEachPartGets() =>
        Train(_folder.Write("a.csv", Rows(10))).AssertFails(
            ExitCode.BadInput, "too few rows", "gives 8 for training and 2 for testing", "at least 10 for training");

    [Fact]
    public void Train_EveryLabelOnce_BlamesTheLabel() =>
        Train(_folder.Write("a.csv", ["text,label", .. Enumerable.Range(0, 30).Select(i => $"text {i},ticket {i}")])).AssertFails(
            ExitCode.BadInput, "Column 'label'", "30 different values in 30 rows", "--label-col", "--ignore-cols");

    [Fact]
    public void Train_ColumnsCannotBeGuessed_TellsHowToReadWithoutAHeader()
    {
        string path = _folder.Write("a.csv", "one,x", "two,y");

        Train(path).AssertFails(ExitCode.BadInput, "If the first line is not a header", "--has-header false");
        CommandRun named = Train(path, "--has-header", "false");
        named.AssertFails(ExitCode.BadInput, "'Col0', 'Col1'");
        Assert.DoesNotContain("--has-header", named.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_TextEmptyInAllRows_NamesTheColumn() =>
        Train(_folder.Write("a.csv", ["text,label", .. Enumerable.Range(0, 30).Select(i => $" ,{i % 2}")]))
            .AssertFails(ExitCode.BadInput, "Column 'text'", "empty in all 30 rows");

    [Fact]
    public void Train_NoRowWithBothTextAndLabel_SaysSo() =>
        Train(_folder.Write("a.csv", "text,label", "one,", ",x")).AssertFails(ExitCode.BadInput, "no row in which all of 'text', 'label'");

    [Fact]
    public void Train_TestLabelsAllUnknown_ShowsBoth()
    {
        string test = _folder.Write("test.csv", "text,label", "one,unheard of");

        Train(_folder.Write("a.csv", Rows(30)), "--test-dataset", test).AssertFails(
            ExitCode.BadInput, "none of its labels", "'unheard of'", "'even'");
    }

    [Theory]
    [InlineData("--epohcs", "3")]
    [InlineData("stray", "")]
    public void Train_UnknownArgument_ListsTheOptions(string option, string value) =>
        CommandRun.Of("train", option, value).AssertFails(ExitCode.Usage, $"'{option}'", "--dataset", "--epochs");

    [Theory]
    [InlineData("--dimensions", "8,many", "'many'")]
    [InlineData("--dimensions", "0", "'0'")]
    [InlineData("--dimensions", "8,-8", "'-8'")]
    [InlineData("--dimensions", "8,8", "twice")]
    [InlineData("--epochs", "0", "from 1")]
    [InlineData("--epochs", "few", "from 1")]
    [InlineData("--train-time", "0", "from 1")]
    [InlineData("--has-header", "maybe", "true or false")]
    [InlineData("--name", "a/b", "the name of a folder")]
    [InlineData("--seed", "1.5", "whole number")]
    [InlineData("--verbosity", "loud", "q (quiet), n (normal), d (diagnostic)")]
    public void Train_WrongValue_SaysWhatIsValid(string option, string value, string what) =>
        CommandRun.Of("train", option, value).AssertFails(ExitCode.Usage, option, what);

    [Fact]
    public void Train_DimensionAboveTheFeatures_SaysTheRange() =>
        Train(_folder.Write("a.csv", Rows(30)), "--dimensions", "8,1000000").AssertFails(ExitCode.Usage, "1000000", "Choose 1..");

    [Fact]
    public void Train_OutputCannotBeWritten_FailsBeforeAnythingElse()
    {
        string file = _folder.Write("file.txt", "x");

        CommandRun run = CommandRun.Of("train", "--output", Path.Combine(file, "out"));

        run.AssertFails(ExitCode.BadInput, "file.txt' is a file", "--output");
        Assert.Empty(run.Output);
    }

    [Fact]
    public void Train_ErrorWithDiagnosticVerbosity_ShowsTheStackTrace()
    {
        CommandRun run = Train("nowhere.csv", "--verbosity", "d");

        Assert.Equal(ExitCode.BadInput, run.ExitCode);
        Assert.Contains("   at ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void NoVerb_ShowsHelp()
    {
        CommandRun run = CommandRun.Of();

        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains("train", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void UnknownVerb_ListsTheVerbs() =>
        CommandRun.Of("trian").AssertFails(ExitCode.Usage, "'trian'", "Commands: train, evaluate, recommend, embed, export");

    private CommandRun Train(string dataset, params string[] more)
    {
        CommandRun run = CommandRun.Of(["train", "--dataset", dataset, "--output", _folder["out"], .. more]);
        Assert.False(Directory.Exists(_folder["out"]));
        return run;
    }

    private static IEnumerable<string> Rows(int count) =>
        ["text,label", .. Enumerable.Range(0, count).Select(i => $"text number {i},{(i % 2 == 0 ? "even" : "odd")}")];
}
