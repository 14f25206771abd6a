using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Learning;

namespace Microsoft.ML.Mrl.Cli.Project;

/// <summary>Makes the configuration of a training.</summary>
internal static class ConfigMaker
{
    /// <summary>
    /// Returns the path of the data set in the configuration. A file in the folder of the project is relative, so that it moves with it.
    /// </summary>
    public static string DataPath(TrainRequest request, ProjectFolder folder) => request.Dataset is null ? ShippedData.FileName
        : Path.GetDirectoryName(Path.GetFullPath(request.Dataset)) == folder.FullPath ? Path.GetFileName(request.Dataset)
        : Path.GetFullPath(request.Dataset);

    /// <summary>Makes the configuration of a training.</summary>
    /// <param name="request">The request.</param>
    /// <param name="data">The rows.</param>
    /// <param name="folder">The folder that the configuration is written to.</param>
    /// <param name="result">The result; <see langword="null"/> before the end.</param>
    public static TrainingConfig Make(TrainRequest request, TrainingData data, ProjectFolder folder, TrainResult? result) => new()
    {
        DataSource = new ConfigDataSource
        {
            Type = data.Source.IsSavedText ? ConfigSourceCheck.SavedText : ConfigSourceCheck.TypeOf(data.Source.Name),
            FilePath = DataPath(request, folder),
            Delimiter = data.Source.TextFormat?.Separator?.ToString(),
            DecimalMarker = (data.Source.TextFormat ?? new TextFormat()).DecimalMarker.ToString(),
            HasHeader = data.Source.TextFormat?.HasHeader ?? true,
            ColumnProperties = [.. Columns(data)],
        },
        ValidationDataSource = Other(request.ValidationDataset, request.ValidationFormat ?? request.Format),
        TestDataSource = Other(request.TestDataset, request.TestFormat ?? request.Format),
        TrainingOption = new ConfigTrainingOption
        {
            Task = data.Task.ToString(),
            Encoder = request.Encoder?.Recorded,
            Pooling = request.Encoder?.Pooling?.ToString(),
            Tune = request.Tune?.ToString(),
            TextFeatures = request.TextFeatures ? true : null,
            LearningRate = request.LearningRate,
            BatchSize = request.BatchSize,
            Head = request.Head?.ToString(),
            Dimensions = request.Dimensions is { } dimensions ? [.. dimensions] : null,
            Epochs = request.Epochs,
            Seed = request.Seed,
            TrainingTime = request.TrainTime?.TotalSeconds,
        },
        RunHistory = result is null ? null : new ConfigRunHistory
        {
            MetricName = result.Comparison?.Systems.PrimaryMetric,
            Trials = [.. Trials(result)],
            Pipeline = result.Model.Encoder is not null ? "MrlFineTuneEncoder"
                : data.Columns.IsEncoded ? "EncodeText, MrlFineTune"
                : data.Columns.IsText ? "FeaturizeText, MrlFineTune"
                : "MrlFineTune",
            HeadFingerprint = result.Model.Head?.Fingerprint,
            EncoderFingerprint = result.Model.Encoder?.Fingerprint,
            RecommendedDimensions = result.Comparison?.Advice?.Dimensions,
        },
    };

    private static ConfigDataSource? Other(string? path, TextFormat format)
    {
        if (path is null)
        {
            return null;
        }
        TextFormat written = RowReader.TakesFormat(path) ? format : new TextFormat();
        return new ConfigDataSource
        {
            Type = ConfigSourceCheck.TypeOf(path),
            FilePath = Path.GetFullPath(path),
            Delimiter = written.Separator?.ToString(),
            DecimalMarker = written.DecimalMarker.ToString(),
            HasHeader = written.HasHeader,
        };
    }

    private static IEnumerable<ConfigTrial> Trials(TrainResult result) =>
        result.Comparison?.Systems.Reports.Select(report => new ConfigTrial
    {
        TrainerName = report.Name,
        Score = report.Score,
        RuntimeInSeconds = ReferenceEquals(report, result.Comparison.Mrl) ? Math.Round(result.TrainingTime.TotalSeconds, 3) : null,
    }) ?? [];

    // The columns of the input come first and in their order, which is that of the values of the vector.
    private static IEnumerable<ColumnProperty> Columns(TrainingData data)
    {
        ColumnRoles roles = data.Source.Roles;
        var known = new HashSet<int>();
        foreach (
            (Field? field, string purpose) in new[] { (roles.Input, "Feature"), (roles.Positive, "Positive"), (
                roles.Negative, "Negative") })
        {
            foreach (int column in field?.Columns ?? [])
            {
                known.Add(column);
                yield return Property(
                    data, column, purpose, field!.Kind switch { FieldKind.Text => "String", FieldKind.Numbers => "Single", _ => "Vector" });
            }
        }
        if ((roles.Label ?? roles.Score) is { } target)
        {
            known.Add(target);
            yield return Property(data, target, roles.Label is null ? "Score" : "Label", roles.Label is null ? "Single"
                : "String") with { IsCategorical = roles.Label is not null };
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
        new() { ColumnName = data.Source.Columns[column], ColumnPurpose = purpose, ColumnDataFormat = format, IsCategorical = false };
}
