using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Learning;

namespace Microsoft.ML.Mrl.Cli.Project;

/// <summary>Writes a training down as a configuration.</summary>
internal static class ConfigMaker
{
    /// <summary>The data set's file as it is written down: a file in the folder itself moves with it.</summary>
    public static string DataPath(TrainRequest request, ProjectFolder folder) => request.Dataset is null ? ShippedData.FileName
        : Path.GetDirectoryName(Path.GetFullPath(request.Dataset)) == folder.FullPath ? Path.GetFileName(request.Dataset)
        : Path.GetFullPath(request.Dataset);

    /// <summary>Makes the configuration of a training.</summary>
    /// <param name="request">What was asked for.</param>
    /// <param name="data">What is trained on.</param>
    /// <param name="folder">Where the configuration will be.</param>
    /// <param name="result">What came of it; <see langword="null"/> before the end.</param>
    public static TrainingConfig Make(TrainRequest request, TrainingData data, ProjectFolder folder, TrainResult? result) => new()
    {
        DataSource = new ConfigDataSource
        {
            Type = data.Source.Separator is not null ? "TabularFile" : Path.GetExtension(data.Source.Name).Equals(".npy", StringComparison.OrdinalIgnoreCase) ? "NumpyFile" : "ParquetFile",
            FilePath = DataPath(request, folder),
            Delimiter = data.Source.Separator?.ToString(),
            HasHeader = data.Source.HasHeader,
            ColumnProperties = [.. Columns(data)],
        },
        ValidationDataSource = Other(request, request.ValidationDataset),
        TestDataSource = Other(request, request.TestDataset),
        TrainingOption = new ConfigTrainingOption
        {
            Task = data.Task.ToString(),
            Encoder = request.Encoder?.Recorded,
            Dimensions = request.Dimensions is { } dimensions ? [.. dimensions] : null,
            Epochs = request.Epochs,
            Seed = request.Seed,
            TrainingTime = request.TrainTime?.TotalSeconds,
        },
        RunHistory = result is null ? null : new ConfigRunHistory
        {
            MetricName = result.Comparison?.Systems.PrimaryMetric,
            Trials = [.. Trials(result)],
            Pipeline = result.Model.Encoder is not null ? "MrlFineTuneEncoder" : data.Columns.IsText ? "FeaturizeText, MrlFineTune" : "MrlFineTune",
            HeadFingerprint = result.Model.Head?.Fingerprint,
            EncoderFingerprint = result.Model.Encoder?.Fingerprint,
            RecommendedDimensions = result.Comparison?.Advice?.Dimensions,
        },
    };

    private static ConfigDataSource? Other(TrainRequest request, string? path) => path is null ? null : new ConfigDataSource { FilePath = Path.GetFullPath(path), HasHeader = request.HasHeader };

    private static IEnumerable<ConfigTrial> Trials(TrainResult result) => result.Comparison?.Systems.Reports.Select(report => new ConfigTrial
    {
        TrainerName = report.Name,
        Score = report.Score,
        RuntimeInSeconds = ReferenceEquals(report, result.Comparison.Mrl) ? Math.Round(result.TrainingTime.TotalSeconds, 3) : null,
    }) ?? [];

    // The input's columns first and in their order, which is that of the vector's values.
    private static IEnumerable<ColumnProperty> Columns(TrainingData data)
    {
        ColumnRoles roles = data.Source.Roles;
        var known = new HashSet<int>();
        foreach ((Field? field, string purpose) in new[] { (roles.Input, "Feature"), (roles.Positive, "Positive"), (roles.Negative, "Negative") })
        {
            foreach (int column in field?.Columns ?? [])
            {
                known.Add(column);
                yield return Property(data, column, purpose, field!.Kind switch { FieldKind.Text => "String", FieldKind.Numbers => "Single", _ => "Vector" });
            }
        }
        if ((roles.Label ?? roles.Score) is { } target)
        {
            known.Add(target);
            yield return Property(data, target, roles.Label is null ? "Score" : "Label", roles.Label is null ? "Single" : "String") with { IsCategorical = roles.Label is not null };
        }
        for (int column = 0; column < data.Source.Columns.Count; column++)
        {
            if (!known.Contains(column))
            {
                yield return Property(data, column, "Ignore", "String");
            }
        }
    }

    private static ColumnProperty Property(TrainingData data, int column, string purpose, string format) =>
        new() { ColumnName = data.Source.Columns[column], ColumnPurpose = purpose, ColumnDataFormat = format };
}
