using System.Globalization;

namespace Microsoft.ML.Mrl.Cli;

/// <summary>Writes everything but the model into the folder of a training.</summary>
internal sealed class ProjectWriter(TrainRequest request, TrainingData data, TrainResult result, ProjectFolder folder)
{
    private const string ReportFile = "report.html";

    private readonly string _name = folder.Name.FileName;

    /// <summary>Writes all files.</summary>
    public void WriteAll(MLContext mlContext)
    {
        folder.Write(folder.OnnxFile, path => mlContext.Mrl().ExportToOnnx(result.Head, path));
        if (request.Dataset is null)
        {
            folder.Write(ShippedData.FileName, ShippedData.Write);
        }
        var source = new ProjectSource(folder.Name, data, request, result, DataPath());
        folder.WriteText($"{_name}.consumption.cs", ConsumptionCode.Write(source));
        folder.WriteText($"{_name}.training.cs", TrainingCode.Write(source));
        folder.WriteText($"{_name}.evaluate.cs", EvaluateCode.Write(source));
        folder.WriteText("Program.cs", ProgramCode.Write(source));
        folder.WriteText($"{_name}.csproj", ProjectFileCode.Write(source));
        if (result.Comparison is { } comparison)
        {
            folder.WriteText(ReportFile, comparison.Systems.ToHtml(new ReportPageOptions
            {
                Title = $"{_name}: {TaskText.Name(data.Task)}",
                Recommendations = comparison.Advice is { } advice ? [advice] : [],
            }));
        }
        // Last: a folder with a configuration is one that is complete.
        folder.WriteText(folder.ConfigFile, Config().ToJson());
    }

    // A file in the folder itself moves with it.
    private string DataPath() => request.Dataset is null ? ShippedData.FileName
        : Path.GetDirectoryName(Path.GetFullPath(request.Dataset)) == folder.FullPath ? Path.GetFileName(request.Dataset)
        : Path.GetFullPath(request.Dataset);

    private TrainingConfig Config() => new()
    {
        DataSource = new ConfigDataSource
        {
            Type = data.Source.Separator is not null ? "TabularFile" : Path.GetExtension(data.Source.Name).Equals(".npy", StringComparison.OrdinalIgnoreCase) ? "NumpyFile" : "ParquetFile",
            FilePath = DataPath(),
            Delimiter = data.Source.Separator?.ToString(),
            HasHeader = data.Source.HasHeader,
            ColumnProperties = [.. Columns()],
        },
        ValidationDataSource = Other(request.ValidationDataset),
        TestDataSource = Other(request.TestDataset),
        TrainingOption = new ConfigTrainingOption
        {
            Task = data.Task.ToString(),
            Dimensions = request.Dimensions is { } dimensions ? [.. dimensions] : null,
            Epochs = request.Epochs,
            Seed = request.Seed,
            TrainingTime = request.TrainTime?.TotalSeconds,
        },
        RunHistory = new ConfigRunHistory
        {
            MetricName = result.Comparison?.Systems.PrimaryMetric,
            Trials = [.. Trials()],
            Pipeline = data.Columns.IsText ? "FeaturizeText, MrlFineTune" : "MrlFineTune",
            HeadFingerprint = result.Head.Fingerprint,
            RecommendedDimensions = result.Comparison?.Advice?.Dimensions,
        },
    };

    private ConfigDataSource? Other(string? path) => path is null ? null : new ConfigDataSource { FilePath = Path.GetFullPath(path), HasHeader = request.HasHeader };

    private IEnumerable<ConfigTrial> Trials() => result.Comparison?.Systems.Reports.Select(report => new ConfigTrial
    {
        TrainerName = report.System,
        Score = report.Score,
        RuntimeInSeconds = ReferenceEquals(report, result.Comparison.Mrl) ? Math.Round(result.TrainingTime.TotalSeconds, 3) : null,
    }) ?? [];

    // The input's columns first and in their order, which is that of the vector's values.
    private IEnumerable<ColumnProperty> Columns()
    {
        ColumnRoles roles = data.Source.Roles;
        var known = new HashSet<int>();
        foreach ((Field? field, string purpose) in new[] { (roles.Input, "Feature"), (roles.Positive, "Positive"), (roles.Negative, "Negative") })
        {
            foreach (int column in field?.Columns ?? [])
            {
                known.Add(column);
                yield return Property(column, purpose, field!.Kind switch { FieldKind.Text => "String", FieldKind.Numbers => "Single", _ => "Vector" });
            }
        }
        if ((roles.Label ?? roles.Score) is { } target)
        {
            known.Add(target);
            yield return Property(target, roles.Label is null ? "Score" : "Label", roles.Label is null ? "Single" : "String") with { IsCategorical = roles.Label is not null };
        }
        for (int column = 0; column < data.Source.Columns.Count; column++)
        {
            if (!known.Contains(column))
            {
                yield return Property(column, "Ignore", "String");
            }
        }
    }

    private ColumnProperty Property(int column, string purpose, string format) =>
        new() { ColumnName = data.Source.Columns[column], ColumnPurpose = purpose, ColumnDataFormat = format };
}
