using System.Text.Json;
using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;
using Microsoft.ML.Mrl.Tests.Text.Encoders;
using Microsoft.ML.Mrl.TorchSharp.Data;
using Microsoft.ML.Mrl.TorchSharp.Options;
using Microsoft.ML.Mrl.TorchSharp.Training;
using Microsoft.ML.Mrl.TorchSharp.Training.Encoders;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Training.Encoders;

/// <summary>The loss, the table's gradient and a step, from values that a script of the project made with PyTorch in double precision. They
/// lie in the folder Golden.</summary>
[Collection(TorchCollection.Name)]
public class GoldenTrainingTests(ITestOutputHelper output)
{
    [Fact]
    public void Differentiate_GivesTheLossAndGradientOfPyTorch()
    {
        string path = Repository.Golden("static-embedding", "golden.json");
        using var document = JsonDocument.Parse(File.ReadAllText(path));
        JsonElement training = document.RootElement.GetProperty("training");
        var encoder = (StaticTextEncoder)TextEncoder.Load(Path.GetDirectoryName(path)!);
        Sentences[] pairs = [
            .. training.GetProperty("pairs").EnumerateArray()
            .Select(p => new Sentences { Text = p[0].GetString()!, Positive = p[1].GetString()! })];
        var options = new MrlFineTuneEncoderOptions
        {
            OutputColumnName = "Embedding",
            InputColumnName = "Text",
            Encoder = encoder,
            Objective = MrlObjective.Pairs(new PairsOptions { PositiveColumnName = "Positive", ExcludeEqualVectors = false }),
            Dimensions = new MatryoshkaDimensions(training.GetProperty("dims").EnumerateArray().Select(d => d.GetInt32())),
            StartingPoint = StartingPoint.Identity,
            ValidationFraction = 0,
        };
        var context = new MLContext();
        var touched = new TouchedRows(encoder.Content.Table, encoder.Dimensions);
        using ExampleSet examples = ExampleReader.Read(
            Sentences.View(context, pairs), null, "Text", options.Objective.Columns, RowStorage.Of(), new TextTokens(encoder, touched),
            TestContext.Current.CancellationToken);
        TrainingPlan plan = TrainingPlan.For(options, encoder.Dimensions, 0);
        var split = new ExampleSplit([0, 1, 2, 3, 4, 5], []);
        var task = new TrainingTask(plan, examples, split, ScoringRows.Choose(split, new Random(0)));
        using var trainer = new StaticEncoderTrainer(
            task, encoder, touched, (LinearHead)StartingHeads.Raw(plan, encoder.Dimensions, null), scale: 1);

        double loss = trainer.Differentiate([0, 1, 2, 3, 4, 5]);

        Assert.Equal(training.GetProperty("loss").GetDouble(), loss, 2e-5);
        double[] gradient = Whole(trainer.Gradients, touched, encoder);
        output.WriteLine(
            GoldenGradients.AssertEqual(
                training, new Dictionary<string, float[]> { ["embedding.weight"] = Array.ConvertAll(gradient, g => (float)g) }));

        // One step of PyTorch's AdamW, worked out from this gradient: it tells every number's sign.
        JsonElement after = training.GetProperty("after_step").GetProperty("decay_all").GetProperty("embedding.weight");
        double[] stepped = [.. encoder.Content.Table.Zip(gradient, (w, g) => w * (1 - 0.001 * 0.01) - 0.001 * g / (Math.Abs(g) + 1e-8))];
        Assert.Equal(after.GetProperty("sum").GetDouble(), stepped.Sum(), 1e-3);
        Assert.Equal(after.GetProperty("weighted").GetDouble(), Weighted(stepped), 5e-2);
        Assert.Equal(after.GetProperty("l2").GetDouble(), Math.Sqrt(stepped.Sum(w => w * w)), 1e-4);
    }

    private static double[] Whole(RowGradients gradients, TouchedRows touched, StaticTextEncoder encoder)
    {
        var whole = new double[encoder.Content.Table.Length];
        for (int place = 0; place < gradients.Rows.Count; place++)
        {
            ReadOnlySpan<float> row = gradients.At(place);
            for (int d = 0; d < row.Length; d++)
            {
                whole[touched.Rows[gradients.Rows[place]] * encoder.Dimensions + d] = row[d];
            }
        }
        return whole;
    }

    private static double Weighted(double[] values) => values.Select((v, i) => v * (i % 97 + 1)).Sum();
}
