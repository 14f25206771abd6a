using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.Mrl.Tests.Export;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;
using Microsoft.ML.Mrl.Vectors;

namespace Microsoft.ML.Mrl.Tests.Transforms;

public class SaveAsOnnxTests
{
    private readonly MLContext _ml = new(1);
    private readonly float[][] _rows = [
        .. SampleVectors.Random(5, 12), new float[12], [.. Enumerable.Repeat(1e-15f, 12)], [.. Enumerable.Repeat(-3e30f, 12)],
        [.. Enumerable.Repeat(3e-30f, 12)]];

    [Theory]
    [InlineData(EmbeddingNormalization.UnitLength, 1)]
    [InlineData(EmbeddingNormalization.UnitLength, 5)]
    [InlineData(EmbeddingNormalization.UnitLength, 12)]
    [InlineData(EmbeddingNormalization.None, 5)]
    public void TruncateEmbedding_AsOnnx_GivesTheTransformersValues(EmbeddingNormalization normalization, int dimensions) =>
        AssertSame(_ml.Transforms.TruncateEmbedding("Short", "Embedding", dimensions, normalization), "Short");

    [Fact]
    public void MrlTransformer_AsOnnx_GivesTheTransformersValues() =>
        AssertSame(_ml.Transforms.ApplyEmbeddingHead("Mrl", "Embedding", SampleHeads.Random(12, 10, [2, 10])), "Mrl");

    [Theory]
    [InlineData("orthogonal")]
    [InlineData("residual")]
    public void OtherHeads_AsOnnx_GiveTheTransformersValues(string kind) =>
        AssertSame(_ml.Transforms.ApplyEmbeddingHead("Mrl", "Embedding", SampleHeads.Random(kind, 12, 10, [2, 10])), "Mrl");

    [Fact]
    public void TwoResidualHeads_AsOnnx_KeepTheirVariablesApart() => AssertSame(
        _ml.Transforms.ApplyEmbeddingHead("First", "Embedding", SampleHeads.RandomResidual(12, 5, 10, [10]))
            .Append(_ml.Transforms.ApplyEmbeddingHead("Second", "First", SampleHeads.RandomResidual(10, 7, 6, [6], seed: 8))), "First",
            "Second");

    [Fact]
    public void HeadThenTruncation_AsOnnx_GivesTheTransformersValues() =>
        AssertSame(
            _ml.Transforms.ApplyEmbeddingHead("Mrl", "Embedding", SampleHeads.Random(12, 10, [2, 10]))
            .Append(_ml.Transforms.TruncateEmbedding("Short", "Mrl", 4)), "Short");

    [Fact]
    public void TwoTruncations_AsOnnx_KeepTheirVariablesApart() =>
        AssertSame(
            _ml.Transforms.TruncateEmbedding("Long", "Embedding", 8).Append(_ml.Transforms.TruncateEmbedding("Short", "Long", 4)), "Long",
            "Short");

    [Fact]
    public void ColumnsNamedLikeIntermediates_AsOnnx_AreNotConfusedWithThem() =>
        AssertSame(
            _ml.Transforms.TruncateEmbedding("TruncatedEmbedding", "Embedding", 8)
            .Append(_ml.Transforms.TruncateEmbedding("EmbeddingLength", "TruncatedEmbedding", 4)), "TruncatedEmbedding", "EmbeddingLength");

    [Fact]
    public void ColumnsThatChangePlaces_AsOnnx_ReadTheirInputsFirst()
    {
        IDataView view = SampleVectors.View(_ml, _rows);
        view = _ml.Transforms.TruncateEmbedding("Other", "Embedding", 9, EmbeddingNormalization.None).Fit(view).Transform(view);
        InputOutputColumnPair[] swap = [new("Embedding", "Other"), new("Other", "Embedding")];
        TruncateEmbeddingTransformer transformer = _ml.Transforms.TruncateEmbedding(swap, 3).Fit(view);
        var graph = new RecordingOnnxContext();
        string embedding = graph.AddInput("Embedding", 12);
        string other = graph.AddInput("Other", 9);

        Save(transformer, view.Schema, graph);

        var inputs =
            new Dictionary<string, float[]> { [embedding] = [1, 0, 0, 9, 9, 9, 9, 9, 9, 9, 9, 9], [other] = [0, 0, 2, 9, 9, 9, 9, 9, 9] };
        Assert.Equal([0f, 0, 1], OnnxInterpreter.Run(graph, inputs, graph.GetVariableName("Embedding")));
        Assert.Equal([1f, 0, 0], OnnxInterpreter.Run(graph, inputs, graph.GetVariableName("Other")));
    }

    [Fact]
    public void InputThatIsNotInTheGraph_AsOnnx_RemovesTheOutputColumn()
    {
        IDataView view = SampleVectors.View(_ml, _rows);
        var graph = new RecordingOnnxContext();
        graph.AddInput("Short", 3);

        Save(_ml.Transforms.TruncateEmbedding("Short", "Embedding", 3).Fit(view), view.Schema, graph);

        Assert.False(graph.ContainsColumn("Short"));
        Assert.Empty(graph.Nodes);
    }

    [Fact]
    public void TruncateEmbedding_AsOnnxOfAnOperatorSetBeforeBoundsAsInputs_Refuses()
    {
        IDataView view = SampleVectors.View(_ml, _rows);
        var graph = new RecordingOnnxContext(opSet: 10);
        graph.AddInput("Embedding", 12);

        Assert.Throws<InvalidOperationException>(
            () => Save(_ml.Transforms.TruncateEmbedding("Short", "Embedding", 3).Fit(view), view.Schema, graph));
    }

    [Fact]
    public void QuantizeAndDequantize_AsOnnxOfAnOperatorSetBefore11_Refuse()
    {
        IDataView view = SampleVectors.View(_ml, _rows);
        ITransformer quantize = _ml.Transforms.QuantizeEmbedding("Codes", "Embedding", EmbeddingType.Int8).Fit(view);
        IDataView codes = quantize.Transform(view);

        AssertRefuses(quantize, view.Schema, "Embedding");
        AssertRefuses(_ml.Transforms.DequantizeEmbedding("Values", "Codes").Fit(codes), codes.Schema, "Codes");

        static void AssertRefuses(ITransformer step, DataViewSchema schema, string input)
        {
            var graph = new RecordingOnnxContext(opSet: 10);
            graph.AddInput(input, 12);
            Assert.Throws<InvalidOperationException>(() => Save(step, schema, graph));
        }
    }

    [Fact]
    public void TransformedViews_AreStepsThatTheConverterCanWalk()
    {
        IDataView view = SampleVectors.View(_ml, _rows);
        IDataView got = _ml.Transforms.ApplyEmbeddingHead("Mrl", "Embedding", SampleHeads.Random(12, 10, [2, 10]))
            .Append(_ml.Transforms.TruncateEmbedding("Short", "Mrl", 4)).Fit(view).Transform(view);

        var cut = Assert.IsAssignableFrom<ITransformCanSaveOnnx>(got);
        var headed = Assert.IsAssignableFrom<ITransformCanSaveOnnx>(cut.Source);
        Assert.Same(view, headed.Source);
        var graph = new RecordingOnnxContext();
        string input = graph.AddInput("Embedding", 12);
        foreach (ITransformCanSaveOnnx step in (ITransformCanSaveOnnx[])[headed, cut])
        {
            Assert.True(step.CanSaveOnnx(graph));
            step.SaveAsOnnx(graph);
        }
        Assert.Equal(
            SampleVectors.Read(got, "Short")[0], OnnxInterpreter.Run(graph, new() { [input] = _rows[0] }, graph.GetVariableName("Short")),
            (a, b) => Math.Abs(a - b) <= 1e-6f);
    }

    private void AssertSame(IEstimator<ITransformer> estimator, params string[] columns)
    {
        IDataView view = SampleVectors.View(_ml, _rows);
        ITransformer model = estimator.Fit(view);
        IDataView expected = model.Transform(view);
        var graph = new RecordingOnnxContext();
        string input = graph.AddInput("Embedding", 12);

        DataViewSchema schema = view.Schema;
        foreach (ITransformer step in model as IEnumerable<ITransformer> ?? [model])
        {
            schema = Save(step, schema, graph);
        }

        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "model.onnx");
        RecordedModel.Write(graph, [input], columns.Select(graph.GetVariableName), path);
        using var run = new OnnxRun(path);
        foreach (string column in columns)
        {
            float[][] values = SampleVectors.Read(expected, column);
            OnnxRows.AssertSame(values, run.Rows(graph.GetVariableName(column), input, _rows));
            for (int i = 0; i < _rows.Length; i++)
            {
                float[] got = OnnxInterpreter.Run(graph, new() { [input] = _rows[i] }, graph.GetVariableName(column));
                float largest = Math.Max(1, values[i].Max(Math.Abs));
                Assert.Equal(values[i], got, (a, b) => Math.Abs(a - b) <= 1e-6f * largest);
            }
        }
    }

    private static DataViewSchema Save(ITransformer step, DataViewSchema schema, RecordingOnnxContext graph)
    {
        var mapper = Assert.IsAssignableFrom<ISaveAsOnnx>(step.GetRowToRowMapper(schema));
        Assert.True(mapper.CanSaveOnnx(graph));
        mapper.SaveAsOnnx(graph);
        return step.GetOutputSchema(schema);
    }
}
