using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Learning;
using Microsoft.ML.Mrl.Cli.Models;
using Microsoft.ML.Mrl.Cli.Options;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Project;

/// <summary>Represents a training as a file in the shape of Model Builder's .mbconfig: the data, the options, and the result.</summary>
internal sealed record TrainingConfig
{
    /// <summary>The extension of the file.</summary>
    public const string Extension = ".mbconfig";

    private const string OurType = "MrlTrainingConfig";
    private const string OurScenario = "MatryoshkaEmbedding";
    private const int OurVersion = 1;

    private static readonly JsonSerializerOptions s_options = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public string Scenario { get; init; } = OurScenario;

    public ConfigDataSource? DataSource { get; init; }

    public ConfigDataSource? ValidationDataSource { get; init; }

    public ConfigDataSource? TestDataSource { get; init; }

    public ConfigEnvironment? Environment { get; init; } = new();

    public ConfigTrainingOption? TrainingOption { get; init; } = new();

    public ConfigRunHistory? RunHistory { get; init; }

    public string Type { get; init; } = OurType;

    public int Version { get; init; } = OurVersion;

    /// <summary>Determines whether a file exists and is a configuration of this tool.</summary>
    public static bool IsOurs(string path)
    {
        try
        {
            return IsOurs(ConfigJson.Parse(path));
        }
        catch (CommandException)
        {
            return false;
        }
    }

    /// <summary>Returns the configuration as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, s_options) + "\n";

    /// <summary>Reads a file.</summary>
    /// <exception cref="CommandException">The file is missing, is not JSON, or has a setting that cannot be used.</exception>
    public static TrainingConfig Read(string path)
    {
        JsonElement root = ConfigJson.Parse(path);
        if (!IsOurs(root))
        {
            throw ConfigJson.Wrong(path, $"its Type is not '{OurType}'. Give an .mbconfig that mrl train wrote.");
        }
        ConfigSchema.Check(root, path);
        TrainingConfig config;
        try
        {
            // The result of an earlier training may be in another form.
            config = root.Deserialize<TrainingConfig>(s_options)!;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw ConfigJson.Wrong(path, $"it is not a configuration that mrl train wrote ({Failures.Sentence(e)}).", e);
        }
        config.CheckValues(path);
        return config;
    }

    /// <summary>Returns the request that the configuration makes.</summary>
    /// <param name="path">The path that it was read from. Files are looked for from there, and the project has that name.</param>
    public TrainRequest ToRequest(string path)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        ConfigTrainingOption option = TrainingOption ?? new();
        return new TrainRequest
        {
            Dataset = PathOf(DataSource),
            ValidationDataset = PathOf(ValidationDataSource),
            TestDataset = PathOf(TestDataSource),
            Columns = Columns(path),
            Task = Word<TaskKind>(path, nameof(option.Task), option.Task),
            Format = Format(DataSource!),
            ValidationFormat = ValidationDataSource is { } validation ? Format(validation) : null,
            TestFormat = TestDataSource is { } test ? Format(test) : null,
            Encoder = option.Encoder is { } encoder
                ? StartingEncoder.FromRecorded(encoder, folder) with
                {
                    Pooling = Word<NamedPooling>(path, nameof(option.Pooling), option.Pooling),
                }
                : null,
            Tune = Word<TunedPart>(path, nameof(option.Tune), option.Tune),
            TextFeatures = option.TextFeatures ?? false,
            LearningRate = option.LearningRate,
            BatchSize = option.BatchSize,
            Head = Word<HeadKind>(path, nameof(option.Head), option.Head),
            Dimensions = Dimensions(path),
            TrainTime = option.TrainingTime is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            Epochs = option.Epochs,
            Seed = option.Seed,
            Name = Path.GetFileNameWithoutExtension(path),
        };

        string? PathOf(ConfigDataSource? source) => source is null ? null : Path.Combine(folder, source.FilePath);
    }

    private static bool IsOurs(JsonElement root) => root.ValueKind == JsonValueKind.Object
        && root.TryGetProperty(nameof(Type), out JsonElement type) && type.ValueKind == JsonValueKind.String && type.ValueEquals(OurType);

    private static TextFormat Format(ConfigDataSource source) => new()
    {
        HasHeader = source.HasHeader,
        Separator = string.IsNullOrEmpty(source.Delimiter) ? null : OptionValues.SeparatorOf(source.Delimiter),
        DecimalMarker = source.DecimalMarker[0],
    };

    private void CheckValues(string path)
    {
        if (Version != OurVersion || Scenario != OurScenario)
        {
            throw ConfigJson.Wrong(
                path, $"it is of scenario '{Scenario}', version {Version}. mrl reads '{OurScenario}', version {OurVersion}.");
        }
        if (DataSource is not { FilePath.Length: > 0 })
        {
            throw ConfigJson.Wrong(path, "it has no DataSource with a FilePath. Add one, or give --dataset.");
        }
        foreach ((string key, ConfigDataSource? source) in new[]
        {
            ("DataSource", DataSource), ("ValidationDataSource", ValidationDataSource), ("TestDataSource", TestDataSource),
        })
        {
            if (source is not null)
            {
                ConfigSourceCheck.Throw(path, key, source, source == DataSource);
            }
        }
        if (Environment is { } environment && (environment.Type != "LocalCPU" || environment.Version != OurVersion))
        {
            throw ConfigJson.Wrong(
                path, $"'Environment.Type' is '{environment.Type}', version {environment.Version}. mrl trains on the processor: "
                + $"give LocalCPU, version {OurVersion}, or remove Environment.");
        }
        ConfigTrainingOption option = TrainingOption ?? new();
        if (option.Type != new ConfigTrainingOption().Type || option.Version != OurVersion)
        {
            throw ConfigJson.Wrong(path, $"'TrainingOption.Type' is '{option.Type}', version {option.Version}. Give "
                + $"{new ConfigTrainingOption().Type}, version {OurVersion}, or remove both.");
        }
        if (option.Epochs < 1)
        {
            throw ConfigJson.Wrong(path, $"'TrainingOption.Epochs' is {option.Epochs}. Give 1 or more, or remove it.");
        }
        if (option.Seed < 0)
        {
            throw ConfigJson.Wrong(path, $"'TrainingOption.Seed' is {option.Seed}. Give 0 or more.");
        }
        if (option.TrainingTime is { } seconds && !(seconds > 0 && seconds <= TimeSpan.MaxValue.TotalSeconds / 2))
        {
            throw ConfigJson.Wrong(
                path, FormattableString.Invariant(
                    $"'TrainingOption.TrainingTime' is {seconds}. Give a number of seconds above 0, or remove it."));
        }
        if (option.BatchSize < 2)
        {
            throw ConfigJson.Wrong(path, $"'TrainingOption.BatchSize' is {option.BatchSize}. Give 2 or more, or remove it.");
        }
        if (option.LearningRate <= 0)
        {
            throw ConfigJson.Wrong(path, FormattableString.Invariant(
                $"'TrainingOption.LearningRate' is {option.LearningRate}. Give a number above 0, or remove it."));
        }
        if (Word<NamedPooling>(path, nameof(option.Pooling), option.Pooling) is not null && option.Encoder is null)
        {
            throw ConfigJson.Wrong(path, "'TrainingOption.Pooling' is set without an Encoder, whose tokens it would pool. Remove it.");
        }
        Word<TaskKind>(path, nameof(option.Task), option.Task);
        Word<TunedPart>(path, nameof(option.Tune), option.Tune);
        Word<HeadKind>(path, nameof(option.Head), option.Head);
        Dimensions(path);
    }

    private static T? Word<T>(string path, string key, string? word)
        where T : struct, Enum => word is null ? null
        : Enum.TryParse(word, out T value) && Enum.IsDefined(value) ? value
        : throw ConfigJson.Wrong(
            path, $"'TrainingOption.{key}' is '{word}'. Choose one of {string.Join(", ", Enum.GetNames<T>())}, or remove it.");

    private MatryoshkaDimensions? Dimensions(string path)
    {
        try
        {
            return TrainingOption?.Dimensions is { Count: > 0 } dimensions ? new MatryoshkaDimensions(dimensions) : null;
        }
        catch (ArgumentException e)
        {
            throw ConfigJson.Wrong(path, $"'TrainingOption.Dimensions' cannot be used: {Failures.Sentence(e)}", e);
        }
    }

    private RoleNames Columns(string path)
    {
        ColumnProperty[] features = [.. Of("Feature")];
        bool isText = features is [{ ColumnDataFormat: "String" }];
        string? input = Option("Feature");
        return new RoleNames
        {
            Text = isText ? input : null,
            Vector = isText ? null : input,
            Positive = Option("Positive"),
            Negative = Option("Negative"),
            Label = Option("Label"),
            Score = Option("Score"),
            IgnoredNames = Of("Ignore").Any() ? [.. Of("Ignore").Select(column => column.ColumnName)] : null,
        };

        IEnumerable<ColumnProperty> Of(string purpose) => DataSource!.ColumnProperties.Where(column => column.ColumnPurpose == purpose);

        string? Option(string purpose)
        {
            string[] names = [.. Of(purpose).Select(column => column.ColumnName)];
            return names.Length > 1 && names.Any(ColumnFinder.IsList)
                ? throw ConfigJson.Wrong(
                    path, "names of its vector's columns have commas or '..'. Name the columns on the command line instead.")
                : names.Length == 0 ? null : string.Join(',', names);
        }
    }
}
