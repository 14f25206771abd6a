using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.Transforms;

namespace Microsoft.ML.Mrl.Tests.Classification;

public class AdaptiveMulticlassTrainerTests
{
    private const int Width = 32;

    private readonly MLContext _ml = new(1);
    private readonly (float[] Vectors, string[] Labels) _data = AdaptiveClassifierTests.Clusters(1, 900, 0.9f);

    [Fact]
    public void Pipeline_PredictsWhatTheClassifierPredicts_AndTheEvaluatorCountsTheSame()
    {
        IDataView view = View();
        var pipeline = _ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(_ml.MulticlassClassification.Trainers.AdaptiveClassify("Label", "Embedding"));
        TransformerChain<AdaptivePredictionTransformer> model = pipeline.Fit(view);
        IDataView output = model.Transform(view);

        AdaptiveClassifier classifier = model.LastTransformer.Model;
        AdaptivePrediction[] expected = [
            .. Enumerable.Range(0, _data.Labels.Length).Select(row => classifier.Predict(_data.Vectors.AsSpan(row * Width, Width)))];
        VBuffer<ReadOnlyMemory<char>> names = default;
        output.Schema["PredictedLabel"].GetKeyValues(ref names);
        Assert.Equal(classifier.Labels, names.DenseValues().Select(name => name.ToString()));
        Assert.Equal(
            expected.Select(p => p.Label), output.GetColumn<uint>("PredictedLabel").Select(key => classifier.Labels[(int)key - 1]));
        Assert.Equal(expected.Select(p => p.Dimensions), output.GetColumn<int>("Dimensions"));
        foreach ((float[] scores, AdaptivePrediction prediction) in output.GetColumn<float[]>("Score").Zip(expected))
        {
            float[] ranked = [.. scores.OrderDescending()];
            Assert.Equal(prediction.Label, classifier.Labels[Array.IndexOf(scores, ranked[0])]);
            Assert.Equal(prediction.Confidence, ranked[0] - ranked[1], 1e-6f);
        }
        double accuracy = expected.Zip(_data.Labels, (p, label) => p.Label == label ? 1.0 : 0).Average();
        Assert.Equal(accuracy, _ml.MulticlassClassification.Evaluate(output).MicroAccuracy, 1e-9);
        Assert.All(
            new[] { "PredictedLabel", "Score", "Dimensions" },
            name => Assert.Contains(pipeline.GetOutputSchema(SchemaShape.Create(view.Schema)), c => c.Name == name));
    }

    [Fact]
    public void KeysInAnotherOrder_StayComparable()
    {
        // The first row is of the last class by name.
        IDataView view = View(row => $"{9 - (row % 6)}");
        view = _ml.Transforms.Conversion.MapValueToKey(
            "Label", keyOrdinality: Microsoft.ML.Transforms.ValueToKeyMappingEstimator.KeyOrdinality.ByValue).Fit(view).Transform(view);

        AdaptivePredictionTransformer model = _ml.MulticlassClassification.Trainers.AdaptiveClassify("Label", "Embedding").Fit(view);

        Assert.Equal(["4", "5", "6", "7", "8", "9"], model.Model.Labels);
        Assert.True(_ml.MulticlassClassification.Evaluate(model.Transform(view)).MicroAccuracy > 0.6);
    }

    [Theory]
    [InlineData(AdaptiveClassifierKind.Ridge)]
    [InlineData(AdaptiveClassifierKind.Logistic)]
    public void ScoresOfLinearClassifiers_AreProbabilities_WhichTheEvaluatorUnderstands(AdaptiveClassifierKind kind)
    {
        IDataView view = View();
        var pipeline = _ml.Transforms.Conversion.MapValueToKey("Label").Append(
            _ml.MulticlassClassification.Trainers.AdaptiveClassify("Label", "Embedding", new AdaptiveClassifierOptions { Kind = kind }));
        TransformerChain<AdaptivePredictionTransformer> model = pipeline.Fit(view);
        IDataView output = model.Transform(view);

        AdaptivePrediction[] expected = model.LastTransformer.Model.PredictMany(_data.Vectors);
        foreach ((float[] scores, AdaptivePrediction prediction) in output.GetColumn<float[]>("Score").Zip(expected))
        {
            Assert.Equal(1, scores.Sum(), 1e-5f);
            Assert.Equal(prediction.Confidence, scores.Max());
            Assert.Equal(prediction.Label, model.LastTransformer.Model.Labels[Array.IndexOf(scores, scores.Max())]);
        }
        Assert.Equal(expected.Select(p => p.Dimensions), output.GetColumn<int>("Dimensions"));
        MulticlassClassificationMetrics metrics = _ml.MulticlassClassification.Evaluate(output);
        Assert.Equal(expected.Zip(_data.Labels, (p, label) => p.Label == label ? 1.0 : 0).Average(), metrics.MicroAccuracy, 1e-9);
        Assert.InRange(metrics.LogLoss, 0, 1);
    }

    [Theory]
    [InlineData(AdaptiveClassifierKind.NearestCentroid)]
    [InlineData(AdaptiveClassifierKind.Ridge)]
    [InlineData(AdaptiveClassifierKind.Logistic)]
    public void SavedModel_InAFreshProcess_GivesTheSameScores(AdaptiveClassifierKind kind)
    {
        IDataView view = View();
        ITransformer model = _ml.MulticlassClassification.Trainers.AdaptiveClassify(
            "Label", "Embedding", new AdaptiveClassifierOptions { Kind = kind }).Fit(view);
        float[][] rows = [_data.Vectors[..Width], _data.Vectors[Width..(2 * Width)]];

        FreshProcess got = FreshProcess.Apply(_ml, model, view.Schema, rows, "Score");

        Assert.Contains(typeof(AdaptivePredictionTransformer).FullName, got.Steps);
        Assert.Equal(model.Transform(view).GetColumn<float[]>("Score").Take(2), got.Columns["Score"]);
        Assert.False(got.HasTorchSharp);
    }

    [Fact]
    public void PredictionEngine_ClassifiesOneRowAfterAnother()
    {
        IDataView view = View();
        AdaptivePredictionTransformer model = _ml.MulticlassClassification.Trainers.AdaptiveClassify("Label", "Embedding").Fit(view);
        using PredictionEngine<Row, Output> engine = _ml.Model.CreatePredictionEngine<Row, Output>(model);
        for (int row = 0; row < 50; row++)
        {
            float[] vector = _data.Vectors[(row * Width)..((row + 1) * Width)];
            AdaptivePrediction expected = model.Model.Predict(vector);
            Output got = engine.Predict(new Row { Embedding = vector });
            Assert.Equal(expected.Dimensions, got.Dimensions);
            Assert.Equal(expected.Label, model.Model.Labels[(int)got.PredictedLabel - 1]);
        }
    }

    [Fact]
    public void WhatDoesNotFit_IsRefused()
    {
        IDataView view = View();
        Assert.Throws<ArgumentOutOfRangeException>(
            () => _ml.MulticlassClassification.Trainers.AdaptiveClassify("Nothing", "Embedding").Fit(view));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => _ml.MulticlassClassification.Trainers.AdaptiveClassify("Label", "Label").Fit(view));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => _ml.MulticlassClassification.Trainers.AdaptiveClassify("Nothing", "Embedding")
            .GetOutputSchema(SchemaShape.Create(view.Schema)));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => _ml.MulticlassClassification.Trainers.AdaptiveClassify("Label", "Label")
            .GetOutputSchema(SchemaShape.Create(view.Schema)));
        Assert.Throws<ArgumentException>(
            () => _ml.MulticlassClassification.Trainers.AdaptiveClassify(
                "Label", "Embedding", new AdaptiveClassifierOptions { AccuracyLoss = -1 }));
        Assert.Throws<InvalidOperationException>(
            () => _ml.MulticlassClassification.Trainers.AdaptiveClassify("Label", "Embedding").Fit(View(_ => "")));
        AdaptivePredictionTransformer model = _ml.MulticlassClassification.Trainers.AdaptiveClassify("Label", "Embedding").Fit(view);
        float[] bad = new float[Width];
        bad[3] = float.NaN;
        using PredictionEngine<Row, Output> engine = _ml.Model.CreatePredictionEngine<Row, Output>(model);
        Assert.Contains(
            "'Embedding' has a NaN", Assert.Throws<InvalidOperationException>(() => engine.Predict(new Row { Embedding = bad })).Message,
            StringComparison.Ordinal);
        IDataView narrow = _ml.Transforms.TruncateEmbedding("Embedding", "Embedding", 8).Fit(view).Transform(view);
        Assert.Contains(
            "expected Vector<Single, 32>", Assert.Throws<ArgumentOutOfRangeException>(() => model.Transform(narrow)).Message,
            StringComparison.Ordinal);
    }

    private IDataView View(Func<int, string>? label = null) =>
        _ml.Data.LoadFromEnumerable(Enumerable.Range(0, _data.Labels.Length).Select(row => new Row
    {
        Embedding = _data.Vectors[(row * Width)..((row + 1) * Width)],
        Label = label is null ? _data.Labels[row] : label(row),
    }));

    private sealed class Row
    {
        [VectorType(Width)]
        public float[] Embedding { get; set; } = [];

        public string Label { get; set; } = "";
    }

    private sealed class Output
    {
        [KeyType(6)]
        public uint PredictedLabel { get; set; }

        public int Dimensions { get; set; }
    }
}
