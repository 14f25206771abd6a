using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Learning;
using Microsoft.ML.Mrl.Cli.Output;

namespace Microsoft.ML.Mrl.Cli.Project;

/// <summary>A training as a file, in the shape of Model Builder's .mbconfig: what was trained on, with which options, and what came of it.</summary>
internal sealed record TrainingConfig
{
    /// <summary>The file's extension.</summary>
    public const string Extension = ".mbconfig";

    private const string OurType = "MrlTrainingConfig";
    private const string OurScenario = "MatryoshkaEmbedding";
    private const int OurVersion = 1;

    private static readonly JsonSerializerOptions s_options = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public string Scenario { get; init; } = OurScenario;

    public ConfigDataSource? DataSource { get; init; }

    public ConfigDataSource? ValidationDataSource { get; init; }

    public ConfigDataSource? TestDataSource { get; init; }

    public ConfigEnvironment Environment { get; init; } = new();

    public ConfigTrainingOption TrainingOption { get; init; } = new();

    public ConfigRunHistory? RunHistory { get; init; }

    public string Type { get; init; } = OurType;

    public int Version { get; init; } = OurVersion;

    /// <summary>Whether a file is there and is a configuration of ours.</summary>
    public static bool IsOurs(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty(nameof(Type), out JsonElement type) && type.ValueKind == JsonValueKind.String && type.GetString() == OurType;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return false;
        }
    }

    /// <summary>The configuration as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, s_options) + "\n";

    /// <summary>Reads a file.</summary>
    /// <exception cref="CommandException">It is not there, is not JSON, or is not of this kind.</exception>
    public static TrainingConfig Read(string path)
    {
        TrainingConfig config;
        try
        {
            string json = File.ReadAllText(path);
            if (!IsOurs(path) && JsonDocument.Parse(json) is not null)
            {
                throw new CommandException($"Cannot use --training-config '{path}': its Type is not '{OurType}'. Give an .mbconfig that mrl train wrote.");
            }
            config = JsonSerializer.Deserialize<TrainingConfig>(json, s_options)!;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new CommandException($"Cannot use --training-config '{path}': {e.Message}", inner: e);
        }
        if (config.Version != OurVersion || config.Scenario != OurScenario)
        {
            throw new CommandException(
                $"Cannot use --training-config '{path}': it is of scenario '{config.Scenario}', version {config.Version}; '{OurScenario}', version {OurVersion} is known.");
        }
        return config.DataSource is null || config.DataSource.FilePath.Length == 0
            ? throw new CommandException($"Cannot use --training-config '{path}': it has no DataSource with a FilePath. Add one, or give --dataset.")
            : config;
    }

    /// <summary>The request that the configuration makes.</summary>
    /// <param name="path">Where it was read from: files are looked for from there, and what is made is named after it.</param>
    public TrainRequest ToRequest(string path)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return new TrainRequest
        {
            Dataset = PathOf(DataSource),
            ValidationDataset = PathOf(ValidationDataSource),
            TestDataset = PathOf(TestDataSource),
            Columns = Columns(path),
            HasHeader = DataSource!.HasHeader,
            Encoder = TrainingOption.Encoder is { } encoder ? new StartingEncoder(encoder == StartingEncoder.FromNothing ? encoder : Path.Combine(folder, encoder)) : null,
            Dimensions = Dimensions(path),
            TrainTime = TrainingOption.TrainingTime is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            Epochs = TrainingOption.Epochs,
            Seed = TrainingOption.Seed,
            Name = Path.GetFileNameWithoutExtension(path),
        };

        string? PathOf(ConfigDataSource? source) => source is null ? null : Path.Combine(folder, source.FilePath);
    }

    private MatryoshkaDimensions? Dimensions(string path)
    {
        try
        {
            return TrainingOption.Dimensions is { Count: > 0 } dimensions ? new MatryoshkaDimensions(dimensions) : null;
        }
        catch (ArgumentException e)
        {
            throw new CommandException($"Cannot use --training-config '{path}': {e.Message.Split(" (Parameter")[0]}", inner: e);
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
        };

        IEnumerable<ColumnProperty> Of(string purpose) => DataSource!.ColumnProperties.Where(column => column.ColumnPurpose == purpose);

        string? Option(string purpose)
        {
            string[] names = [.. Of(purpose).Select(column => column.ColumnName)];
            return names.Length > 1 && names.Any(name => name.Contains(',', StringComparison.Ordinal) || name.Contains("..", StringComparison.Ordinal))
                ? throw new CommandException($"Cannot use --training-config '{path}': names of its vector's columns have commas or '..'. Name the columns on the command line instead.")
                : names.Length == 0 ? null : string.Join(',', names);
        }
    }
}
