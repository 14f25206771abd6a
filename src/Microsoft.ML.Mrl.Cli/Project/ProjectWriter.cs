using Microsoft.ML.Mrl.Cli.Data;
using Microsoft.ML.Mrl.Cli.Evaluate;
using Microsoft.ML.Mrl.Cli.Learning;
using Microsoft.ML.Mrl.Export.Onnx;

namespace Microsoft.ML.Mrl.Cli.Project;

/// <summary>Writes everything but the model into the folder of a project.</summary>
internal sealed class ProjectWriter(TrainRequest request, TrainingData data, TrainResult result, ProjectFolder folder)
{
    private const string ReportFile = "report.html";

    private readonly string _name = folder.Name.FileName;

    /// <summary>Writes all files.</summary>
    public void WriteAll(MLContext mlContext)
    {
        if (result.Model.Encoder is { } encoder)
        {
            folder.WriteEncoder(encoder);
        }
        else
        {
            folder.Claim(folder.OnnxFile).WriteAt(path => mlContext.Mrl().ExportToOnnx(result.Model.Head!, path));
        }
        if (request.Dataset is null)
        {
            folder.Write(ShippedData.FileName, ShippedData.Write);
        }
        var source = new ProjectSource(folder.Name, data, request, result, ConfigMaker.DataPath(request, folder));
        folder.WriteText($"{_name}.consumption.cs", ConsumptionCode.Write(source));
        folder.WriteText($"{_name}.training.cs", TrainingCode.Write(source));
        folder.WriteText($"{_name}.evaluate.cs", EvaluateCode.Write(source));
        folder.WriteText("Program.cs", ProgramCode.Write(source));
        folder.WriteText($"{_name}.csproj", ProjectFileCode.Write(source));
        folder.WriteText("nuget.config", ProjectFileCode.WriteNuGetConfig());
        LibraryPackages.Write(folder);
        if (data.Test.Count > 0)
        {
            IDataView test = ExampleView.Of(mlContext, [.. data.Test], data.Source.Width, data.Columns.OfRows);
            folder.Write(folder.HeldOutFile, stream => mlContext.Data.SaveAsBinary(test, stream));
        }
        if (result.Comparison is { } comparison)
        {
            folder.WriteText(ReportFile, comparison.Systems.ToHtml(title: $"{_name}: {TaskText.Name(data.Task)}"));
        }
        folder.WriteText(folder.ConfigFile, ConfigMaker.Make(request, data, folder, result).ToJson());
    }
}
