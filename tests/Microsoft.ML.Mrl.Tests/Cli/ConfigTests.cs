using Microsoft.ML.Mrl.Cli.Output;
using Microsoft.ML.Mrl.Cli.Project;

namespace Microsoft.ML.Mrl.Tests.Cli;

/// <summary>Settings of a training configuration are honoured or refused by name.</summary>
public sealed class ConfigTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Train_DelimiterAndDecimalMarker_AreHonoured()
    {
        _folder.Write("points.csv", VectorData.Numbers(80));
        _folder.Write("commas.csv", VectorData.Numbers(80).Select(line => line.Replace(',', ';').Replace('.', ',')));

        Assert.Equal(Table(Train(Config("points.csv", ",", "."))), Table(Train(Config("commas.csv", ";", ","))));
    }

    [Fact]
    public void Train_CommandLine_ReadsDecimalCommasToo()
    {
        string points = _folder.Write("points.csv", VectorData.Numbers(80));
        string commas = _folder.Write("commas.csv", VectorData.Numbers(80).Select(line => line.Replace(',', ';').Replace('.', ',')));
        string[] more = ["--label-col", "kind", "--epochs", "1", "--output", _folder["out"]];

        Assert.Equal(
            Table(CommandRun.Of(["train", "--dataset", points, "--name", "a", .. more])),
            Table(CommandRun.Of(["train", "--dataset", commas, "--name", "b", "--decimal-marker", ",", "--separator", ";", .. more])));
    }

    [Theory]
    [InlineData(",", ",", "is not a finite number, unless its decimal marker is '.'")]
    [InlineData(";", ".", "the fields are to be separated by ';'")]
    public void Train_WrongDelimiterOrDecimalMarker_IsRefused(string delimiter, string marker, string what)
    {
        _folder.Write("points.csv", VectorData.Numbers(80));

        Train(Config("points.csv", delimiter, marker)).AssertFails(ExitCode.BadInput, "points.csv", what);
    }

    [Theory]
    [InlineData(
        """DataSource": {"EscapeCharacter": "x", "FilePath": "a.csv"}""", "'DataSource.EscapeCharacter' is not a setting that mrl reads")]
    [InlineData(
        """DataSource": {"FilePath": "a.csv"}, "TrainingOption": {"Epochs": -1}""", "'TrainingOption.Epochs' is -1. Give 1 or more")]
    [InlineData("""DataSource": {"FilePath": "a.csv"}, "TrainingOption": {"Epochs": "few"}""",
        "'TrainingOption.Epochs' is \"few\". Give a whole number")]
    [InlineData("""DataSource": {"FilePath": "a.csv"}, "TrainingOption": {"Seed": -1}""", "'TrainingOption.Seed' is -1")]
    [InlineData("""DataSource": {"FilePath": "a.csv"}, "TrainingOption": {"TrainingTime": 1e300}""", "'TrainingOption.TrainingTime'")]
    [InlineData("""DataSource": {"FilePath": "a.csv", "DecimalMarker": ";"}""", "'DataSource.DecimalMarker' is ';'")]
    [InlineData("""DataSource": {"FilePath": "a.csv", "Delimiter": "and"}""", "'DataSource.Delimiter' is 'and'")]
    [InlineData("""DataSource": {"FilePath": "a.csv", "ColumnProperties": null}""", "'DataSource.ColumnProperties' is null")]
    [InlineData("""DataSource": {"FilePath": "a.csv", "ColumnProperties": [null]}""", "'DataSource.ColumnProperties[0]' is null")]
    [InlineData("""DataSource": {"FilePath": "a.csv", "ColumnProperties": [{"ColumnName": "x", "ColumnPurpose": "Weight"}]}""", "'Weight'")]
    [InlineData("""DataSource": {"FilePath": "a.csv"}, "Environment": {"Type": "LocalGPU"}""", "'Environment.Type' is 'LocalGPU'")]
    [InlineData("""DataSource": 7""", "'DataSource' is 7. Give an object of settings")]
    [InlineData("""DataSource": {"FilePath": "a.csv"}, "RunHistory": ["\ud800"]""", "surrogate")]
    public void Train_SettingThatCannotBeUsed_IsNamed(string rest, string what)
    {
        File.WriteAllText(_folder["a.mbconfig"], $$"""{"Type": "MrlTrainingConfig", "{{rest}}}""");

        CommandRun run = CommandRun.Of("train", "--training-config", _folder["a.mbconfig"], "--output", _folder["out"]);

        run.AssertFails(ExitCode.BadInput, "--training-config", "a.mbconfig", what);
        Assert.DoesNotContain("Microsoft.ML", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("--verbosity d", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        """DataSource": {"FilePath": "a.csv", "Type": "SqlDataSource"}""",
        "'DataSource.Type' is 'SqlDataSource', but 'a.csv' is read as a TabularFile")]
    [InlineData("""DataSource": {"FilePath": "a.csv", "Type": "ParquetFile"}""", "'DataSource.Type' is 'ParquetFile'")]
    [InlineData("""DataSource": {"FilePath": "a.npy"}""", "'DataSource.Type' is 'TabularFile', but 'a.npy' is read as a NumpyFile")]
    [InlineData("""DataSource": {"FilePath": "a.csv", "Version": 2}""", "'DataSource.Version' is 2")]
    [InlineData(
        """DataSource": {"FilePath": "a.parquet", "Type": "ParquetFile", "Delimiter": ";"}""",
        "'DataSource.Delimiter' is set, but a ParquetFile")]
    [InlineData("""DataSource": {"FilePath": "a.npy", "Type": "NumpyFile", "HasHeader": false}""", "'DataSource.HasHeader' is set")]
    [InlineData(
        """DataSource": {"FilePath": "a.csv"}, "TestDataSource": {"FilePath": "b.npy", "Type": "NumpyFile", "DecimalMarker": ","}""",
        "'TestDataSource.DecimalMarker' is set")]
    [InlineData(
        """DataSource": {"FilePath": "a.csv"}, "ValidationDataSource": {"FilePath": "b.parquet"}""",
        "'ValidationDataSource.Type' is 'TabularFile'")]
    [InlineData(
        """DataSource": {"FilePath": "a.csv"}, "TestDataSource": {"FilePath": " "}""",
        "'TestDataSource.FilePath' is not the name of a file")]
    [InlineData("""DataSource": {"FilePath": "a\u0000b.csv"}""", "'DataSource.FilePath' is not the name of a file")]
    [InlineData("""DataSource": {"FilePath": "a.csv"}, "Environment": {"Version": 2}""", "'Environment.Type' is 'LocalCPU', version 2")]
    [InlineData(
        """DataSource": {"FilePath": "a.csv"}, "TrainingOption": {"Type": "LocalAutoMLExperiment"}""",
        "'TrainingOption.Type' is 'LocalAutoMLExperiment'")]
    [InlineData(
        """DataSource": {"FilePath": "a.csv"}, "TrainingOption": {"Version": 3}""",
        "'TrainingOption.Type' is 'MrlTrainingOption', version 3")]
    [InlineData(
        """DataSource": {"FilePath": "a.csv"}, "TrainingOption": {"Task": "Regression"}""",
        "'TrainingOption.Task' is 'Regression'. Choose one of Classification")]
    [InlineData(
        """DataSource": {"FilePath": "a.csv"}, "TrainingOption": {"Epochs": 1, "Epochs": 2}""",
        "'TrainingOption.Epochs' stands there twice")]
    [InlineData(
        """DataSource": {"FilePath": "a.csv", "ColumnProperties": [{"ColumnName": "x", "ColumnPurpose": "Label", "ColumnDataFormat": "Single"}]}""", "the ColumnDataFormat of column 'x' is 'Single', and a Label is read as String")]
    [InlineData(
        """DataSource": {"FilePath": "a.csv", "ColumnProperties": [{"ColumnName": "x", "ColumnPurpose": "Feature", "ColumnDataFormat": "Boolean"}]}""", "the ColumnDataFormat of column 'x' is 'Boolean'")]
    [InlineData(
        """DataSource": {"FilePath": "a.csv", "ColumnProperties": [{"ColumnName": "x", "ColumnPurpose": "Label", "IsCategorical": false}]}""", "IsCategorical of column 'x' is false")]
    [InlineData(
        """DataSource": {"FilePath": "a.csv", "ColumnProperties": [{"ColumnName": "x", "ColumnPurpose": "Feature", "IsCategorical": true}]}""", "IsCategorical of column 'x' is true")]
    [InlineData(
        """DataSource": {"FilePath": "a.csv", "ColumnProperties": [{"ColumnName": "x", "ColumnPurpose": "Feature", "Type": "Vector"}]}""",
        "the Type of column 'x' is 'Vector'")]
    [InlineData(
        """DataSource": {"FilePath": "a.csv", "ColumnProperties": [{"ColumnName": "x", "ColumnPurpose": "Feature", "ColumnDataFormat": "String"}, {"ColumnName": "y", "ColumnPurpose": "Positive", "ColumnDataFormat": "Vector"}]}""", "the ColumnDataFormat of column 'y' is 'Vector', but the Feature is a text")]
    public void Read_SettingThatWouldHaveNoEffect_IsNamed(string rest, string what)
    {
        File.WriteAllText(_folder["a.mbconfig"], $$"""{"Type": "MrlTrainingConfig", "{{rest}}}""");

        Assert.Contains(
            what, Assert.Throws<CommandException>(() => TrainingConfig.Read(_folder["a.mbconfig"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_TaskThatTheColumnsDoNotMake_IsRefused()
    {
        _folder.Write("points.csv", VectorData.Numbers(80));
        string config = Config("points.csv", ",", ".");
        File.WriteAllText(
            config, File.ReadAllText(config).Replace("\"Epochs\": 1", "\"Epochs\": 1, \"Task\": \"Pairs\"", StringComparison.Ordinal));

        Train(config).AssertFails(ExitCode.BadInput, "Task is Pairs", "make it Classification");
    }

    [Fact]
    public void Train_ItsOwnConfiguration_IsReadAgain()
    {
        string data = _folder.Write("points.csv", VectorData.Numbers(80)),
        test = _folder.Write("test.csv", VectorData.Numbers(40, seed: 2));
        string[] first = Table(CommandRun.Of(
            "train", "--dataset", data, "--test-dataset", test, "--label-col", "kind", "--epochs", "1", "--name", "A", "--output",
            _folder["out"]));

        Assert.Equal(first, Table(Train(_folder["out/A/A.mbconfig"])));
    }

    [Theory]
    [InlineData("train")]
    [InlineData("train", "--dataset", "a.npy")]
    [InlineData("train", "--dataset", "a.parquet", "--test-dataset", "b.npy")]
    public void Train_FormatOfTextForOtherFiles_IsRefused(params string[] args) =>
        CommandRun.Of([.. args, "--separator", ";", "--output", _folder["out"]]).AssertFails(
            ExitCode.BadInput, "--separator", args.Length > 1 ? args[2] : "comes with mrl");

    [Fact]
    public void Read_FileWithoutEnd_IsRefused()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "There is no /dev/zero.");
        File.CreateSymbolicLink(_folder["a.mbconfig"], "/dev/zero");

        Assert.Contains(
            "has more than", Assert.Throws<CommandException>(() => TrainingConfig.Read(_folder["a.mbconfig"])).Message,
            StringComparison.Ordinal);
        Assert.False(TrainingConfig.IsOurs(_folder["a.mbconfig"]));
    }

    [Fact]
    public void Read_BytesThatAreNoText_IsRefused()
    {
        File.WriteAllBytes(_folder["a.mbconfig"], [.. "{\"Type\": \"MrlTrainingConfig\", \"Scenario\": \""u8, 0xFF, 0xFE, .. "\"}"u8]);

        Assert.False(TrainingConfig.IsOurs(_folder["a.mbconfig"]));
        Assert.Contains(
            "UTF-8", Assert.Throws<CommandException>(() => TrainingConfig.Read(_folder["a.mbconfig"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void IsOurs_TypeThatIsHalfAPair_IsNot()
    {
        File.WriteAllText(_folder["a.mbconfig"], """{"Type": "\ud800"}""");

        Assert.False(TrainingConfig.IsOurs(_folder["a.mbconfig"]));
        Assert.False(TrainingConfig.IsOurs("a\0b"));
    }

    private CommandRun Train(string config) => CommandRun.Of("train", "--training-config", config, "--output", _folder["out"]);

    private static string[] Table(CommandRun run)
    {
        Assert.Equal(("", ExitCode.Ok), (run.Error, run.ExitCode));
        return [.. run.Lines.SkipWhile(line => !line.StartsWith("Accuracy", StringComparison.Ordinal)).TakeWhile(
            line => !line.StartsWith("For a share", StringComparison.Ordinal))];
    }

    private string Config(string data, string delimiter, string marker)
    {
        string columns = string.Join(", ", Enumerable.Range(0, VectorData.Width).Select(
            i => $$"""{"ColumnName": "x{{i}}", "ColumnPurpose": "Feature", "ColumnDataFormat": "Single"}"""));
        string path = _folder[$"{Path.GetFileNameWithoutExtension(data)}-config.mbconfig"];
        File.WriteAllText(path, $$$"""
            {
              "Type": "MrlTrainingConfig", "Version": 1, "Scenario": "MatryoshkaEmbedding",
              "DataSource": {
                "FilePath": "{{{data}}}", "Delimiter": "{{{delimiter}}}", "DecimalMarker": "{{{marker}}}",
                "ColumnProperties": [{{{columns}}}, {"ColumnName": "kind", "ColumnPurpose": "Label", "ColumnDataFormat": "String"}]
              },
              "TrainingOption": {"Epochs": 1, "Seed": 3}
            }
            """);
        return path;
    }
}
