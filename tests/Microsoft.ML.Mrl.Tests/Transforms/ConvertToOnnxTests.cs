using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Quantization;
using Microsoft.ML.Mrl.Tests.Classification;
using Microsoft.ML.Mrl.Tests.TorchSharp;

namespace Microsoft.ML.Mrl.Tests.Transforms;

/// <summary>What <c>mlContext.Model.ConvertToOnnx</c> of Microsoft.ML.OnnxConverter writes gives the numbers of the pipeline.</summary>
[Collection(TorchCollection.Name)]
public class ConvertToOnnxTests
{
    private const int Width = 32;

    private readonly MLContext _ml = new(1);
    private readonly float[][] _rows;
    private readonly string[] _labels;

    public ConvertToOnnxTests()
    {
        (float[] vectors, string[] labels) = AdaptiveClassifierTests.Clusters(1, 600, 0.9f);
        _rows = [.. vectors.Chunk(Width)];
        _labels = labels;
    }

    public static MatrixTheoryData<string, string> StepsAndTrainers =>
        new(["truncate", "head", "pca", "Linear", "Orthogonal", "Residual"], ["", "Sdca", "Lbfgs", "LightGbm"]);

    [Theory]
    [MemberData(nameof(StepsAndTrainers))]
    public void StepsWithAndWithoutATrainer_AsOnnx_GiveThePipelinesNumbers(string step, string trainer)
    {
        IEstimator<ITransformer> pipeline = Step(step);
        pipeline = trainer switch
        {
            "Sdca" =>
                pipeline.Append(_ml.MulticlassClassification.Trainers.SdcaMaximumEntropy("Label", "Out", maximumNumberOfIterations: 5)),
            "Lbfgs" => pipeline.Append(_ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy("Label", "Out")),
            "LightGbm" => pipeline.Append(_ml.MulticlassClassification.Trainers.LightGbm("Label", "Out", numberOfIterations: 5)),
            _ => pipeline,
        };
        string column = trainer == "" ? "Out" : "Score";
        ITransformer model = pipeline.Fit(Labelled());
        IDataView view = SampleVectors.View(_ml, _rows);
        using var converted = new ConvertedModel(_ml, model, view, column);

        float[][] expected = SampleVectors.Read(model.Transform(view), column);
        float[][] actual = converted.Rows<float>(column, _rows);

        Assert.Equal(_rows.Length, actual.Length);
        Assert.All(
            expected.Zip(actual),
            pair => Assert.Equal(pair.First, pair.Second, (a, b) => Math.Abs(a - b) <= 2e-6f * Math.Max(1, Math.Abs(a))));
    }

    [Theory]
    [InlineData(AdaptiveClassifierKind.NearestCentroid)]
    [InlineData(AdaptiveClassifierKind.Ridge)]
    [InlineData(AdaptiveClassifierKind.Logistic)]
    public void AdaptiveClassify_AsOnnx_GivesThePipelinesClassesScoresAndDimensions(AdaptiveClassifierKind kind)
    {
        ITransformer model = _ml.MulticlassClassification.Trainers.AdaptiveClassify(
            "Label", "Embedding", new AdaptiveClassifierOptions { Kind = kind })
            .Fit(Labelled());
        // Further rows than those that were learned, so that every dimension is the last one for some.
        float[][] rows = [.. AdaptiveClassifierTests.Clusters(2, 600, 1.2f).Vectors.Chunk(Width), new float[Width]];
        IDataView view = SampleVectors.View(_ml, rows);
        using var converted = new ConvertedModel(_ml, model, view, "PredictedLabel", "Score", "Dimensions");

        IDataView output = model.Transform(view);
        int[] dimensions = [.. output.GetColumn<int>("Dimensions")];
        Assert.True(dimensions.Distinct().Count() > 1);
        Assert.Equal(dimensions, converted.Rows<int>("Dimensions", rows).Select(row => row.Single()));
        Assert.Equal(output.GetColumn<uint>("PredictedLabel"), converted.Rows<uint>("PredictedLabel", rows).Select(row => row.Single()));
        Assert.All(output.GetColumn<float[]>("Score").Zip(converted.Rows<float>("Score", rows)), pair =>
            Assert.Equal(pair.First, pair.Second, (a, b) => Math.Abs(a - b) <= 1e-5f));
    }

    [Fact]
    public void AdaptiveClassifyThatUsesOneDimensionOnly_AsOnnx_GivesThePipelinesClasses()
    {
        AdaptivePredictionTransformer fitted = _ml.MulticlassClassification.Trainers.AdaptiveClassify("Label", "Embedding",
            new AdaptiveClassifierOptions { Dimensions = [8] }).Fit(Labelled());
        IDataView view = SampleVectors.View(_ml, _rows);
        using var converted = new ConvertedModel(_ml, fitted, view, "PredictedLabel", "Dimensions");

        Assert.All(converted.Rows<int>("Dimensions", _rows), row => Assert.Equal([8], row));
        Assert.Equal(
            fitted.Transform(view).GetColumn<uint>("PredictedLabel"),
            converted.Rows<uint>("PredictedLabel", _rows).Select(row => row.Single()));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(13)]
    public void QuantizeToBits_AsOnnx_GivesTheTransformersBytes(int dimensions)
    {
        ITransformer model = _ml.Transforms.QuantizeEmbedding("Codes", "Embedding", EmbeddingType.Binary, dimensions)
            .Append(_ml.Transforms.DequantizeEmbedding("Values", "Codes")).Fit(SampleVectors.View(_ml, _rows));
        float[][] rows = [.. _rows, new float[Width], [.. Enumerable.Repeat(-0f, Width)]];
        AssertSame<byte>(model, rows);
    }

    [Fact]
    public void QuantizeToHalf_AsOnnx_GivesTheTransformersBits()
    {
        float[] special =
        [
            0, -0f, 1, -1, 65504, -65504, 65519, 6.1e-5f, 6.0975552e-5f, 5.96e-8f, -5.96e-8f, 2.98e-8f, 2.9e-8f, -1e-20f, 1e-45f, -1e-45f,
            1.00048828125f, 1.001f, 0.33333334f, 2047.5f, 2048.5f, 1023.9999f, 0.99999994f, 3.1415927f, 1e-4f, 1.2e-7f, 4095.9f, 32768,
            -32767.9f, 0.5f, 0.25f, 60000,
        ];
        float[][] rows = [
            special, .. Enumerable.Range(-24, 40)
            .Select(e => Array.ConvertAll(_rows[e + 24], v => Math.Clamp(v * MathF.ScaleB(1, e), -65000, 65000)))];
        AssertSame<ushort>(Quantized(EmbeddingType.Half, rows), rows);
    }

    [Fact]
    public void QuantizeToSignedBytes_AsOnnx_GivesTheTransformersCodes()
    {
        // A dimension without width, and then rows outside of the ranges.
        float[][] known = [.. _rows.Select(row => (float[])[.. row[..^1], 0.25f])];
        AssertSame<sbyte>(Quantized(EmbeddingType.Int8, known), [.. known, .. _rows.Select(row => Array.ConvertAll(row, v => 3 * v))]);
    }

    [Fact]
    public void QuantizeHugeValuesToSignedBytes_AsOnnx_GivesTheTransformersCodes()
    {
        float[][] huge = [.. _rows.Select(row => Array.ConvertAll(row, v => v * 1e38f))];
        AssertSame<sbyte>(Quantized(EmbeddingType.Int8, huge), huge);
    }

    [Theory]
    [InlineData(EmbeddingType.Half)]
    [InlineData(EmbeddingType.Int8)]
    public void QuantizePrefixes_AsOnnx_GivesTheTransformersValuesToOneStep(EmbeddingType type)
    {
        ITransformer model = _ml.Transforms.QuantizeEmbedding("Codes", "Embedding", type, 16)
            .Append(_ml.Transforms.DequantizeEmbedding("Values", "Codes")).Fit(SampleVectors.View(_ml, _rows));
        IDataView view = SampleVectors.View(_ml, _rows);
        using var converted = new ConvertedModel(_ml, model, view, "Values");
        float step = type == EmbeddingType.Half ? 0.0005f : 2f / 255;
        float[][] expected = SampleVectors.Read(model.Transform(view), "Values"), actual = converted.Rows<float>("Values", _rows);
        int different = expected.Zip(actual).Sum(pair => pair.First.Zip(pair.Second).Count(p => p.First != p.Second));
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, (a, b) => Math.Abs(a - b) <= step));
        // Only where the last bit of the length turns a rounding over.
        Assert.True(different <= 0.001 * 16 * _rows.Length, $"{different} values differ.");
    }

    [Fact]
    public void DequantizeAlone_AsOnnx_ReadsTheColumnsAnnotations()
    {
        IDataView view = SampleVectors.View(_ml, _rows);
        IDataView codes = _ml.Transforms.QuantizeEmbedding("Codes", "Embedding", EmbeddingType.Int8).Fit(view).Transform(view);
        ITransformer model = _ml.Transforms.DequantizeEmbedding("Values", "Codes").Fit(codes);
        var pipeline = new TransformerChain<ITransformer>(
            _ml.Transforms.QuantizeEmbedding("Codes", "Embedding", EmbeddingType.Int8).Fit(view), model);
        using var converted = new ConvertedModel(_ml, pipeline, view, "Values");
        Assert.Equal(SampleVectors.Read(model.Transform(codes), "Values"), converted.Rows<float>("Values", _rows));
    }

    private ITransformer Quantized(EmbeddingType type, float[][] rows) => _ml.Transforms.QuantizeEmbedding("Codes", "Embedding", type)
        .Append(_ml.Transforms.DequantizeEmbedding("Values", "Codes")).Fit(SampleVectors.View(_ml, rows));

    // The codes bit by bit, and what they stand for too.
    private void AssertSame<T>(ITransformer model, float[][] rows)
        where T : unmanaged
    {
        IDataView view = SampleVectors.View(_ml, rows);
        IDataView output = model.Transform(view);
        using var converted = new ConvertedModel(_ml, model, view, "Codes", "Values");
        Assert.Equal([.. output.GetColumn<T[]>("Codes")], converted.Rows<T>("Codes", rows));
        float[][] expected = SampleVectors.Read(output, "Values"), actual = converted.Rows<float>("Values", rows);
        Assert.All(expected.Zip(actual), pair =>
            Assert.Equal(pair.First.Select(BitConverter.SingleToInt32Bits), pair.Second.Select(BitConverter.SingleToInt32Bits)));
    }

    private IEstimator<ITransformer> Step(string step) => step switch
    {
        "truncate" => _ml.Transforms.TruncateEmbedding("Out", "Embedding", 12),
        "head" => _ml.Transforms.ApplyEmbeddingHead("Out", "Embedding", SampleHeads.Random(Width, 10, [2, 10])),
        "pca" => _ml.Transforms.PcaRotate("Out", "Embedding", 12),
        _ => _ml.Transforms.MrlFineTune(new MrlFineTuneOptions
        {
            OutputColumnName = "Out",
            InputColumnName = "Embedding",
            Objective = MrlObjective.Classification("Label"),
            Head = Enum.Parse<HeadKind>(step),
            Gate = HarmGate.Off,
            Epochs = 2,
        }),
    };

    private IDataView Labelled()
    {
        var rows = _rows.Zip(_labels, (vector, label) => new { Embedding = vector, Label = label }).ToArray();
        var schema = SchemaDefinition.Create(rows[0].GetType(), SchemaDefinition.Direction.Read);
        schema["Embedding"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, Width);
        IDataView view = _ml.Data.LoadFromEnumerable(rows, schema);
        return _ml.Transforms.Conversion.MapValueToKey("Label").Fit(view).Transform(view);
    }
}
