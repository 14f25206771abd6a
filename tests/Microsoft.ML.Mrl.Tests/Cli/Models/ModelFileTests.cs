using Microsoft.ML.Mrl.Cli.Output;
using Microsoft.ML.Mrl.Tests.Transforms;

namespace Microsoft.ML.Mrl.Tests.Cli.Models;

public sealed class ModelFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Evaluate_ModelWhoseStepsDoNotFitItsSchema_IsRefusedByName()
    {
        var mlContext = new MLContext();
        IDataView rows = SampleVectors.View(mlContext, SampleVectors.Random(3, 4));
        IDataView others = mlContext.Transforms.CopyColumns("Renamed", "Embedding").Append(mlContext.Transforms.DropColumns("Embedding"))
            .Fit(rows).Transform(rows);
        ITransformer model = mlContext.Transforms.ApplyEmbeddingHead("Short", "Embedding", SampleHeads.Random(4, 2, [1, 2])).Fit(rows);
        mlContext.Model.Save(model, others.Schema, _folder["m.zip"]);
        string data = _folder.Write("vectors.csv", VectorData.Numbers(40));

        CommandRun.Of("evaluate", _folder["m.zip"], "--dataset", data, "--label-col", "kind").AssertFails(
            ExitCode.BadInput, "m.zip': its steps do not fit the schema saved with it", "It is damaged: copy it again.");
    }
}
